package diagnose

import (
	"fmt"
	"time"

	"detour/internal/diagnose/flowset"
	"detour/internal/flow"
)

func hostsFileOverride() Rule {
	return informational(Rule{
		Code:     "hosts-file-override",
		Meaning:  "An AWS name is in this machine's hosts file.",
		HowKnown: "The address came from the hosts file, and no nameserver was queried.",
		WhatElse: "A tunnel that needs the line.",
		Asks:     []flow.Ask{askEndpointUser("Remove %h from the hosts file, unless the line is intended.")},
		Source:   "https://man7.org/linux/man-pages/man5/hosts.5.html",
		match: func(f *flow.Flow, _ time.Time) bool {
			return f.Conn.Resolution != nil && f.Conn.Resolution.Source == flow.SourceHosts
		},
		explain: func(g group) flow.Finding {
			return flow.Finding{
				Title:        fmt.Sprintf("%s: the address comes from the hosts file, not from DNS", g.HostList()),
				Because:      g.Distinct(fromHostsFile),
				Confidence:   flow.ConfidenceHigh,
				Alternatives: []string{"a line that a tunnel needs, or a leftover"},
				Try:          []flow.NextStep{g.LookUp("See what DNS returns instead")},
			}
		},
	})
}

// fromHostsFile is an address that comes from the hosts file.
func fromHostsFile(f *flow.Flow) []string {
	r := f.Conn.Resolution
	if r == nil || r.Source != flow.SourceHosts || len(r.Addrs) == 0 {
		return nil
	}
	where := "the hosts file"
	if r.Hosts != "" {
		where = clean(r.Hosts)
	}
	return []string{fmt.Sprintf("%s is %s in %s; no nameserver was queried", flowset.HostOf(f), r.Addrs[0], where)}
}
