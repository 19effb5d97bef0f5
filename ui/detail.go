package ui

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"detour/internal/flow"
	"detour/ui/mask"
)

// detail says everything about one flow but its bodies, as it is copied as text.
// It is pure, and so are the pages of the pane, which say the same.
func detail(f *flow.Flow, findings []flow.Finding, now time.Time) []line {
	var p page
	overview(&p, f, findings, now)
	requestLines(&p, f)
	dnsLines(&p, f, now)
	queryLines(&p, f)
	connLines(&p, f, now)
	tlsLines(&p, f, now)
	unusedLines(&p, f, now)
	responseLines(&p, f)
	failureLines(&p, f)
	timingLines(&p, f, now)
	for _, x := range findings {
		p.head("Finding: " + levelWord(x))
		findingLines(&p, x)
	}
	headerLines(&p, "Request headers", f.Request.Headers)
	if f.Response != nil {
		headerLines(&p, "Response headers", f.Response.Headers)
	}
	return p
}

func overview(p *page, f *flow.Flow, findings []flow.Finding, now time.Time) {
	p.head("Overview")
	if f.AWS != nil {
		p.add("call", callText(f), tonePlain)
	} else {
		p.add("request", request(f, siteOf(f)+pathOf(f)), tonePlain)
	}
	t := tonePlain
	if broken(f) || stuck(f, now) {
		t = toneBad
	}
	state := stateSentence(f, now)
	if f.Failure != nil {
		state += ": " + failureSentence(f)
	}
	p.add("state", state, t)
	p.add("road", road(row{Flow: f, now: now}), t)
	p.add("origin", originSentence(f.Origin), tonePlain)
	var why []string
	for _, e := range f.Why {
		why = append(why, evidenceSentence(e))
	}
	p.add("because", strings.Join(why, "; "), toneDim)
	if a := f.AWS; a != nil {
		awsLines(p, a)
	}
	p.add("page", f.Page, tonePlain)
	if !f.Times.Start.IsZero() {
		p.add("started", f.Times.Start.In(now.Location()).Format("2006-01-02 15:04:05.000 MST"), tonePlain)
	}
	for _, x := range findings {
		p.add("finding", levelWord(x)+": "+x.Title, levelTone(x.Level))
	}
	p.add("note", f.Note, tonePlain)
	if f.Marked {
		p.add("marked", "yes", tonePlain)
	}
}

// road sums up the way of a request in the table's words.
func road(r row) string {
	var steps []string
	name, answer := "DNS ", ""
	if c := r.Conn; c != nil && c.Resolution != nil && c.Resolution.Source == flow.SourceLiteral {
		name = "address "
	}
	if r.Response != nil {
		answer = "answer "
	}
	for _, s := range []struct {
		name string
		cell cell
	}{{name, dnsCell(r)}, {"TCP ", tcpCell(r)}, {"TLS ", tlsCell(r)}, {answer, statusCell(r)}} {
		if s.cell.text != "" && s.cell.text != none {
			steps = append(steps, s.name+s.cell.text)
		}
	}
	return strings.Join(steps, " → ")
}

func awsLines(p *page, a *flow.AWS) {
	region := a.Region
	if a.Partition != "" {
		region = strings.TrimSpace(region + " (partition " + a.Partition + ")")
	}
	p.add("region", region, tonePlain)
	p.add("endpoint", a.EndpointService, tonePlain)
	if n := len(a.Batch); n > 0 {
		p.add("relays", count(n, "call")+": "+strings.Join(a.Batch, ", "), tonePlain)
	}
	p.add("may also be", strings.Join(a.Also, ", "), toneDim)
	if a.Measured > 0 {
		p.add("measured", span(a.Measured)+": what the page itself measured for "+a.Operation+", as it reports", toneWarn)
	}
	switch a.DecodedBy {
	case "":
	case flow.Undecoded:
		p.add("decoded", "the operation could not be told from this request", toneDim)
	default:
		p.add("decoded", "by "+a.DecodedBy, toneDim)
	}
}

func requestLines(p *page, f *flow.Flow) {
	p.head("Request")
	p.add(f.Request.Method, f.Request.URL, tonePlain)
	p.add("protocol", f.Request.Proto, tonePlain)
	if f.Request.BodySize > 0 {
		p.add("body", size(f.Request.BodySize), tonePlain)
	}
	if t := f.Tunnel; t != nil {
		p.add("tunnel", "passed unread: "+size(t.Sent)+" sent, "+size(t.Received)+" received", tonePlain)
		p.host("SNI", t.ServerName)
		p.add("offered", strings.Join(t.Protocols, ", "), tonePlain)
		p.add("closed by", string(t.ClosedBy), tonePlain)
	}
	if m := f.Messages; m != nil {
		p.add("messages", fmt.Sprintf("%s sent (%s), %s received (%s)", count(int(m.Sent.Count), "message"), size(m.Sent.Bytes),
			count(int(m.Received.Count), "message"), size(m.Received.Bytes)), tonePlain)
		if m.ClosedBy != "" {
			p.add("closed by", fmt.Sprintf("%s, code %d", m.ClosedBy, m.CloseCode), tonePlain)
		}
	}
}

func responseLines(p *page, f *flow.Flow) {
	r := f.Response
	if r == nil {
		return
	}
	p.head("Response")
	t := tonePlain
	if r.Status >= 400 {
		t = toneBad
	}
	p.add("status", strconv.Itoa(r.Status), t)
	p.add("protocol", r.Proto, tonePlain)
	p.add("body", size(r.BodySize), tonePlain)
	if a := f.AWS; a != nil {
		answerFacts(p, a)
	}
}

// answerFacts are what AWS's answer says beyond its status.
func answerFacts(p *page, a *flow.AWS) {
	if a.InnerStatus != 0 {
		t := tonePlain
		if a.InnerStatus >= 400 {
			t = toneBad
		}
		p.add("inner status", strconv.Itoa(a.InnerStatus)+": what the service answered the console's server", t)
	}
	p.add("request id", a.RequestID, tonePlain)
	p.add("extended id", a.ExtendedRequestID, tonePlain)
	if e := a.Error; e != nil {
		p.add("error", e.Code, toneBad)
		p.add("message", e.Message, toneBad)
		p.add("type", e.Type, tonePlain)
		switch {
		case e.Deny == "":
		case e.Explicit:
			p.add("denied by", e.Deny+": it has a Deny", toneBad)
		default:
			p.add("denied by", e.Deny+": none has an Allow", toneBad)
		}
		p.add("policy", e.PolicyARN, tonePlain)
	}
	switch d := a.ClockSkew; {
	case d >= maxSkew || -d >= maxSkew:
		p.add("clock", skewSentence(d)+": too far for a signature", toneBad)
	case d != 0:
		p.add("clock", skewSentence(d), toneDim)
	}
}

func skewSentence(d time.Duration) string {
	if d < 0 {
		return "this machine's is " + strconv.Itoa(int(-d.Seconds())) + " s behind AWS's"
	}
	return "this machine's is " + strconv.Itoa(int(d.Seconds())) + " s ahead of AWS's"
}

func failureLines(p *page, f *flow.Flow) {
	if f.Failure == nil {
		return
	}
	p.head("Failure")
	p.add("stage", string(f.Failure.Stage)+": "+failureSentence(f), toneBad)
	p.add("message", f.Failure.Message, tonePlain)
	if f.AWS != nil && f.AWS.RequestID == "" && f.Response == nil && beforeAWS(f.Failure.Stage) {
		p.add("so", "the request never reached AWS: CloudTrail has no event of it, and permissions play no part", tonePlain)
	}
}

// beforeAWS reports whether a failure at this stage means that no byte of the
// request reached a server.
func beforeAWS(s flow.Stage) bool {
	return s == flow.StageDNS || s == flow.StageDial || s == flow.StageTLS
}

func headerLines(p *page, title string, hs []flow.Header) {
	if len(hs) == 0 {
		return
	}
	p.head(title)
	for _, h := range hs {
		if mask.IsHostField(h.Name) {
			p.host(h.Name, h.Value)
		} else {
			p.add(h.Name, h.Value, tonePlain)
		}
	}
}

func levelTone(l flow.Level) tone {
	if l == flow.LevelProblem {
		return toneBad
	}
	return toneWarn
}
