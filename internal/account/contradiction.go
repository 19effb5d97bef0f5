package account

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"detour/internal/flow"
)

// A refutation is something that a flow shows to have responded though the configuration denies it.
type refutation struct{ key, text, host string }

// contradictions are what flows refute, in their order. The zero value has none.
type contradictions struct {
	all []contradiction
	by  map[string]int // where one is, by the key of its refutations
}

// A contradiction is what flows show alike.
type contradiction struct {
	text  string
	hosts []string
	flows []flow.ID
}

// A Contradiction is a sentence about what responded though the configuration denies it.
type Contradiction struct {
	Text  string // with the IDs of the flows
	Hosts []string
	Flows []flow.ID
}

// maxContradictions limits the sentences.
const maxContradictions = 20

// weigh returns what a flow's answered packets refute, and the first of an interface that the files
// may lack: what decides about it can't be compared with what they deny.
func (s *Study) weigh(f *flow.Flow) (refuted []refutation, missed packet) {
	if s.client.Strict {
		return nil, packet{}
	}
	for _, p := range s.answered(f) {
		if r, found := s.refutes(p); found {
			r.host = strings.ToLower(f.Request.Host())
			refuted = append(refuted, r)
		}
		if !missed.To.IsValid() && p.Host != resolverHost && len(s.config.byAddress[p.To.Addr()]) == 0 && !s.config.hasEndpointInterfaces() {
			missed = p
		}
	}
	return refuted, missed
}

// maxAnswered limits how many classes of packets are remembered, how many calls, and how many queries.
// No service has as many operations, but a file may name any.
const maxAnswered = 10_000

// refutes says what a packet that was answered refutes, if the configuration denies it.
func (s *Study) refutes(p packet) (refutation, bool) {
	class := p
	class.From = netip.AddrPortFrom(p.From.Addr(), s.portClass(p.From.Port()))
	denied, known := s.denies[class]
	if !known {
		if len(s.denies) >= maxAnswered {
			clear(s.denies)
		}
		class.Host = strings.Clone(class.Host) // it is a part of a URL
		denied = s.config.answered(class).denied()
		s.denies[class] = denied
	}
	if !denied {
		return refutation{}, false
	}
	d, _ := s.config.answered(p).first(flow.CheckDenies)
	what := "connected to " + p.To.String()
	if p.Protocol == "udp" {
		what = "got answers from the nameserver " + p.To.Addr().String()
	}
	text := fmt.Sprintf("%s %s, which %s denies in these files: %s", hostOr(p.Host, "a client"), what, d.check.Of(d.object), d.says)
	return refutation{key: d.object + what, text: text}, true
}

// answered evaluates a packet that was answered.
func (c *Config) answered(p packet) *track {
	if t := c.follow(p); t.eni != nil {
		return t
	}
	return c.byAddressAlone(p)
}

// portBounds are the ports at which an entry of a network ACL that lets answers out begins, or the
// one after its end. No other rule is about the client's port.
func (c *Config) portBounds() (out []int) {
	for _, a := range c.acls.all {
		for _, e := range a.Out {
			out = append(out, e.From, e.To+1)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// portClass is the least port that every rule treats as it treats p; 0 if p isn't known.
func (s *Study) portClass(p uint16) uint16 {
	i, found := slices.BinarySearch(s.ports, int(p))
	switch {
	case p == 0 || found:
		return p
	case i == 0:
		return 1
	}
	return uint16(max(s.ports[i-1], 1)) //nolint:gosec // below p
}

func hostOr(host, or string) string {
	if host == "" || host == resolverHost {
		return or
	}
	return host
}

// add adds what the next flow refutes.
func (c *contradictions) add(id flow.ID, refuted []refutation) {
	for _, r := range refuted {
		if i, known := c.by[r.key]; known {
			if last := &c.all[i]; last.flows[len(last.flows)-1] != id {
				last.flows = append(last.flows, id)
			}
		} else if len(c.all) < maxContradictions {
			if c.by == nil {
				c.by = make(map[string]int)
			}
			c.by[r.key] = len(c.all)
			c.all = append(c.all, contradiction{r.text, []string{r.host}, []flow.ID{id}})
		}
	}
}

// Contradictions are what responded though the configuration denies it.
func (s *Study) Contradictions() (out []Contradiction) {
	for _, c := range s.against.all {
		var ids []string
		for _, id := range c.flows[:min(len(c.flows), 5)] {
			ids = append(ids, fmt.Sprint(uint64(id)))
		}
		more := ""
		if len(c.flows) > 5 {
			more = ", …"
		}
		text := fmt.Sprintf("%s (flows %s%s)", c.text, strings.Join(ids, ", "), more)
		out = append(out, Contradiction{text, c.hosts, c.flows})
	}
	return out
}
