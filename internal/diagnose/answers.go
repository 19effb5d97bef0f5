package diagnose

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"detour/internal/flow"
	"detour/internal/wording"
)

// status is that of a call: of a relayed one what the console's server says that
// the service answered, where it says so.
func status(f *flow.Flow) int {
	switch {
	case f.AWS != nil && f.AWS.InnerStatus > 0:
		return f.AWS.InnerStatus
	case f.Response != nil:
		return f.Response.Status
	}
	return 0
}

// badAnswer reports whether the answer to a call may be what is wrong with it. A
// probe asks without credentials, and is turned away everywhere.
func badAnswer(f *flow.Flow) bool {
	if !f.Final() || f.Response == nil || f.Conn == nil || f.Source == flow.SourceProbe || f.Request.Method == "OPTIONS" {
		return false
	}
	switch {
	case f.Origin == flow.OriginTelemetry:
		return f.AWS != nil && f.AWS.Measured >= shortestGiveUp
	case f.Origin != flow.OriginDirect && f.Origin != flow.OriginConsole && f.Origin != flow.OriginSignIn:
		return false
	case f.AWS == nil:
		return f.Response.Status == 403
	}
	return status(f) >= 400 || f.AWS.Error != nil || isHTML(f)
}

// code is the service's error code without the namespace that EC2's has.
func code(f *flow.Flow) string {
	if f.AWS == nil || f.AWS.Error == nil {
		return ""
	}
	return strings.TrimPrefix(strings.TrimPrefix(f.AWS.Error.Code, "Client."), "Server.")
}

// message is the service's own words.
func message(f *flow.Flow) string {
	if f.AWS == nil || f.AWS.Error == nil {
		return ""
	}
	return f.AWS.Error.Message
}

// anyCode matches calls that were refused with one of these codes.
func anyCode(codes ...string) func(*flow.Flow) bool {
	return func(f *flow.Flow) bool { return slices.Contains(codes, code(f)) }
}

// ofAnswers is the matching of a rule about answers.
func ofAnswers(is func(f *flow.Flow) bool) func(*flow.Flow, time.Time) bool {
	return func(f *flow.Flow, _ time.Time) bool { return badAnswer(f) && f.AWS != nil && is(f) }
}

// maxSaid is how many lines of the same kind a finding has.
const maxSaid = 5

// refusals quotes what the services said, each thing once, with what support asks for.
func (g group) refusals() []string {
	said := g.distinct(func(f *flow.Flow) []string {
		s := fmt.Sprintf("%s at %s: %d", nameOf(f), hostOf(f), status(f))
		if f.AWS.InnerStatus > 0 {
			s += fmt.Sprintf(" (the console's server answered %d itself)", f.Response.Status)
		}
		if c := code(f); c != "" {
			s += " " + clean(c)
		}
		if m := message(f); m != "" {
			s += ": " + clean(m)
		}
		return []string{s}
	})
	if len(said) > maxSaid {
		said = append(said[:maxSaid], fmt.Sprintf("and %d more like these", len(said)-maxSaid))
	}
	if ids := g.distinct(func(f *flow.Flow) []string { return []string{clean(f.AWS.RequestID)} }); len(ids) > 0 {
		said = append(said, "request "+wording.Plural(len(ids), "ID")+": "+list(ids[:min(len(ids), maxSaid)], ""))
	}
	return said
}

// nameOf is what a call is called.
func nameOf(f *flow.Flow) string {
	switch {
	case f.AWS == nil:
		return f.Request.Method
	case f.AWS.Operation == "":
		return "a call to " + clean(f.AWS.Service)
	}
	return clean(f.AWS.Service + ":" + f.AWS.Operation)
}

// byPrivateWay reports whether a flow went to an address that may be in a VPC.
func byPrivateWay(f *flow.Flow) bool {
	if f.Conn == nil {
		return false
	}
	w := f.Conn.Winner()
	return w != nil && flow.ScopeOf(w.Addr.Addr()).InVPC()
}

// each reports whether all flows of the group are so.
func (g group) each(is func(*flow.Flow) bool) bool {
	return !slices.ContainsFunc(g.flows, func(f *flow.Flow) bool { return !is(f) })
}

func direct(f *flow.Flow) bool { return f.Origin == flow.OriginDirect }
