package detail

import (
	"time"

	"detour/internal/flow"
	"detour/internal/wording"
	"detour/ui/pane"
	"detour/ui/table"
)

// troubleLines say what is wrong with a flow, before anything else is said of it: what failed,
// where, after how long, and at which addresses. They report whether anything is.
func troubleLines(p *pane.Page, f *flow.Flow, now time.Time) bool {
	stuck := table.Stuck(f, now)
	switch {
	case f.Failure != nil:
		failureLines(p, f, now)
	case stuck:
		p.Head("No response so far")
		callLine(p, f)
		p.Add("state", stateSentence(f, now), pane.Bad)
		triedLines(p, f, now)
	}
	if table.ErrorAnswer(f) {
		p.Head("Error response")
		if f.Failure == nil {
			callLine(p, f)
			p.AddHost("host", table.Host(f))
			p.Add("state", stateSentence(f, now), pane.Plain)
		}
		responseFacts(p, f)
	}
	return f.Failure != nil || stuck || table.ErrorAnswer(f)
}

// callLine names the AWS call, or else the request.
func callLine(p *pane.Page, f *flow.Flow) {
	if f.AWS.IsCall() {
		p.Add("call", table.Call(f), pane.Plain)
	} else {
		p.Add("request", table.Call(f), pane.Plain)
	}
}

// failureLines say what failed, where, and after how long.
func failureLines(p *pane.Page, f *flow.Flow, now time.Time) {
	if f.Failure == nil {
		return
	}
	p.Head("Failure")
	callLine(p, f)
	failed := failureSentence(f)
	if took := table.Elapsed(f, now); took >= 0 {
		failed += ", after " + wording.Duration(took)
	}
	p.Add("failed", failed+" (stage "+string(f.Failure.Stage)+")", pane.Bad)
	triedLines(p, f, now)
	if f.AWS.IsCall() && f.AWS.RequestID == "" && f.Response == nil && beforeAWS(f.Failure.Stage) {
		p.Add("meaning", "the request never reached AWS: CloudTrail has no event for it, and permissions don't matter", pane.Plain)
	}
	p.Add("message", f.Failure.Message, pane.Plain)
}

// mostTried is how many addresses are listed before the others are counted.
const mostTried = 4

// triedLines are the host, what was tried to reach it, and the addresses.
func triedLines(p *pane.Page, f *flow.Flow, now time.Time) {
	c := f.Conn
	if c == nil || f.Reused {
		p.AddHost("host", table.Host(f))
	} else {
		p.AddHost("host", c.Authority)
		p.Add("via", c.UpstreamProxy, pane.Plain)
		if r := c.Resolution; r != nil && r.Outcome != flow.DNSOK && r.Outcome != flow.DNSPending {
			p.Add("DNS", outcomeSentence(r.Outcome)+", in "+wording.Duration(r.Took), pane.Bad)
		}
		connectLines(p, "TCP", c, now)
		if t := c.TLS; t != nil && t.Outcome != flow.TLSOK && t.Outcome != flow.TLSPending {
			p.Add("TLS", tlsSentence(t.Outcome)+", after "+wording.Duration(t.Took), pane.Bad)
		}
	}
	for _, own := range f.Unused {
		connectLines(p, "not used", own, now)
	}
}

// connectLines sum up the attempts of a connection, and list their addresses.
func connectLines(p *pane.Page, label string, c *flow.Conn, now time.Time) {
	sums := flow.SumConnects(c.Attempts, now)
	p.Add(label, flow.ConnectsText(sums), toneOf(sums))
	var addrs []string
	for _, a := range c.Attempts {
		if a.Addr.IsValid() {
			addrs = append(addrs, a.Addr.Addr().String()+" ("+string(flow.ScopeOf(a.Addr.Addr()))+")")
		}
	}
	p.Add(wording.Plural(len(addrs), "address"), wording.Some(addrs, mostTried), pane.Plain)
}

// toneOf is that of sums of connects: of a success if one connected.
func toneOf(sums []flow.Connects) pane.Tone {
	if len(sums) > 0 && sums[0].Outcome == flow.DialConnected {
		return pane.Good
	}
	return pane.Bad
}

// leadLines are what a person with a problem reads first: what is wrong with the flow, what
// probing its host found, and the findings that name it.
func leadLines(p *pane.Page, x Subject) (trouble bool) {
	trouble = troubleLines(p, x.Flow, x.Now)
	probeLines(p, x.Probe)
	for _, y := range x.Findings {
		p.Head("Finding: " + LevelWord(y))
		findingLines(p, y)
	}
	return trouble
}
