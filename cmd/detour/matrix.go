package main

import (
	"fmt"
	"strings"

	"detour/internal/aws"
	"detour/internal/flow"
	"detour/internal/probe"
	"detour/internal/wording"
)

// A scanGroup sorts the hosts of a scan.
type scanGroup string

// The groups of a scan, in the order in which they are written.
const (
	groupPrivateStuck scanGroup = "private-stuck"
	groupPublicStuck  scanGroup = "public-stuck"
	groupUnresolved   scanGroup = "unresolved" // DNS failed, which says nothing about the name
	groupPrivate      scanGroup = "private-reachable"
	groupPublic       scanGroup = "public-reachable"
	groupProxied      scanGroup = "by-proxy"
	groupNoName       scanGroup = "no-such-name"
)

// groupOf is a scanned host's group. A host is stuck unless each of its addresses accepts
// a connection.
func groupOf(f *flow.Flow) scanGroup {
	c := f.Conn
	if c == nil || c.Resolution == nil || c.UpstreamProxy != "" {
		if c != nil && c.UpstreamProxy != "" {
			return groupProxied
		}
		return groupUnresolved
	}
	switch c.Resolution.Outcome {
	case flow.DNSOK:
	case flow.DNSNXDomain, flow.DNSNoData:
		return groupNoName
	case flow.DNSPending, flow.DNSServFail, flow.DNSRefused, flow.DNSTimeout, flow.DNSError:
		return groupUnresolved
	}
	stuck := false
	for _, a := range c.Attempts {
		stuck = stuck || a.Outcome != flow.DialConnected
	}
	switch private := c.Resolution.AllInVPC(); {
	case private && stuck:
		return groupPrivateStuck
	case private:
		return groupPrivate
	case stuck:
		return groupPublicStuck
	}
	return groupPublic
}

// matrix is a scan for a terminal: hosts that don't respond in full, the others in short.
func matrix(targets []aws.Endpoint, results []probe.Result) string {
	groups := make(map[scanGroup][]int)
	for i := range results {
		g := groupOf(&results[i].Flow)
		groups[g] = append(groups[g], i)
	}
	var b strings.Builder
	for _, g := range []struct {
		group scanGroup
		title string
		full  bool
	}{
		{groupPrivateStuck, "private, not responding", true},
		{groupPublicStuck, "public, not responding", true},
		{groupUnresolved, "DNS failed", true},
		{groupPrivate, "private, reachable", true},
		{groupPublic, "public, reachable", false},
		{groupProxied, "through the upstream proxy", false},
		{groupNoName, "no such name", false},
	} {
		members := groups[g.group]
		if len(members) == 0 {
			continue
		}
		fmt.Fprintf(&b, "%s: %d\n", g.title, len(members))
		if g.full {
			for _, i := range members {
				b.WriteString(scanned(targets[i], &results[i].Flow))
			}
			continue
		}
		var labels []string
		for _, i := range members {
			labels = append(labels, targets[i].Label)
		}
		b.WriteString(wrapped(labels, 100))
	}
	return b.String()
}

// scanned is a host with the outcome for each address.
func scanned(e aws.Endpoint, f *flow.Flow) string {
	var b strings.Builder
	fmt.Fprintf(&b, "  %-60s %s\n", e.Host, e.EndpointService)
	if f.Failure != nil && f.Failure.Stage == flow.StageDNS {
		fmt.Fprintf(&b, "      %s\n", flow.Printable(f.Failure.Message))
		return b.String()
	}
	for _, a := range f.Conn.Attempts {
		fmt.Fprintf(&b, "      %-24s %s after %s", a.Addr.Addr(), a.Outcome, wording.Duration(a.Took))
		if a.Kernel != nil && a.Outcome == flow.DialTimeout {
			fmt.Fprintf(&b, ", %d SYNs", a.Kernel.SYNRetransmits+1)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// wrapped are words on indented lines of limited width.
func wrapped(words []string, width int) string {
	var b strings.Builder
	line := " "
	for _, w := range words {
		if len(line)+1+len(w) > width {
			b.WriteString(line + "\n")
			line = " "
		}
		line += " " + w
	}
	return b.String() + line + "\n"
}
