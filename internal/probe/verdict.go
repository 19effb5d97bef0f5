package probe

import (
	"fmt"
	"strings"

	"detour/internal/flow"
)

// Verdict sums a result up in one line that can't move a cursor: of the host as it
// is reached from here, and, where another road was tried, which one works.
func Verdict(r Result) string {
	return flow.Printable(verdict(r))
}

func verdict(r Result) string {
	f := &r.Flow
	c := f.Conn
	if c == nil || len(r.Tries) == 0 {
		if f.Failure != nil {
			return "no address to connect to: " + f.Failure.Message
		}
		return "nothing was tried"
	}
	own, all := connected(c.Attempts), len(c.Attempts)
	here := fmt.Sprintf("%d of %d connects to %s came about", own, all, where(c.Resolution))
	if len(c.Elsewhere) == 0 {
		return strings.Join(filled(ending(f), here), ": ")
	}
	other := connected(c.Elsewhere)
	there := fmt.Sprintf("%d of %d to the public %s", other, len(c.Elsewhere), addresses(c.Elsewhere))
	road := "by the road that this machine takes"
	if c.Resolution.AllInVPC() {
		road = "by the private one"
	}
	switch {
	case other > 0 && own == 0:
		return "works by the public road, not " + road + ": " + here + ", " + there
	case other > 0:
		return "works by the public road, and at times " + road + ": " + here + ", " + there
	}
	return "works by neither road: " + here + ", " + there
}

// ending is how the host as it is reached fares.
func ending(f *flow.Flow) string {
	switch {
	case f.Response != nil:
		return fmt.Sprintf("answers (%d)", f.Response.Status)
	case f.Failure == nil:
		return "connects"
	case f.Failure.Stage == flow.StageDial:
		return "can't be connected to"
	case f.Failure.Stage == flow.StageTLS:
		return "connects, but TLS fails"
	case f.Failure.Stage == flow.StageWait:
		return "connects, but doesn't answer"
	}
	return "fails (" + string(f.Failure.Stage) + ")"
}

// where are the addresses of a resolution; by way of a proxy there are none.
func where(r *flow.Resolution) string {
	if r == nil || len(r.Addrs) == 0 {
		return "the upstream proxy"
	}
	return scoped(r.Addrs[:min(len(r.Addrs), 4)])
}

// connected counts the attempts that came about; one that lost a race did, too.
func connected(as []flow.DialAttempt) (n int) {
	for _, a := range as {
		if a.Outcome == flow.DialConnected || a.Outcome == flow.DialLost {
			n++
		}
	}
	return n
}

func addresses(as []flow.DialAttempt) string {
	var out []string
	for _, a := range as {
		out = append(out, a.Addr.Addr().String())
	}
	return strings.Join(out, " ")
}
