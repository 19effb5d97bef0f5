package alias

import (
	"strings"

	"detour/internal/lazyregexp"
)

// aName matches a name that [Table.Name] or [Table.Address] gives.
var aName = lazyregexp.New(`^[a-z]{1,10}-([0-9]{1,9}|other)$`)

// maxValue limits the length of a value that is adopted, in bytes: more than a host's name has.
const maxValue = 512

// Adopt gives a value the name that it has in another table, which goes on to give names, so that
// two people say the same. Several values may have one name there; see [Table.Also]. It ignores what
// isn't a name, a second name of a value, and what is too long. What this table names itself is
// called host-w1, which no name of the other table is, until that has a name for it.
func (t *Table) Adopt(value, name string) {
	if t == nil || !aName.MatchString(name) || len(value) > maxValue {
		return
	}
	a, isAddress := parseAddress(value)
	if a = a.Unmap().WithZone(""); isAddress {
		value = a.String()
	}
	value, name = strings.Clone(strings.ToLower(value)), strings.Clone(name)
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.others)+len(t.addresses) >= 2*maxNames {
		return
	}
	if t.copied = true; t.values == nil {
		t.last, t.values = make(map[Kind]int), make(map[string]string)
	}
	if _, known := t.values[name]; !known && !strings.HasSuffix(name, "-other") {
		t.values[name] = value
	}
	if isAddress {
		setName(&t.addresses, a, name)
	} else {
		setName(&t.others, value, name)
	}
}

// setName gives a key a name, unless it has one of the other table's.
func setName[K comparable](names *map[K]string, key K, name string) {
	if *names == nil {
		*names = make(map[K]string)
	}
	if have := (*names)[key]; have == "" || strings.Contains(have, "-w") {
		(*names)[key] = name
	}
}
