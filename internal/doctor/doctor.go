// Package doctor judges whether detour can work on a machine. [Judge] turns the [Facts]
// about it, which package gather collects, into a [Check] for each subject, with what to
// do about it. The package is pure.
package doctor

import (
	"fmt"
	"strings"

	"detour/internal/flow"
	"detour/internal/wsl"
)

// A Level is the result of a check.
type Level string

// The levels. With a warning detour works; with a failure it doesn't, or AWS can't be
// reached.
const (
	OK   Level = "ok"
	Warn Level = "warn"
	Fail Level = "fail"
)

// A Check is the judgement of one subject.
type Check struct {
	Code  string `json:"code"` // stable: "clock"
	Level Level  `json:"level"`
	Text  string `json:"text"`          // what was found
	Fix   string `json:"fix,omitempty"` // what to do; "": nothing
}

// Facts are what is known of a machine. What is nil or empty is not known.
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
	WSL       wsl.Version
	Server    Server
	CA        []Chain
	Terminal  Terminal
}

// Judge returns the checks, in the order in which a run needs what they are about.
func Judge(f Facts) []Check {
	out := append([]Check{f.Port.check()}, f.Browser.checks()...)
	out = append(out, f.State.check(), f.Captures.check())
	out = append(out, f.Settings.checks()...)
	out = append(out, f.Env.checks()...)
	out = append(out, f.PAC.check())
	out = append(out, resolvers(f.Resolvers, len(f.Env.Proxies) > 0)...)
	out = append(out, wslChecks(f.WSL)...)
	out = append(out, hosts(f.Hosts), f.Network.check(), f.Server.reach(f.Hosts), f.Server.clock(), f.Server.interception())
	out = append(out, chains(f.CA)...)
	return append(out, f.Terminal.checks()...)
}

// Worst returns the worst level among checks; OK if there are none.
func Worst(checks []Check) Level {
	worst := OK
	for _, c := range checks {
		if c.Level == Fail || c.Level == Warn && worst == OK {
			worst = c.Level
		}
	}
	return worst
}

// Text returns the checks as lines for a terminal, each with its fix. Control characters
// in the facts are made printable.
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
