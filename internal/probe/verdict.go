package probe

import (
	"fmt"
	"strings"

	"detour/internal/flow"
)

// Verdict sums up a result in one line that can't move the cursor: whether the host is
// reachable from here, and, if the public addresses were tried too, which path works.
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
	here := fmt.Sprintf("%d of %d connects to %s succeeded", own, all, where(c.Resolution))
	if len(c.Elsewhere) == 0 {
		return strings.Join(filled(ending(f), here), ": ")
	}
	other := connected(c.Elsewhere)
	there := fmt.Sprintf("%d of %d to public %s", other, len(c.Elsewhere), addresses(c.Elsewhere))
	path := "over the path that this machine uses"
	if c.Resolution.AllInVPC() {
		path = "over the private one"
	}
	switch {
	case other > 0 && own == 0:
		return "works over the public path, not " + path + ": " + here + ", " + there
	case other > 0:
		return "works over the public path, and intermittently " + path + ": " + here + ", " + there
	}
	return "works over neither path: " + here + ", " + there
}

// ending is the outcome at the host's own addresses.
func ending(f *flow.Flow) string {
	switch {
	case f.Response != nil:
		return fmt.Sprintf("responds (%d)", f.Response.Status)
	case f.Failure == nil:
		return "connects"
	case f.Failure.Stage == flow.StageDial:
		return "can't be reached"
	case f.Failure.Stage == flow.StageTLS:
		return "connects, but TLS fails"
	case f.Failure.Stage == flow.StageWait:
		return "connects, but doesn't respond"
	}
	return "fails (" + string(f.Failure.Stage) + ")"
}

// where are the addresses of a resolution; through a proxy there are none.
func where(r *flow.Resolution) string {
	if r == nil || len(r.Addrs) == 0 {
		return "the upstream proxy"
	}
	return scoped(r.Addrs[:min(len(r.Addrs), 4)])
}

// connected counts the successful attempts, including those that lost the race.
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
