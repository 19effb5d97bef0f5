package diagnose

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"detour/internal/diagnose/ending"
	"detour/internal/diagnose/flowset"
	"detour/internal/flow"
	"detour/internal/wording"
)

// status is a call's status: of a relayed one, what the console's server reports of the
// service, if it does.
func status(f *flow.Flow) int {
	switch {
	case f.AWS != nil && f.AWS.InnerStatus > 0:
		return f.AWS.InnerStatus
	case f.Response != nil:
		return f.Response.Status
	}
	return 0
}

// badAnswer reports whether the response to a call may be the problem. A probe has no
// credentials, and is rejected everywhere.
func badAnswer(f *flow.Flow) bool {
	if !f.Final() || f.Response == nil || f.Conn == nil || f.Source == flow.SourceProbe || f.Request.Method == "OPTIONS" {
		return false
	}
	switch {
	case notFromAWS(f):
		return true
	case f.Origin == flow.OriginTelemetry:
		return f.AWS != nil && f.AWS.Measured >= ending.ShortestGiveUp
	case f.Origin != flow.OriginDirect && f.Origin != flow.OriginConsole && f.Origin != flow.OriginSignIn:
		return false
	case !f.AWS.IsCall():
		return f.Response.Status == 403
	}
	return status(f) >= 400 || f.AWS.Error != nil
}

// code is the service's error code, without the namespace that EC2's have.
func code(f *flow.Flow) string {
	if f.AWS == nil || f.AWS.Error == nil {
		return ""
	}
	return strings.TrimPrefix(strings.TrimPrefix(f.AWS.Error.Code, "Client."), "Server.")
}

// message is the service's error message.
func message(f *flow.Flow) string {
	if f.AWS == nil || f.AWS.Error == nil {
		return ""
	}
	return f.AWS.Error.Message
}

// anyCode matches calls that failed with one of these error codes.
func anyCode(codes ...string) func(*flow.Flow) bool {
	return func(f *flow.Flow) bool { return slices.Contains(codes, code(f)) }
}

// ofAnswers is the match of a rule about responses.
func ofAnswers(is func(f *flow.Flow) bool) func(*flow.Flow, time.Time) bool {
	return func(f *flow.Flow, _ time.Time) bool { return badAnswer(f) && f.AWS.IsCall() && is(f) }
}

// maxQuoted is how many lines of the same kind a finding has.
const maxQuoted = 5

// refusals quotes the services' errors, each once, with the request IDs that AWS Support
// asks for.
func (g group) refusals() []string {
	quoted := g.Distinct(func(f *flow.Flow) []string {
		s := fmt.Sprintf("%s at %s: %d", nameOf(f), flowset.HostOf(f), status(f))
		if f.AWS.InnerStatus > 0 {
			s += fmt.Sprintf(" (the console's server returned %d)", f.Response.Status)
		}
		if c := code(f); c != "" {
			s += " " + clean(c)
		}
		if m := message(f); m != "" {
			s += ": " + clean(m)
		}
		return []string{s}
	})
	quoted = bounded(quoted)
	if ids := g.Distinct(func(f *flow.Flow) []string { return []string{clean(f.AWS.RequestID)} }); len(ids) > 0 {
		quoted = append(quoted, "request "+wording.Plural(len(ids), "ID")+": "+wording.Some(ids, maxQuoted))
	}
	return quoted
}

// bounded are lines of the same kind, at most maxQuoted and their rest.
func bounded(lines []string) []string {
	if len(lines) > maxQuoted {
		return append(lines[:maxQuoted:maxQuoted], fmt.Sprintf("and %d more like these", len(lines)-maxQuoted))
	}
	return lines
}

// nameOf is a call by its service and operation.
func nameOf(f *flow.Flow) string {
	switch {
	case !f.AWS.IsCall():
		return f.Request.Method
	case f.AWS.Operation == "":
		return "a call to " + clean(f.AWS.Service)
	}
	return clean(f.AWS.Service + ":" + f.AWS.Operation)
}

// overPrivateAddress reports whether a flow went to an address that may be in a VPC.
func overPrivateAddress(f *flow.Flow) bool {
	if f.Conn == nil {
		return false
	}
	w := f.Conn.Winner()
	return w != nil && flow.ScopeOf(w.Addr.Addr()).InVPC()
}

func direct(f *flow.Flow) bool { return f.Origin == flow.OriginDirect }
