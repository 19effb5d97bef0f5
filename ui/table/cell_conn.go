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

// tcpCell is the outcome of the TCP connections: "ok 12 ms", "connecting 12 s", or
// "TIMEOUT 4.0 s, 2 addresses · 3 SYNs each". Failures are in capitals. The number of SYNs is
// there if the kernel reported it for each of these attempts.
func tcpCell(r Row) cell {
	c := r.Conn
	switch {
	case c == nil && r.Final():
		return cell{wording.None, pane.Dim}
	case c == nil:
		return cell{"", pane.Dim}
	case r.Reused:
		return reusedCell(r)
	case Resolving(r.Flow):
		start := c.Start
		if c.Resolution != nil {
			start = c.Resolution.Start
		}
		return waitingCell("resolving", since(start, r))
	case Connecting(r.Flow):
		return connectingCell(r)
	case len(c.Attempts) == 0 && r.Final():
		return cell{wording.None, pane.Dim}
	case len(c.Attempts) == 0:
		return cell{"", pane.Dim}
	}
	if w := c.Winner(); w != nil {
		return connectedCell(r.Flow, w)
	}
	return failedCell(r)
}

// reusedCell says that another flow's connection was used, and at how many addresses a connect
// of the row's own got no response in the meantime.
func reusedCell(r Row) cell {
	bad := 0
	for _, c := range r.Unused {
		for _, a := range c.Attempts {
			if a.Unanswered(r.Now, diagnose.Patience) {
				bad++
			}
		}
	}
	if bad > 0 {
		return cell{"reused, " + strconv.Itoa(bad) + " bad", pane.Warn}
	}
	return cell{"reused", pane.Dim}
}

// connectingCell is how long the addresses that are tried now haven't responded.
func connectingCell(r Row) cell {
	for _, c := range r.Connects(r.Now) {
		if c.Outcome == flow.DialPending {
			return cell{connectsText(r, c), waitingTone(c.Longest)}
		}
	}
	return waitingCell("connecting", since(FirstStart(r.Conn), r)) // before the next attempt
}

// waitingCell is a running clock. It becomes a warning when a healthy network would have
// responded.
func waitingCell(what string, d time.Duration) cell {
	return cell{what + " " + wording.Running(d), waitingTone(d)}
}

func waitingTone(d time.Duration) pane.Tone {
	if d >= diagnose.Patience {
		return pane.Warn
	}
	return pane.Dim
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

// failedCell is the most frequent outcome of attempts of which none connected.
func failedCell(r Row) cell {
	c, tone := r.Connects(r.Now)[0], pane.Bad
	if c.Outcome == flow.DialCanceled && c.Longest < diagnose.Patience {
		tone = pane.Dim
	}
	return cell{connectsText(r, c), tone}
}

// connectsText sums up the row's attempts with one outcome, and says how many others it has.
func connectsText(r Row, c flow.Connects) string {
	others := len(r.Conn.Attempts) - c.Attempts
	if others == 0 {
		return c.String()
	}
	text := c.Brief()
	if where := c.Where(); where != "" {
		text += ", " + where
	}
	return text + " +" + strconv.Itoa(others)
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
