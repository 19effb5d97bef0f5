package table

import (
	"strings"
	"time"

	"detour/internal/flow"
	"detour/ui/text"
)

// Elapsed is how long the flow took, or has taken so far; flow.NotApplicable if that isn't
// known, as in some HAR files.
func Elapsed(f *flow.Flow, now time.Time) time.Duration {
	if !f.Timed() {
		return flow.NotApplicable
	}
	return f.Elapsed(now)
}

// Host is the requested host without its port, cut to what a cell can show.
func Host(f *flow.Flow) string {
	s, _ := text.Head(f.Request.Host(), text.MaxCell)
	return s
}

// siteOf is the host with its port, if that is unusual.
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

// pathOf is the path and query of the request, cut to what a cell can show.
func pathOf(f *flow.Flow) string {
	s, _ := text.Head(f.Request.Target(), text.MaxCell)
	return s
}

// originWord is how the table shows an origin.
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
