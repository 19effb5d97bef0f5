// Package alias gives short names to what is masked or replaced by stand-ins: account-1,
// private-2, host-3. A [Table] has the names of one run, so the same thing has the same name on
// a masked screen, in a finding and in a report, and two people can speak of it.
package alias

import (
	"net/netip"
	"strconv"
	"strings"
	"sync"

	"detour/internal/flow"
	"detour/internal/lazyregexp"
)

// A Kind says what is named. It is the first part of the name.
type Kind string

// The kinds.
const (
	Account Kind = "account" // the ID of an AWS account
	Client  Kind = "client"  // an address from which the machine connected
	Private Kind = "private" // another address that isn't public
	Public  Kind = "public"  // another public address
	Host    Kind = "host"    // a host, or a label of its name; the ID of something in a VPC has its own, such as sg
	Name    Kind = "name"    // a resource of an ARN, a person, a role
	Email   Kind = "email"   // an e-mail address
)

// maxNames limits the names of a table. What comes later is called by its kind and "other":
// a name is never used for a second value.
const maxNames = 1 << 16

// A Table has the names of a run, numbered by kind in the order of first use. It doesn't
// forget one. Its methods may be called concurrently; those of a nil Table give no names. The
// zero value is empty.
type Table struct {
	mu        sync.Mutex
	addresses map[netip.Addr]string
	others    map[string]string // names by value, in lower case
	values    map[string]string // values by name
	last      map[Kind]int
	copied    bool // it has another table's names
}

// Name returns the name of a value, regardless of case: the same one each time, whatever the
// kind.
func (t *Table) Name(kind Kind, value string) string {
	if t == nil {
		return value
	}
	value = strings.ToLower(value)
	t.mu.Lock()
	defer t.mu.Unlock()
	if name, ok := t.others[value]; ok {
		return name
	}
	name, ok := t.next(kind, value)
	if !ok {
		return name
	}
	if t.others == nil {
		t.others = make(map[string]string)
	}
	t.others[strings.Clone(value)] = name
	return name
}

// Address returns the name of an address: as a client's if it was learned as one, else as a
// private or a public one. An IPv4 address that is mapped to IPv6 is the IPv4 address.
func (t *Table) Address(a netip.Addr) string {
	if flow.ScopeOf(a) == flow.ScopePublic {
		return t.address(Public, a)
	}
	return t.address(Private, a)
}

func (t *Table) address(kind Kind, a netip.Addr) string {
	if t == nil {
		return a.String()
	}
	a = a.Unmap().WithZone("")
	t.mu.Lock()
	defer t.mu.Unlock()
	if name, ok := t.addresses[a]; ok {
		return name
	}
	name, ok := t.next(kind, a.String())
	if !ok {
		return name
	}
	if t.addresses == nil {
		t.addresses = make(map[netip.Addr]string)
	}
	t.addresses[a] = name
	return name
}

// Of returns the name of a value that says by its form what it is: an account's ID, an address,
// an e-mail address, or the ID of something in a VPC. Any other value is of the given kind.
func (t *Table) Of(kind Kind, value string) string {
	if a, ok := parseAddress(value); ok {
		return t.Address(a)
	}
	if id, ok := accountID(value); ok {
		return t.Name(Account, id)
	}
	if m := resource.FindStringSubmatch(value); m != nil {
		kind = Kind(m[1])
	}
	if strings.IndexByte(value, '@') > 0 {
		kind = Email
	}
	return t.Name(kind, value)
}

// resource matches the ID of something in a VPC, whose kind is what it begins with: sg-1.
var resource = lazyregexp.New(`^(vpce|vpc|subnet|eni|sgr|sg|rtb|igw|eigw|nat|acl|pcx|tgw|vgw|cgw|vpn|lgw|pl|dopt` +
	`|eipalloc|eipassoc|ami|vol|snap|i|d)(?:-svc|-attach|-rtb)?-[0-9a-f]{8,17}(?:-[0-9a-z-]+)?$`)

// Known returns the name of a value if it has one.
func (t *Table) Known(value string) (string, bool) {
	if t == nil {
		return "", false
	}
	if a, ok := parseAddress(value); ok {
		return t.known(a)
	}
	if id, ok := accountID(value); ok {
		value = id
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	name, ok := t.others[strings.ToLower(value)]
	return name, ok
}

// Also gives a value the name of another one, if neither it nor the table's space is taken: the
// first label of a host stands for the host.
func (t *Table) Also(value, of string) {
	if t == nil {
		return
	}
	value, of = strings.ToLower(value), strings.ToLower(of)
	t.mu.Lock()
	defer t.mu.Unlock()
	if name, ok := t.others[of]; ok && t.others[value] == "" && len(t.others) < 2*maxNames {
		t.others[strings.Clone(value)] = name
	}
}

// parseAddress parses an address, also an IPv4 one with leading zeros.
func parseAddress(s string) (netip.Addr, bool) {
	if s == "" || strings.Trim(s[:1], "0123456789abcdefABCDEF:") != "" {
		return netip.Addr{}, false
	}
	a, err := netip.ParseAddr(s)
	if err == nil {
		return a, true
	}
	parts := strings.Split(s, ".")
	if len(parts) != 4 {
		return netip.Addr{}, false
	}
	for i, p := range parts {
		if len(p) > 3 {
			return netip.Addr{}, false
		}
		if parts[i] = strings.TrimLeft(p, "0"); parts[i] == "" {
			parts[i] = "0"
		}
	}
	a, err = netip.ParseAddr(strings.Join(parts, "."))
	return a, err == nil
}

// accountID returns the digits of an account's ID, which may be in groups of four.
func accountID(s string) (string, bool) {
	if len(s) == len("1234-5678-9012") && (s[4] == '-' || s[4] == ' ') && s[9] == s[4] {
		s = s[:4] + s[5:9] + s[10:]
	}
	return s, len(s) == 12 && strings.Trim(s, "0123456789") == ""
}

// known returns the name of an address if it has one.
func (t *Table) known(a netip.Addr) (string, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	name, ok := t.addresses[a.Unmap().WithZone("")]
	return name, ok
}

// next gives a value the next name of a kind. ok is false if the table is full.
func (t *Table) next(kind Kind, value string) (name string, ok bool) {
	if len(t.values) >= maxNames {
		return string(kind) + "-other", false
	}
	if t.last == nil {
		t.last, t.values = make(map[Kind]int), make(map[string]string)
	}
	t.last[kind]++
	number := strconv.Itoa(t.last[kind])
	if t.copied {
		number = "w" + number // of a watcher
	}
	name = string(kind) + "-" + number
	t.values[name] = strings.Clone(value)
	return name, true
}

// Value returns what a name stands for, in lower case.
func (t *Table) Value(name string) (string, bool) {
	if t == nil {
		return "", false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	v, ok := t.values[strings.ToLower(name)]
	return v, ok
}

// Take gives a value the name that another table has for it: a copy of that table has the same
// names. What the copy names itself is called host-w1, which no name of the other table is.
func (t *Table) Take(value, name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.copied = true; len(t.values) >= maxNames || t.values[name] != "" {
		return
	}
	if t.values == nil {
		t.last, t.values = make(map[Kind]int), make(map[string]string)
	}
	value, name = strings.Clone(value), strings.Clone(name)
	if a, err := netip.ParseAddr(value); err == nil {
		if t.addresses == nil {
			t.addresses = make(map[netip.Addr]string)
		}
		t.addresses[a.Unmap().WithZone("")] = name
	} else {
		if t.others == nil {
			t.others = make(map[string]string)
		}
		t.others[strings.ToLower(value)] = name
	}
	t.values[name] = strings.ToLower(value)
}
