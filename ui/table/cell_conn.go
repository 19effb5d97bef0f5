package table

import (
	"strconv"
	"strings"
	"time"

	"detour/internal/diagnose"
	"detour/internal/flow"
	"detour/internal/wording"
	"detour/ui/pane"
)

// tcpCell is the outcome of the TCP connections: "ok 12 ms", "TIMEOUT 4.0 s ×2 · 6 SYN",
// "connecting 12 s". Failures are in capitals. The number of SYNs is there if the kernel
// reported it for each of these attempts.
func tcpCell(r Row) cell {
	c := r.Conn
	switch {
	case c == nil && r.Final():
		return cell{wording.None, pane.Dim}
	case c == nil:
		return cell{"", pane.Dim}
	case r.Reused:
		return cell{"reused", pane.Dim}
	case Resolving(r.Flow):
		start := c.Start
		if c.Resolution != nil {
			start = c.Resolution.Start
		}
		return waitingCell("resolving", since(start, r))
	case Connecting(r.Flow):
		cl := waitingCell("connecting", since(FirstStart(c), r))
		if n := syns(c, flow.DialPending); n > 1 {
			cl.text += synNote(n)
		}
		return cl
	case len(c.Attempts) == 0 && r.Final():
		return cell{wording.None, pane.Dim}
	case len(c.Attempts) == 0:
		return cell{"", pane.Dim}
	}
	if w := c.Winner(); w != nil {
		return connectedCell(r.Flow, w)
	}
	return failedCell(c)
}

// waitingCell is a running clock. It becomes a warning when a healthy network would have
// responded.
func waitingCell(what string, d time.Duration) cell {
	t := pane.Dim
	if d >= diagnose.Patience {
		t = pane.Warn
	}
	return cell{what + " " + wording.Running(d), t}
}

// connectedCell is the attempt that connected, and how many other addresses failed.
func connectedCell(f *flow.Flow, w *flow.DialAttempt) cell {
	c := f.Conn
	if w.Outcome == flow.DialReset {
		return cell{"RESET", pane.Bad}
	}
	bad := 0
	for i := range c.Attempts {
		switch c.Attempts[i].Outcome {
		case flow.DialTimeout, flow.DialRefused, flow.DialUnreachable, flow.DialReset, flow.DialError:
			bad++
		case flow.DialLost, flow.DialPending, flow.DialConnected, flow.DialCanceled:
			if c.Attempts[i].Outcome == flow.DialLost && (c.Attempts[i].Took >= diagnose.Patience || failedAlone(f, c.Attempts[i])) {
				bad++ // waited long before another one connected, or didn't respond afterwards either
			}
		}
	}
	if bad > 0 {
		return cell{"ok " + wording.Duration(w.Took) + ", " + strconv.Itoa(bad) + " bad", pane.Warn}
	}
	return cell{"ok " + wording.Duration(w.Took), pane.Good}
}

// failedAlone reports whether the address of a lost attempt failed when it was tried alone.
func failedAlone(f *flow.Flow, a flow.DialAttempt) bool {
	l, known := f.LaterOf(flow.LaterLoser, a.Addr)
	return known && l.Outcome != flow.DialConnected && (l.Outcome != flow.DialCanceled || l.Took >= diagnose.Patience)
}

// failedCell sums up attempts of which none connected: the most frequent outcome, its
// longest wait, and how many others there are.
func failedCell(c *flow.Conn) cell {
	count := make(map[flow.DialOutcome]int)
	longest := make(map[flow.DialOutcome]time.Duration)
	for _, a := range c.Attempts {
		count[a.Outcome]++
		longest[a.Outcome] = max(longest[a.Outcome], a.Took)
	}
	best := c.Attempts[0].Outcome
	for _, a := range c.Attempts {
		if count[a.Outcome] > count[best] {
			best = a.Outcome
		}
	}
	text, tone := dialWord(best), pane.Bad
	switch best {
	case flow.DialTimeout, flow.DialRefused, flow.DialCanceled:
		text += " " + wording.Duration(longest[best])
	case flow.DialUnreachable, flow.DialReset, flow.DialError, flow.DialLost, flow.DialPending, flow.DialConnected:
	}
	if best == flow.DialCanceled && longest[best] < diagnose.Patience {
		tone = pane.Dim
	}
	if n := count[best]; n > 1 {
		text += " ×" + strconv.Itoa(n)
	}
	if others := len(c.Attempts) - count[best]; others > 0 {
		text += " +" + strconv.Itoa(others)
	}
	if n := syns(c, best); n > 0 && (best == flow.DialTimeout || best == flow.DialCanceled) {
		text += synNote(n)
	}
	return cell{text, tone}
}

// optional precedes the last part of a cell that a narrow column omits: a number and its
// unit.
const optional = " · "

func synNote(n int) string { return optional + strconv.Itoa(n) + " SYN" }

// syns is how many SYNs the attempts with an outcome sent in total; 0 if that isn't known
// for each of them.
func syns(c *flow.Conn, o flow.DialOutcome) int {
	n := 0
	for _, a := range c.Attempts {
		switch {
		case a.Outcome != o:
		case a.Kernel == nil:
			return 0
		default:
			n += a.Kernel.SYNRetransmits + 1
		}
	}
	return n
}

// dialWord is how the table shows the outcome of an attempt.
func dialWord(o flow.DialOutcome) string {
	switch o {
	case flow.DialPending:
		return "connecting"
	case flow.DialConnected:
		return "ok"
	case flow.DialRefused:
		return "RST"
	case flow.DialTimeout:
		return "TIMEOUT"
	case flow.DialUnreachable:
		return "UNREACH"
	case flow.DialReset:
		return "RESET"
	case flow.DialLost, flow.DialCanceled:
		return string(o)
	case flow.DialError:
		return "ERROR"
	}
	return string(o)
}

// tlsOf is the flow's own handshake; nil if it had none.
func tlsOf(f *flow.Flow) *flow.TLSInfo {
	if f.Conn == nil || f.Reused {
		return nil
	}
	return f.Conn.TLS
}

// tlsCell is the outcome of the TLS handshake.
func tlsCell(r Row) cell {
	t := tlsOf(r.Flow)
	switch {
	case r.Conn != nil && r.Reused && (r.Conn.TLS != nil || !r.Request.IsPlain()):
		return cell{"reused", pane.Dim}
	case t == nil:
		if r.Final() || r.Reused {
			return cell{wording.None, pane.Dim}
		}
		return cell{"", pane.Dim}
	}
	switch t.Outcome {
	case flow.TLSOK:
		return cell{"ok " + wording.Duration(t.Took), pane.Good}
	case flow.TLSPending:
		return waitingCell("wait", since(t.Start, r))
	case flow.TLSNameMismatch:
		return cell{"WRONGNAME", pane.Bad}
	case flow.TLSUntrusted, flow.TLSExpired, flow.TLSAlert, flow.TLSTimeout, flow.TLSReset, flow.TLSError:
	}
	return cell{strings.ToUpper(string(t.Outcome)), pane.Bad}
}
