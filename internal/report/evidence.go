package report

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"detour/internal/flow"
	"detour/internal/wording"
)

// connections are those of flows, each once.
func connections(flows []*flow.Flow) (out []*flow.Conn) {
	for _, f := range flows {
		for _, c := range append([]*flow.Conn{f.Conn}, f.Unused...) {
			if c != nil && len(out) < maxAttempts &&
				!slices.ContainsFunc(out, func(o *flow.Conn) bool { return o == c || o.ID != 0 && o.ID == c.ID }) {
				out = append(out, c)
			}
		}
	}
	return out
}

// host is what happened to the affected calls of a host. Identical lines are written once.
func (s survey) host(name string, flows []*flow.Flow) []Block {
	b := s.list(flows)
	b.Title = name
	written := make(map[string]bool)
	say := func(line string, took time.Duration) {
		if line == "" || written[line] || len(b.Lines) >= maxLines {
			return
		}
		written[line] = true
		if took > 0 {
			line += ", in " + wording.Duration(took)
		}
		b.Lines = append(b.Lines, line)
	}
	var all attempts
	for _, c := range connections(flows) {
		if c.UpstreamProxy != "" {
			say("through the upstream proxy "+c.UpstreamProxy, 0)
		}
		if v := c.Via; v != nil && v.Err != "" {
			say("the upstream proxy: "+v.Err, v.Took)
		}
		if c.Resolution == nil && c.UpstreamProxy == "" {
			say("DNS answer unknown", 0)
		}
		if r := c.Resolution; r != nil && r.Source != flow.SourceProxied {
			say(answer(r), r.Took)
			for _, l := range dnsDetails(r) {
				say(l, 0)
			}
		}
		if c.TLS != nil {
			say(tlsLine(c.TLS), c.TLS.Took)
		}
		for _, a := range c.Attempts {
			all.add(a, s.last, "")
		}
		for _, a := range c.Elsewhere {
			all.add(a, s.last, ", public path")
		}
	}
	for _, e := range all.errors {
		say(e, 0)
	}
	if len(all.rows) == 0 {
		say("no connects recorded", 0)
		return []Block{b}
	}
	return []Block{b, {Table: all.table()}}
}

// answer is what a resolver returned for the name.
func answer(r *flow.Resolution) string {
	who := "resolver (" + string(r.Source) + ")"
	switch {
	case r.Nameserver.IsValid():
		who = "nameserver " + r.Nameserver.String()
	case r.Hosts != "":
		who = r.Hosts
	}
	s := who + " returned " + or(string(r.Outcome), "nothing yet")
	if r.Outcome == flow.DNSOK {
		s = who + " returned " + addresses(r.Addrs)
	}
	if r.Err != "" {
		s += ": " + r.Err
	}
	if r.Zone != "" {
		s += " (from the zone " + r.Zone + ")"
	}
	return s
}

// dnsDetails are the details of an answer: the CNAME chain, whose addresses these are,
// and what other resolvers return.
func dnsDetails(r *flow.Resolution) (out []string) {
	if len(r.CNAMEs) > 0 {
		out = append(out, "CNAME → "+strings.Join(r.CNAMEs[:min(len(r.CNAMEs), maxList)], " → "))
	}
	var ranges []string
	for _, x := range r.Ranges {
		if x != "" && !slices.Contains(ranges, x) {
			ranges = append(ranges, x)
		}
	}
	switch {
	case len(ranges) > 0:
		out = append(out, "AWS range: "+wording.Some(ranges, maxList))
	case r.OutsideAWS():
		out = append(out, "not in AWS's published ranges")
	}
	for _, ref := range append([]*flow.Reference{r.Reference, r.Wire}, r.Each...) {
		if ref == nil {
			continue
		}
		answer := string(ref.Outcome)
		if ref.Outcome == flow.DNSOK {
			answer = addresses(ref.Addrs)
		}
		out = append(out, fmt.Sprintf("for comparison, %s returned %s: %s", ref.Nameserver, or(answer, "nothing"), r.Compare(ref)))
	}
	return out
}

// addresses lists them with their scope.
func addresses(addrs []netip.Addr) string {
	out := make([]string, len(addrs))
	for i, a := range addrs {
		out[i] = string(flow.ScopeOf(a)) + " " + a.String()
	}
	return or(wording.Some(out, maxList), "no address")
}

func tlsLine(t *flow.TLSInfo) string {
	parts := []string{"TLS " + or(string(t.Outcome), "in progress")}
	for _, s := range []string{t.Version, t.ALPN, t.Err} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	if len(t.Chain) > 0 {
		parts = append(parts, "certificate for "+wording.Some(t.Chain[0].Names, 3), "issued by "+t.Chain[0].Issuer)
	}
	if t.Issued == flow.IssuerPrivate {
		parts = append(parts, "which isn't a public CA")
	}
	return strings.Join(parts, ", ")
}
