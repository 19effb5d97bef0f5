package filter

import (
	"strconv"
	"strings"
	"time"

	"detour/internal/flow"
)

// mention searches everything that the table shows of a flow for a text, ignoring case.
func mention(s string) test {
	text := foldedText(s)
	w := wanted{
		has:     func(s string) bool { return s != "" && text.in(s) },
		numeric: strings.ContainsAny(text.word, "0123456789:"),
		status:  strings.Trim(text.word, "0123456789") == "",
	}
	return func(f *flow.Flow, _ time.Time) bool { return mentions(f, w) }
}

// A wanted text is searched for in a flow.
type wanted struct {
	has     func(string) bool // whether a text contains it
	numeric bool              // it may be part of an address
	status  bool              // it may be part of a status
}

// mentions reports whether the text is part of anything that the table shows of the flow.
func mentions(f *flow.Flow, w wanted) bool {
	has := w.has
	if has(f.Request.URL) || has(f.Request.Method) || has(string(f.Origin)) || has(string(f.State)) {
		return true
	}
	if a := f.AWS; a != nil {
		if has(a.ServiceName) || has(a.Service) || has(a.Operation) || has(a.Region) || a.Error != nil && has(a.Error.Code) {
			return true
		}
		for _, s := range a.Batch {
			if has(s) {
				return true
			}
		}
		if a.Measured > 0 && has("beacon") || a.DecodedBy == flow.Undecoded && has(flow.Undecoded) {
			return true
		}
	}
	if w.status && f.Response != nil && has(strconv.Itoa(f.Response.Status)) {
		return true
	}
	if f.Failure != nil && (has(string(f.Failure.Stage)) || has("fail")) {
		return true
	}
	if f.Tunnel != nil && has("tunnel") || f.Reused && has("reused") || f.Marked && has("marked") || has(f.Note) {
		return true
	}
	for _, c := range f.Findings {
		if has(c) {
			return true
		}
	}
	return connMentions(f.Conn, w)
}

func connMentions(c *flow.Conn, w wanted) bool {
	if c == nil {
		return false
	}
	has, numeric := w.has, w.numeric
	if r := c.Resolution; r != nil {
		if has(string(r.Outcome)) || has(string(r.Source)) {
			return true
		}
		for _, a := range r.Addrs {
			if has(string(flow.ScopeOf(a))) || numeric && has(a.String()) {
				return true
			}
		}
	}
	for i := range c.Attempts {
		a := &c.Attempts[i]
		if has(string(a.Outcome)) || has(tableWord(a.Outcome)) || has(a.Interface) || numeric && has(a.Addr.Addr().String()) {
			return true
		}
	}
	return c.TLS != nil && (has(string(c.TLS.Outcome)) || has(c.TLS.Version))
}

// tableWord returns the word that the table shows for an outcome; "" if it is the
// outcome itself.
func tableWord(o flow.DialOutcome) string {
	switch o {
	case flow.DialPending:
		return "connecting"
	case flow.DialRefused:
		return "rst"
	case flow.DialConnected:
		return "ok"
	case flow.DialTimeout, flow.DialUnreachable, flow.DialReset, flow.DialLost, flow.DialCanceled, flow.DialError:
	}
	return ""
}
