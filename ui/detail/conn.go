package detail

import (
	"fmt"
	"strings"
	"time"

	"detour/internal/flow"
	"detour/internal/wording"
	"detour/ui/pane"
)

// connLines list all attempts to connect.
func connLines(p *pane.Page, f *flow.Flow, now time.Time) {
	c := f.Conn
	if c == nil {
		return
	}
	p.Head("Connection")
	p.Add("connection", connSentence(f), pane.Plain)
	if c.PAC != "" {
		p.Add("PAC file", c.PAC, pane.Plain)
	}
	if c.UpstreamProxy != "" {
		p.Add("via", "upstream proxy "+c.UpstreamProxy, pane.Plain)
	}
	viaLines(p, c.Via)
	attemptLines(p, "attempt", canceledBy(f), c.Attempts, now)
	attemptLines(p, "elsewhere", canceledBy(f), c.Elsewhere, now)
	laterLines(p, f)
}

// laterLines list what was learned of addresses after the connection was made.
func laterLines(p *pane.Page, f *flow.Flow) {
	for _, l := range f.Later {
		how := "tried alone"
		switch l.Kind {
		case flow.LaterProbe:
			how = "probed"
		case flow.LaterOther:
			how = "reference's address"
		case flow.LaterWatch:
			how = "watched"
		case flow.LaterLoser:
		}
		a := l.Attempt()
		text, t := attemptText(a, l.At, canceledBy(f))
		if l.Outcome == flow.DialCanceled {
			text = fmt.Sprintf("%s (%s) no response for %s, then stopped", a.Addr, flow.ScopeOf(a.Addr.Addr()), wording.Duration(a.Took))
		}
		p.Add("later", how+": "+text, t)
		p.Add("", a.Err, pane.Dim)
	}
}

// connSentence names the connection, if it is known: a HAR may not have it.
func connSentence(f *flow.Flow) string {
	c := f.Conn
	if c.ID == 0 && f.Response == nil && len(c.Attempts) == 0 && c.Resolution == nil && c.TLS == nil && c.UpstreamProxy == "" {
		if f.Final() {
			return "no connection to " + c.Authority + " is known"
		}
		return "no connection to " + c.Authority + " yet"
	}
	s := "to " + c.Authority
	if c.ID != 0 {
		s = fmt.Sprintf("#%d ", c.ID) + s
	}
	if f.Reused {
		s += ", reused: DNS, TCP and TLS belong to an earlier flow"
	}
	return s
}

func attemptLines(p *pane.Page, what, who string, as []flow.DialAttempt, now time.Time) {
	for i, a := range as {
		text, t := attemptText(a, now, who)
		if d := a.Start.Sub(as[0].Start); d > 0 {
			text += ", started after " + wording.Duration(d)
		}
		p.Add(fmt.Sprintf("%s %d", what, i+1), text, t)
		p.Add("", attemptFacts(a), pane.Dim)
	}
}

// canceledBy is what canceled the attempts of a flow that ended during them.
func canceledBy(f *flow.Flow) string {
	if f.Failure != nil && f.Failure.Kind == flow.KindPending {
		return "the run ended"
	}
	return "the client left"
}

// unusedLines list attempts that were superseded by another connection.
func unusedLines(p *pane.Page, f *flow.Flow, now time.Time) {
	for _, c := range f.Unused {
		p.Head(fmt.Sprintf("Started, not used: #%d to %s", c.ID, c.Authority))
		attemptLines(p, "attempt", canceledBy(f), c.Attempts, now)
	}
}

// viaLines are the response of the upstream proxy.
func viaLines(p *pane.Page, v *flow.Via) {
	if v == nil {
		return
	}
	if r := v.Resolution; r != nil && r.Outcome != flow.DNSPending {
		p.Add("", "name: "+outcomeSentence(r.Outcome)+", in "+wording.Duration(r.Took), pane.Dim)
	}
	if v.Err == "" {
		if v.Took > 0 {
			p.Add("response", "connected, after "+wording.Duration(v.Took), pane.Good)
		}
		return
	}
	p.Add("response", v.Err, pane.Bad)
	for _, h := range v.Headers {
		p.Add("", h.Name+": "+h.Value, pane.Dim)
	}
	p.Add("page", v.Body, pane.Dim)
}

// attemptText says how an attempt ended. who is what canceled it.
func attemptText(a flow.DialAttempt, now time.Time, who string) (string, pane.Tone) {
	where := fmt.Sprintf("%s (%s) ", a.Addr, flow.ScopeOf(a.Addr.Addr()))
	took := wording.Duration(a.Elapsed(now))
	switch a.Outcome {
	case flow.DialPending:
		return where + "no response for " + wording.Running(a.Elapsed(now)) + ", still waiting", pane.Warn
	case flow.DialConnected:
		return where + "ok in " + wording.Duration(a.Took), pane.Good
	case flow.DialTimeout:
		return where + "TIMEOUT: no response within " + took, pane.Bad
	case flow.DialRefused:
		return where + "RST: refused after " + wording.Duration(a.Took), pane.Bad
	case flow.DialUnreachable:
		return where + "UNREACH: no route to the address, after " + wording.Duration(a.Took), pane.Bad
	case flow.DialReset:
		return where + "RESET: accepted, then reset, after " + took, pane.Bad
	case flow.DialLost:
		return where + "lost: another address was faster; stopped after " + took, pane.Dim
	case flow.DialCanceled:
		return where + "canceled: " + who + " after " + took, pane.Dim
	case flow.DialError:
		return where + "ERROR after " + took, pane.Bad
	}
	return where + string(a.Outcome), pane.Plain
}

func attemptFacts(a flow.DialAttempt) string {
	var facts []string
	if a.Local.IsValid() {
		facts = append(facts, "from "+a.Local.String())
	}
	if a.Interface != "" {
		on := "on " + a.Interface
		if a.Kind != "" {
			on += " (" + string(a.Kind) + ")"
		}
		facts = append(facts, on)
	}
	if n := a.SYNs(); n > 0 {
		facts = append(facts, wording.Count(n, "SYN")+" sent")
		if a.Kernel.State != "" {
			facts = append(facts, "kernel state "+a.Kernel.State)
		}
		if a.Kernel.RTT > 0 {
			facts = append(facts, "RTT "+wording.Duration(a.Kernel.RTT))
		}
	}
	if a.Err != "" {
		facts = append(facts, a.Err)
	}
	return strings.Join(facts, ", ")
}
