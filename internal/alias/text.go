package alias

import (
	"maps"
	"net/netip"
	"strings"

	"detour/internal/flow"
	"detour/internal/lazyregexp"
)

// Notice says at the top of a strict text what its names are.
const Notice = "Account IDs, addresses and names are stand-ins, such as account-1, private-1 and host-1: " +
	"put the real ones into a command before you run it."

// standIn matches what strict records have stand-ins for: pseudonyms, and addresses.
var standIn = lazyregexp.New(`redacted-([a-z]{1,10})-[0-9a-f]{10}` +
	`|[0-9]{1,3}(?:\.[0-9]{1,3}){3}` +
	`|[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7}(?:(?:\.[0-9]{1,3}){3})?`)

// Texts puts names into texts about strict records. Its methods may be called concurrently. The
// zero value changes nothing.
type Texts struct {
	names     *Table
	originals *StandIns
	used      map[string]string // names that were put in, by stand-in; nil: they aren't collected
	servers   bool              // their addresses stay
}

// KeepingServers returns a Texts that names no address except those of clients: the records have
// the real ones of servers.
func (t Texts) KeepingServers() Texts {
	t.servers = true
	return t
}

// Texts returns what puts the table's names into texts. originals knows what stand-ins stand for:
// these then have the same names as what they stand for. If it is nil, stand-ins are named
// themselves.
func (t *Table) Texts(originals *StandIns) Texts {
	return Texts{names: t, originals: originals}
}

// original returns what an address stands for.
func (t Texts) original(a netip.Addr) netip.Addr {
	if s, ok := t.originals.original(a.Unmap().WithZone("").String()); ok {
		if o, err := netip.ParseAddr(s); err == nil {
			return o
		}
	}
	return a
}

// Text returns s with names in place of stand-ins. Nothing else in it changes.
func (t Texts) Text(s string) string {
	if t.names == nil || len(s) < 3 {
		return s
	}
	var b strings.Builder
	done := 0
	for _, m := range standIn.FindAllStringSubmatchIndex(s, -1) {
		name := ""
		if m[2] >= 0 {
			v := s[m[0]:m[1]]
			if o, ok := t.originals.original(v); ok {
				v = o
			}
			name = t.names.Name(kindOf(s[m[2]:m[3]]), v)
		} else if a, err := netip.ParseAddr(s[m[0]:m[1]]); err == nil && apart(s, m[0], m[1]) {
			known, ok := t.names.known(t.original(a))
			switch {
			case ok && (!t.servers || strings.HasPrefix(known, string(Client))):
				name = known
			case !t.servers && isReplaced(a):
				name = t.names.Address(t.original(a))
			}
		}
		if name != "" {
			if t.used != nil {
				t.used[s[m[0]:m[1]]] = name
			}
			b.WriteString(s[done:m[0]])
			b.WriteString(name)
			done = m[1]
		}
	}
	if done == 0 {
		return s
	}
	return b.String() + s[done:]
}

// apart reports whether s[from:to] isn't part of a longer word.
func apart(s string, from, to int) bool {
	return (from == 0 || !isAlnum(s[from-1])) && (to == len(s) || !isAlnum(s[to]))
}

func isAlnum(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

// kindOf returns the kind of a pseudonym's kind.
func kindOf(pseudonym string) Kind {
	if pseudonym == "address" {
		return Private
	}
	return Kind(pseudonym)
}

// clientName matches the name of a client's address.
var clientName = lazyregexp.New(`\bclient-(?:w?[0-9]+|other)\b`)

// anyName matches what looks like a name.
var anyName = lazyregexp.New(`\b[a-z]{1,10}-w?[0-9]+\b`)

// Originals returns a filter expression with what names stand for in their place.
func (t *Table) Originals(filter string) string {
	if t == nil {
		return filter
	}
	return anyName.ReplaceAllStringFunc(filter, func(name string) string {
		if v, ok := t.Value(name); ok && strings.Trim(v, plainValue) == "" {
			return v
		}
		return name
	})
}

// plainValue has what a value in a filter expression may consist of without quotes.
const plainValue = "abcdefghijklmnopqrstuvwxyz0123456789.:-_@+"

// Command is Text for a shell command, where a client's address is to be filled in.
func (t Texts) Command(s string) string {
	if t.names == nil {
		return s
	}
	return clientName.ReplaceAllString(t.Text(s), "CLIENT_ADDRESS")
}

// Finding returns a finding about strict records with names in its texts. Its hosts and flows
// stay those of the records, and its Names tell which is which.
func (t Texts) Finding(f flow.Finding) flow.Finding {
	if t.names == nil {
		return f
	}
	t.used = maps.Clone(f.Names) // of this copy
	if t.used == nil {
		t.used = make(map[string]string)
	}
	f.Names = t.used
	for _, h := range f.Hosts {
		_ = t.Text(h)
	}
	f.Title = t.Text(f.Title)
	for _, texts := range []*[]string{&f.Because, &f.Screens, &f.Alternatives, &f.CloudTrail} {
		*texts = each(*texts, t.Text)
	}
	f.Try = each(f.Try, func(s flow.NextStep) flow.NextStep {
		return flow.NextStep{Text: t.Text(s.Text), Command: t.Command(s.Command)}
	})
	if f.Proof != nil {
		p := f.Proof.Map(t.Text, t.Command)
		f.Proof = &p
	}
	f.Asks = each(f.Asks, func(a flow.Ask) flow.Ask { return flow.Ask{Of: a.Of, What: t.Text(a.What)} })
	return f
}

// each returns a new slice of what do makes of the items.
func each[T any](items []T, do func(T) T) []T {
	if items == nil {
		return nil
	}
	out := make([]T, len(items))
	for i, x := range items {
		out[i] = do(x)
	}
	return out
}
