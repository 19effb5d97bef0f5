package filter

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"detour/internal/flow"
)

// mention searches everything that the table shows of a flow for a text, ignoring case.
func mention(s string) test {
	w := wantedText(s)
	return func(f *flow.Flow, _ time.Time) bool { return w.inFlow(f) }
}

// A wanted text is searched for in a flow.
type wanted struct {
	text    *folded
	numeric bool // it may be part of an address
	status  bool // it may be part of a status
}

func wantedText(s string) *wanted {
	text := foldedText(s)
	return &wanted{
		text:    text,
		numeric: strings.ContainsAny(text.word, "0123456789:"),
		status:  strings.Trim(text.word, "0123456789") == "",
	}
}

func (w *wanted) in(s string) bool { return s != "" && w.text.in(s) }

// inFlow reports whether the text is part of anything that the table shows of the flow.
func (w *wanted) inFlow(f *flow.Flow) bool {
	if w.in(f.Request.URL) || w.in(f.Request.Method) || w.in(string(f.Origin)) || w.in(string(f.State)) {
		return true
	}
	if f.AWS != nil && w.inAWS(f.AWS) {
		return true
	}
	if w.status && f.Response != nil && w.in(strconv.Itoa(f.Response.Status)) {
		return true
	}
	if f.Failure != nil && (w.in(string(f.Failure.Stage)) || w.in("fail")) {
		return true
	}
	if f.Tunnel != nil && w.in("tunnel") || f.Reused && w.in("reused") || f.Marked && w.in("marked") || w.in(f.Note) {
		return true
	}
	return slices.ContainsFunc(f.Findings, w.in) || w.inConn(f.Conn)
}

func (w *wanted) inAWS(a *flow.AWS) bool {
	return w.in(a.ServiceName) || w.in(a.Service) || w.in(a.Operation) || w.in(a.Region) || a.Error != nil && w.in(a.Error.Code) ||
		slices.ContainsFunc(a.Batch, w.in) || a.Measured > 0 && w.in("beacon") || a.DecodedBy == flow.Undecoded && w.in(flow.Undecoded)
}

func (w *wanted) inConn(c *flow.Conn) bool {
	if c == nil {
		return false
	}
	if r := c.Resolution; r != nil {
		if w.in(string(r.Outcome)) || w.in(string(r.Source)) {
			return true
		}
		for _, a := range r.Addrs {
			if w.in(string(flow.ScopeOf(a))) || w.inAddr(a) {
				return true
			}
		}
	}
	for i := range c.Attempts {
		a := &c.Attempts[i]
		if w.in(string(a.Outcome)) || w.in(tableWord(a.Outcome)) || w.in(a.Interface) || w.inAddr(a.Addr.Addr()) {
			return true
		}
	}
	return c.TLS != nil && (w.in(string(c.TLS.Outcome)) || w.in(c.TLS.Version))
}

// inAddr reports whether the text is part of an address, which it writes without allocating.
func (w *wanted) inAddr(a netip.Addr) bool {
	if !w.numeric {
		return false
	}
	var room [64]byte
	return w.in(string(a.AppendTo(room[:0])))
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
