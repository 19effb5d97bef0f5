package report

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"detour/internal/flow"
	"detour/internal/wording"
)

// evidence is the outcome of DNS, TCP and TLS, for each host of the affected calls.
func (s survey) evidence() part {
	p := part{ID: "evidence", Title: "Evidence by host"}
	hosts, conns := s.connections()
	for _, h := range hosts[:min(len(hosts), maxHosts)] {
		p.Blocks = append(p.Blocks, s.host(h, conns[h]))
	}
	if m := more(len(hosts), maxHosts, "host"); m != "" {
		p.Blocks = append(p.Blocks, block{Note: m + " with affected calls."})
	}
	if len(hosts) == 0 {
		p.Blocks = []block{{Note: "No host has affected calls."}}
	}
	return p
}

// connections are those of the affected calls, each once, by host, and the hosts in the
// order of their first call.
func (s survey) connections() (hosts []string, conns map[string][]*flow.Conn) {
	conns = make(map[string][]*flow.Conn)
	for _, f := range s.affected {
		h := strings.ToLower(f.Request.Host())
		if _, known := conns[h]; !known {
			hosts, conns[h] = append(hosts, h), nil
		}
		for _, c := range append([]*flow.Conn{f.Conn}, f.Unused...) {
			if c != nil && len(conns[h]) < maxAttempts &&
				!slices.ContainsFunc(conns[h], func(o *flow.Conn) bool { return o == c || o.ID != 0 && o.ID == c.ID }) {
				conns[h] = append(conns[h], c)
			}
		}
	}
	return hosts, conns
}

// host is the outcome of the connections to a host. Identical lines are written once.
func (s survey) host(name string, conns []*flow.Conn) block {
	b := block{Title: name}
	written := make(map[string]bool)
	say := func(line string, took time.Duration) {
		if line == "" || written[line] || len(b.Lines) == maxLines {
			return
		}
		written[line] = true
		if took > 0 {
			line += ", in " + wording.Duration(took)
		}
		b.Lines = append(b.Lines, line)
	}
	t := &table{Columns: []string{"started", "address", "scope", "outcome", "took", "from", "interface", "SYNs", "error"}}
	n := 0
	for _, c := range conns {
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
			if n++; n <= maxAttempts {
				t.Rows = append(t.Rows, s.attempt(a, ""))
			}
		}
		for _, a := range c.Elsewhere {
			if n++; n <= maxAttempts {
				t.Rows = append(t.Rows, s.attempt(a, ", public path"))
			}
		}
	}
	t.More = more(n, maxAttempts, "connect")
	if n > 0 {
		b.Table = t
	} else {
		say("no connects recorded", 0)
	}
	return b
}

// leastShown is the shortest time of a connect that isn't written as 0.0 ms. Browsers that didn't
// measure a connect write about 0.
const leastShown = 50 * time.Microsecond

func (s survey) attempt(a flow.DialAttempt, where string) []string {
	took := wording.Duration(a.Elapsed(s.last))
	if a.Elapsed(s.last) < leastShown {
		took = wording.None
	}
	row := []string{
		s.clock(a.Start), wording.None, wording.None, or(string(a.Outcome), "connecting"), took,
		wording.None, wording.None, wording.None, or(a.Err, wording.None),
	}
	if a.Addr.IsValid() {
		row[1], row[2] = a.Addr.String(), string(flow.ScopeOf(a.Addr.Addr()))+where
	}
	if a.Local.IsValid() {
		row[5] = a.Local.String()
	}
	if a.Interface != "" {
		row[6] = a.Interface
		if a.Kind != "" {
			row[6] += " (" + string(a.Kind) + ")"
		}
	}
	if n := a.SYNs(); n > 0 {
		row[7] = strconv.Itoa(n)
	}
	return row
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
