package detail

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"detour/internal/flow"
	"detour/internal/wording"
	"detour/ui/mask"
	"detour/ui/pane"
	"detour/ui/table"
)

// Facts is everything about a flow except its bodies, as it is copied as text.
func Facts(f *flow.Flow, findings []flow.Finding, now time.Time) []pane.Line {
	var p pane.Page
	overview(&p, f, leadLines(&p, Subject{Flow: f, Findings: findings, Now: now}), now)
	requestLines(&p, f)
	dnsLines(&p, f, now)
	queryLines(&p, f)
	connLines(&p, f, now)
	tlsLines(&p, f, now)
	unusedLines(&p, f, now)
	if !table.ErrorAnswer(f) { // which comes first
		responseLines(&p, f)
	}
	timingLines(&p, f, now)
	headerLines(&p, "Request headers", f.Request.Headers)
	if f.Response != nil {
		headerLines(&p, "Response headers", f.Response.Headers)
	}
	return p
}

// overview is what the flow is and where it went. What troubleLines wrote isn't repeated.
func overview(p *pane.Page, f *flow.Flow, trouble bool, now time.Time) {
	p.Head("Overview")
	t := pane.Plain
	if table.Broken(f) || table.Stuck(f, now) {
		t = pane.Bad
	}
	if !trouble {
		callLine(p, f)
		p.Add("state", stateSentence(f, now), t)
	}
	p.Add("route", table.Path(table.Row{Flow: f, Now: now}), t)
	p.Add("origin", originSentence(f.Origin), pane.Plain)
	var why []string
	for _, e := range f.Why {
		why = append(why, evidenceSentence(e))
	}
	p.Add("evidence", strings.Join(why, "; "), pane.Dim)
	if a := f.AWS; a != nil {
		awsLines(p, a)
	}
	p.Add("page", f.Page, pane.Plain)
	if !f.Times.Start.IsZero() {
		p.Add("started", f.Times.Start.In(now.Location()).Format("2006-01-02 15:04:05.000 MST"), pane.Plain)
	}
	p.Add("note", f.Note, pane.Plain)
	if f.Marked {
		p.Add("marked", "yes", pane.Plain)
	}
}

func awsLines(p *pane.Page, a *flow.AWS) {
	region := a.Region
	if a.Partition != "" {
		region = strings.TrimSpace(region + " (partition " + a.Partition + ")")
	}
	p.Add("region", region, pane.Plain)
	p.Add("endpoint", a.EndpointService, pane.Plain)
	if n := len(a.Batch); n > 0 {
		p.Add("relays", wording.Count(n, "call")+": "+strings.Join(a.Batch, ", "), pane.Plain)
	}
	p.Add("may also be", strings.Join(a.Also, ", "), pane.Dim)
	if a.Measured > 0 {
		p.Add("measured", wording.Duration(a.Measured)+": the time that the page reports for "+a.Operation, pane.Warn)
	}
	preflightLine(p, a)
	switch a.DecodedBy {
	case "":
	case flow.Undecoded:
		p.Add("decoded", "the operation can't be determined from this request", pane.Dim)
	default:
		p.Add("decoded", "by "+a.DecodedBy, pane.Dim)
	}
}

// preflightLine says for which call a preflight was that got no response, and how that is
// known.
func preflightLine(p *pane.Page, a *flow.AWS) {
	of := a.PreflightOf
	if of == nil {
		return
	}
	how := ""
	switch of.By {
	case flow.PreflightByBeacon:
		how = "the page reports, just after the preflight ended, such a call that took as long"
	case flow.PreflightByPage:
		how = "each call of the same page to this URL is one"
	}
	p.Add("its call", strings.Join(of.Operations, " or ")+", never sent: "+how, pane.Warn)
}

func requestLines(p *pane.Page, f *flow.Flow) {
	p.Head("Request")
	p.Add(f.Request.Method, f.Request.URL, pane.Plain)
	p.Add("protocol", f.Request.Proto, pane.Plain)
	if f.Request.BodySize > 0 {
		p.Add("body", wording.Bytes(f.Request.BodySize), pane.Plain)
	}
	if t := f.Tunnel; t != nil {
		p.Add("tunnel", "passed through undecrypted: "+wording.Bytes(t.Sent)+" sent, "+wording.Bytes(t.Received)+" received", pane.Plain)
		p.AddHost("SNI", t.ServerName)
		p.Add("ALPN", strings.Join(t.Protocols, ", "), pane.Plain)
		p.Add("closed by", string(t.ClosedBy), pane.Plain)
	}
	if m := f.Messages; m != nil {
		p.Add("messages", fmt.Sprintf("%s sent (%s), %s received (%s)", wording.Count(int(m.Sent.Count), "message"), wording.Bytes(m.Sent.Bytes),
			wording.Count(int(m.Received.Count), "message"), wording.Bytes(m.Received.Bytes)), pane.Plain)
		if m.ClosedBy != "" {
			p.Add("closed by", fmt.Sprintf("%s, code %d", m.ClosedBy, m.CloseCode), pane.Plain)
		}
	}
}

func responseLines(p *pane.Page, f *flow.Flow) {
	if f.Response != nil {
		p.Head("Response")
		responseFacts(p, f)
	}
}

// responseFacts are the status, and what AWS says.
func responseFacts(p *pane.Page, f *flow.Flow) {
	r := f.Response
	if r == nil {
		if f.AWS != nil {
			answerFacts(p, f.AWS)
		}
		return
	}
	t := pane.Plain
	if r.Status >= 400 {
		t = pane.Bad
	}
	p.Add("status", strconv.Itoa(r.Status), t)
	p.Add("protocol", r.Proto, pane.Plain)
	p.Add("body", wording.Bytes(r.BodySize), pane.Plain)
	if a := f.AWS; a != nil {
		answerFacts(p, a)
	}
}

// answerFacts are what AWS's response says beyond its status.
func answerFacts(p *pane.Page, a *flow.AWS) {
	if a.InnerStatus != 0 {
		t := pane.Plain
		if a.InnerStatus >= 400 {
			t = pane.Bad
		}
		p.Add("inner status", strconv.Itoa(a.InnerStatus)+": the service's response to the console's server", t)
	}
	p.Add("request id", a.RequestID, pane.Plain)
	p.Add("extended id", a.ExtendedRequestID, pane.Plain)
	if e := a.Error; e != nil {
		p.Add("error", e.Code, pane.Bad)
		p.Add("message", e.Message, pane.Bad)
		p.Add("type", e.Type, pane.Plain)
		switch {
		case e.Deny == "":
		case e.Explicit:
			p.Add("denied by", e.Deny+": an explicit Deny", pane.Bad)
		default:
			p.Add("denied by", e.Deny+": no Allow", pane.Bad)
		}
		p.Add("policy", e.PolicyARN, pane.Plain)
	}
	switch d := a.ClockSkew; {
	case d >= table.MaxSkew || -d >= table.MaxSkew:
		p.Add("clock", skewSentence(d)+": too far off for signed requests", pane.Bad)
	case d != 0:
		p.Add("clock", skewSentence(d), pane.Dim)
	}
}

func skewSentence(d time.Duration) string {
	if d < 0 {
		return "this machine's clock is " + strconv.Itoa(int(-d.Seconds())) + " s behind AWS's"
	}
	return "this machine's clock is " + strconv.Itoa(int(d.Seconds())) + " s ahead of AWS's"
}

// beforeAWS reports whether a failure at this stage means that the request didn't reach any
// server.
func beforeAWS(s flow.Stage) bool {
	return s == flow.StageDNS || s == flow.StageDial || s == flow.StageTLS
}

func headerLines(p *pane.Page, title string, hs []flow.Header) {
	if len(hs) == 0 {
		return
	}
	p.Head(title)
	for _, h := range hs {
		if mask.IsHostField(h.Name) {
			p.AddHost(h.Name, h.Value)
		} else {
			p.Add(h.Name, h.Value, pane.Plain)
		}
	}
}

func levelTone(l flow.Level) pane.Tone {
	if l == flow.LevelProblem {
		return pane.Bad
	}
	return pane.Warn
}
