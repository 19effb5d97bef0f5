// Package doctor judges whether a machine is fit for detour: what was gathered of
// it goes in, and a check for each matter comes out, with what to do about it. It
// is pure; whoever gathers the facts decides how long that may take.
package doctor

import (
	"fmt"
	"strings"

	"detour/internal/flow"
)

// A Level is how a check came out.
type Level string

// The levels. A warning is something to know, with which detour works; a failure
// is something with which it doesn't.
const (
	OK   Level = "ok"
	Warn Level = "warn"
	Fail Level = "fail"
)

// A Check is one matter, judged.
type Check struct {
	Code  string `json:"code"` // stable: "clock"
	Level Level  `json:"level"`
	Text  string `json:"text"`          // what is so
	Fix   string `json:"fix,omitempty"` // what to do, where there is something to do
}

// Facts are what was gathered. What is nil or empty wasn't found out.
type Facts struct {
	Port      Port
	Browser   Browser
	State     State
	Captures  Captures
	Settings  Settings
	Env       Environment
	PAC       PAC
	Resolvers []Resolver
	Hosts     []HostsLine
	Network   Network
	Server    Server
	CA        []Chain
	Terminal  Terminal
}

// Judge returns the checks, in the order in which things go wrong.
func Judge(f Facts) []Check {
	out := []Check{f.Port.check(), f.Browser.check(), f.State.check(), f.Captures.check()}
	out = append(out, f.Settings.checks()...)
	out = append(out, f.Env.checks()...)
	out = append(out, f.PAC.check())
	out = append(out, resolvers(f.Resolvers, len(f.Env.Proxies) > 0)...)
	out = append(out, hosts(f.Hosts), f.Network.check(), f.Server.reach(f.Hosts), f.Server.clock(), f.Server.interception())
	out = append(out, chains(f.CA)...)
	return append(out, f.Terminal.checks()...)
}

// Worst is the worst level among checks.
func Worst(checks []Check) Level {
	worst := OK
	for _, c := range checks {
		if c.Level == Fail || c.Level == Warn && worst == OK {
			worst = c.Level
		}
	}
	return worst
}

// Text is the checks for a terminal, each with its fix. Nothing in it can move the
// cursor.
func Text(checks []Check) string {
	var b strings.Builder
	for _, c := range checks {
		fmt.Fprintf(&b, "%-4s  %-12s %s\n", c.Level, c.Code, flow.Printable(c.Text))
		if c.Fix != "" {
			fmt.Fprintf(&b, "%19s-> %s\n", "", flow.Printable(c.Fix))
		}
	}
	return b.String()
}

func ok(code, format string, args ...any) Check {
	return Check{Code: code, Level: OK, Text: fmt.Sprintf(format, args...)}
}

func warn(code, fix, format string, args ...any) Check {
	return Check{Code: code, Level: Warn, Text: fmt.Sprintf(format, args...), Fix: fix}
}

func fail(code, fix, format string, args ...any) Check {
	return Check{Code: code, Level: Fail, Text: fmt.Sprintf(format, args...), Fix: fix}
}
