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

// weigh notes what a flow's answered packets refute, and the first of an interface that the files
// may lack: what decides about it can't be compared with what they deny.
func (s *Study) weigh(f *flow.Flow) {
	delete(s.refuted, f.ID)
	delete(s.missed, f.ID)
	if s.client.Strict {
		return
	}
	for _, p := range s.answered(f) {
		if r, found := s.refutes(f, p); found {
			s.refuted[f.ID] = append(s.refuted[f.ID], r)
		}
		_, missed := s.missed[f.ID]
		if !missed && p.Host != resolverHost && len(s.config.byAddress[p.To.Addr()]) == 0 && !s.config.hasEndpointInterfaces() {
			s.missed[f.ID] = p
		}
	}
}

// maxAnswered limits how many classes of packets are remembered.
const maxAnswered = 10_000

// refutes says what a packet that was answered refutes, if the configuration denies it.
func (s *Study) refutes(f *flow.Flow, p packet) (refutation, bool) {
	class := p
	class.From = netip.AddrPortFrom(p.From.Addr(), s.portClass(p.From.Port()))
	denied, known := s.denies[class]
	if !known {
		if len(s.denies) >= maxAnswered {
			clear(s.denies)
		}
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
	return refutation{d.object + what, text, strings.ToLower(f.Request.Host())}, true
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

// contradictions are what flows refute, in their order.
func contradictions(flows []*flow.Flow, refuted map[flow.ID][]refutation) (out []contradiction) {
	if len(refuted) == 0 {
		return nil
	}
	by := make(map[string]int)
	for _, f := range flows {
		for _, r := range refuted[f.ID] {
			if i, known := by[r.key]; known {
				if last := &out[i]; last.flows[len(last.flows)-1] != f.ID {
					last.flows = append(last.flows, f.ID)
				}
			} else if len(out) < maxContradictions {
				by[r.key] = len(out)
				out = append(out, contradiction{r.text, []string{r.host}, []flow.ID{f.ID}})
			}
		}
	}
	return out
}

// Contradictions are what responded though the configuration denies it.
func (s *Study) Contradictions() (out []Contradiction) {
	for _, c := range s.against {
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
