package table

import (
	"strings"
	"time"

	"detour/internal/flow"
	"detour/ui/text"
)

// Elapsed is how long the flow took, or has taken; NotApplicable if its
// instants aren't known, as in some HAR files.
func Elapsed(f *flow.Flow, now time.Time) time.Duration {
	if f.Times.Start.IsZero() || f.Final() && f.Times.Done.IsZero() {
		return flow.NotApplicable
	}
	return f.Elapsed(now)
}

// Host is the host that the flow asked for, without port, as far as a cell can show it.
func Host(f *flow.Flow) string {
	s, _ := text.Head(f.Request.Host(), text.MaxCell)
	return s
}

// siteOf is hostOf with its port, if that isn't the usual one.
func siteOf(f *flow.Flow) string {
	host := Host(f)
	port, _ := text.Head(f.Request.Port(), text.MaxCell)
	switch {
	case port == "":
		return host
	case strings.Contains(host, ":"):
		return "[" + host + "]:" + port
	}
	return host + ":" + port
}

// pathOf is the request's path with its query, as far as a cell can show it.
func pathOf(f *flow.Flow) string {
	s, _ := text.Head(f.Request.Target(), text.MaxCell)
	return s
}

// originWord is the origin as the table shows it.
func originWord(o flow.Origin) string {
	switch o {
	case flow.OriginConsole:
		return "console"
	case flow.OriginDirect:
		return "direct"
	case flow.OriginSignIn, flow.OriginStatic, flow.OriginTelemetry, flow.OriginOther:
		return string(o)
	}
	return "?"
}
