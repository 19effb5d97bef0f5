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

// evidence is what DNS, TCP and TLS came to, for each host of the affected calls.
func (s survey) evidence() part {
	p := part{ID: "evidence", Title: "Evidence by host"}
	hosts, conns := s.roads()
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

// roads are the connections of the affected calls by host, each once, and the hosts
// in the order in which they come up.
func (s survey) roads() (hosts []string, conns map[string][]*flow.Conn) {
	conns = make(map[string][]*flow.Conn)
	for _, f := range s.affected {
		h := strings.ToLower(f.Request.Host())
		if _, known := conns[h]; !known {
			hosts, conns[h] = append(hosts, h), nil
		}
		for _, c := range append([]*flow.Conn{f.Conn}, f.Unused...) {
			if c != nil && len(conns[h]) < maxAttempts && !slices.ContainsFunc(conns[h], func(o *flow.Conn) bool { return o == c || o.ID != 0 && o.ID == c.ID }) {
				conns[h] = append(conns[h], c)
			}
		}
	}
	return hosts, conns
}

// host tells what connections to a host came to. What several say alike is told once.
func (s survey) host(name string, conns []*flow.Conn) block {
	b := block{Title: name}
	told := make(map[string]bool)
	say := func(line string, took time.Duration) {
		if line == "" || told[line] || len(b.Lines) == maxLines {
			return
		}
		told[line] = true
		if took > 0 {
			line += ", in " + wording.Duration(took)
		}
		b.Lines = append(b.Lines, line)
	}
	t := &table{Columns: []string{"began", "address", "scope", "outcome", "took", "from", "interface", "SYNs sent again", "the system's words"}}
	n := 0
	for _, c := range conns {
		if c.UpstreamProxy != "" {
			say("asked for by way of the upstream proxy "+c.UpstreamProxy, 0)
		}
		if v := c.Via; v != nil && v.Err != "" {
			say("the upstream proxy: "+v.Err, v.Took)
		}
		if c.Resolution == nil && c.UpstreamProxy == "" {
			say("what DNS said isn't known", 0)
		}
		if r := c.Resolution; r != nil && r.Source != flow.SourceProxied {
			say(answer(r), r.Took)
			for _, l := range besides(r) {
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
				t.Rows = append(t.Rows, s.attempt(a, ", by the public road"))
			}
		}
	}
	t.More = more(n, maxAttempts, "connect")
	if n > 0 {
		b.Table = t
	} else {
		say("no connect is known of", 0)
	}
	return b
}

func (s survey) attempt(a flow.DialAttempt, where string) []string {
	row := []string{s.clock(a.Start), wording.None, wording.None, or(string(a.Outcome), "connecting"), wording.Duration(a.Elapsed(s.last)), wording.None, wording.None, wording.None, or(a.Err, wording.None)}
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
	if a.Kernel != nil {
		row[7] = strconv.Itoa(a.Kernel.SYNRetransmits)
	}
	return row
}

// answer is who said what of the name.
func answer(r *flow.Resolution) string {
	who := "resolver (" + string(r.Source) + ")"
	switch {
	case r.Nameserver.IsValid():
		who = "nameserver " + r.Nameserver.String()
	case r.Hosts != "":
		who = r.Hosts
	}
	said := who + " says " + or(string(r.Outcome), "nothing yet")
	if r.Outcome == flow.DNSOK {
		said = who + " says " + addresses(r.Addrs)
	}
	if r.Err != "" {
		said += ": " + r.Err
	}
	if r.Zone != "" {
		said += " (by the word of the zone " + r.Zone + ")"
	}
	return said
}

// besides is what else is known of the answer: its chain, whose addresses they are,
// and what other resolvers say.
func besides(r *flow.Resolution) (out []string) {
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
		out = append(out, "AWS publishes these addresses as "+wording.Some(ranges, maxList))
	case r.OutsideAWS():
		out = append(out, "AWS publishes wording.None of these addresses")
	}
	for _, ref := range append([]*flow.Reference{r.Reference, r.Wire}, r.Each...) {
		if ref == nil {
			continue
		}
		word := string(ref.Outcome)
		if ref.Outcome == flow.DNSOK {
			word = addresses(ref.Addrs)
		}
		out = append(out, fmt.Sprintf("asked to compare, %s says %s: %s", ref.Nameserver, or(word, "nothing"), r.Compare(ref)))
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
	said := []string{"TLS " + or(string(t.Outcome), "not done yet")}
	for _, s := range []string{t.Version, t.ALPN, t.Err} {
		if s != "" {
			said = append(said, s)
		}
	}
	if len(t.Chain) > 0 {
		said = append(said, "certificate for "+wording.Some(t.Chain[0].Names, 3), "issued by "+t.Chain[0].Issuer)
	}
	if t.Issued == flow.IssuerPrivate {
		said = append(said, "which is no public CA")
	}
	return strings.Join(said, ", ")
}
