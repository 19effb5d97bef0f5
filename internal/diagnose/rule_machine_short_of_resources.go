package diagnose

import (
	"fmt"
	"time"

	"detour/internal/diagnose/ending"
	"detour/internal/diagnose/flowset"
	"detour/internal/diagnose/nextstep"
	"detour/internal/flow"
)

// machineShort is a failure of the machine itself: it had no file descriptor, port or memory
// for a connection or a query.
func machineShort() Rule {
	return Rule{
		Code:     "machine-short-of-resources",
		Level:    flow.LevelProblem,
		Meaning:  "The machine that sent the requests had run out of file descriptors, ports or memory.",
		HowKnown: "The system's own error for the connect or the query.",
		WhatElse: "None: the error is specific. It says nothing about the network.",
		Asks:     []flow.Ask{askEndpointUser("Close programs that hold many connections, or raise the limit, and try again.")},
		Source:   "https://man7.org/linux/man-pages/man2/connect.2.html",
		match:    func(f *flow.Flow, _ time.Time) bool { return !ending.Reached(f) && shortage(f) != "" },
		explain: func(g group) flow.Finding {
			return flow.Finding{
				Title: fmt.Sprintf("%s: no connection, because %s had run out of resources", g.HostList(), g.Machine()),
				Because: append(g.Distinct(func(f *flow.Flow) []string {
					return []string{flowset.HostOf(f) + ": " + shortage(f).Sentence()}
				}), g.endings()...),
				Confidence:   sure(true, len(g.Hosts()) > 1),
				Alternatives: []string{"another program that holds the machine's ports or memory, while this one is within its own limits"},
				Try: append(g.System.Steps("Show the limit of open files of a shell", nextstep.Forms{Linux: "ulimit -n", MacOS: "ulimit -n"}),
					g.System.Steps("Count the sockets of "+g.Machine()+" by state", nextstep.Forms{
						Linux: "ss -s", MacOS: "netstat -an -p tcp",
						Windows: "Get-NetTCPConnection | Group-Object State", PowerShell: true,
					})...),
			}
		},
	}
}

// shortage is what the machine had run out of when a flow failed; "" if it hadn't.
func shortage(f *flow.Flow) flow.Shortage {
	if f.Conn == nil {
		return ""
	}
	if r := f.Conn.Resolution; r != nil && r.Shortage != "" {
		return r.Shortage
	}
	for _, a := range f.Conn.Attempts {
		if a.Shortage != "" {
			return a.Shortage
		}
	}
	return ""
}
