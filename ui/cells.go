package ui

import (
	"strconv"
	"strings"
	"time"

	"detour/internal/diagnose"
	"detour/internal/flow"
)

// A cell is the content of one column in one row. The text says everything; the
// tone only repeats it in colour.
type cell struct {
	text string
	tone tone
}

// A row is what a renderer may look at. Renderers are pure.
type row struct {
	*flow.Flow
	now   time.Time
	claim flow.Level // of the most telling finding across flows that names this one; "" if none does
}

// signCell marks rows that want a look: ! for no answer or a finding, x for an
// answer that is an error, i for a notice, * for the user's own mark.
func signCell(r row) cell {
	c := cell{" ", tonePlain}
	switch {
	case broken(r.Flow) || r.claim == flow.LevelProblem || stuck(r.Flow, r.now):
		c = cell{"!", toneBad}
	case errorAnswer(r.Flow):
		c = cell{"x", toneBad}
	case r.claim != "" || len(r.Findings) > 0:
		c = cell{"i", toneWarn}
	}
	if r.Marked {
		c.text += "*"
	}
	return c
}

// broken reports whether the network failed the flow. A client that left is no failure of the network.
func broken(f *flow.Flow) bool {
	return f.Failure != nil && f.Failure.Stage != flow.StageClient
}

// errorAnswer reports whether the server's answer to an AWS call is an error.
func errorAnswer(f *flow.Flow) bool {
	return f.AWS != nil && (f.AWS.Error != nil || f.Response != nil && f.Response.Status >= 400)
}

// stuck reports whether a flow that isn't over waits for a TCP connection for
// longer than a healthy network ever takes.
func stuck(f *flow.Flow, now time.Time) bool {
	if f.Final() || f.Reused || f.Conn == nil || f.Conn.Winner() != nil {
		return false
	}
	for i := range f.Conn.Attempts {
		if f.Conn.Attempts[i].Unanswered(now, diagnose.Patience) {
			return true
		}
	}
	return false
}

func timeCell(r row) cell {
	return cell{r.Times.Start.In(r.now.Location()).Format("15:04:05"), toneDim}
}

func originCell(r row) cell {
	t := toneDim
	switch r.Origin {
	case flow.OriginDirect:
		t = toneAccent
	case flow.OriginConsole:
		t = tonePlain
	case flow.OriginSignIn, flow.OriginStatic, flow.OriginTelemetry, flow.OriginOther:
	}
	return cell{originWord(r.Origin), t}
}

// callCell names the AWS call, or the request where there is none.
func callCell(r row) cell {
	if r.AWS == nil {
		return cell{request(r.Flow, pathOf(r.Flow)), toneDim}
	}
	return cell{callText(r.Flow), tonePlain}
}

// callHostCell is callCell where no column shows the host.
func callHostCell(r row) cell {
	if r.AWS == nil {
		return cell{request(r.Flow, hostOf(r.Flow)+pathOf(r.Flow)), toneDim}
	}
	return cell{callText(r.Flow), tonePlain}
}

func request(f *flow.Flow, target string) string {
	if f.Tunnel != nil {
		return "tunnel " + f.Request.URL
	}
	return f.Request.Method + " " + target
}

// callText names an AWS call as people say it: "CloudWatch GetMetricData".
func callText(f *flow.Flow) string {
	a := f.AWS
	name := a.ServiceName
	if name == "" {
		name = a.Service
	}
	switch {
	case a.Measured > 0:
		return a.Operation + " took " + span(a.Measured) + " (beacon)"
	case a.Operation == "":
		return strings.TrimSpace(name + " undecoded: " + f.Request.Method + " " + pathOf(f))
	case f.Request.Method == "OPTIONS":
		return name + " " + a.Operation + " (preflight)"
	}
	return strings.TrimSpace(name + " " + a.Operation)
}

func hostCell(r row) cell { return cell{hostOf(r.Flow), tonePlain} }

// dnsCell says how the name resolved: the class of the address and the address
// that the connection went to, or why there is none.
func dnsCell(r row) cell {
	word, tone, res := dnsWord(r)
	if res == nil || len(res.Addrs) == 0 {
		return cell{word, tone}
	}
	text := word + " " + chosen(r.Conn).String()
	if more := len(res.Addrs) - 1; more > 0 {
		text += " +" + strconv.Itoa(more)
	}
	return cell{text, tone}
}

// pathCell is dnsCell's first word, for narrow screens.
func pathCell(r row) cell {
	word, tone, _ := dnsWord(r)
	return cell{word, tone}
}

// dnsWord classes a resolution; the Resolution is returned if it has addresses to show.
func dnsWord(r row) (string, tone, *flow.Resolution) {
	c := r.Conn
	switch {
	case c == nil && r.Final():
		return none, toneDim, nil
	case c == nil:
		return "", toneDim, nil
	case c.Resolution == nil && c.UpstreamProxy != "":
		return "by proxy", toneDim, nil
	case c.Resolution == nil && r.Final():
		return none, toneDim, nil
	case c.Resolution == nil:
		return "resolving", toneDim, nil
	}
	res := c.Resolution
	switch res.Outcome {
	case flow.DNSPending:
		return "resolving", toneDim, nil
	case flow.DNSNXDomain, flow.DNSNoData, flow.DNSServFail, flow.DNSRefused, flow.DNSTimeout, flow.DNSError:
		return string(res.Outcome), toneBad, nil
	case flow.DNSOK:
	}
	scope, tone := scopeWord(res)
	switch res.Source {
	case flow.SourceHosts, flow.SourceMap:
		return string(res.Source), toneWarn, res
	case flow.SourceProxied:
		return "by proxy", toneDim, nil
	case flow.SourceDNS, flow.SourceSystem, flow.SourceLiteral:
	}
	return scope, tone, res
}

// scopeWord classes the addresses as a whole.
func scopeWord(res *flow.Resolution) (string, tone) {
	scopes := res.Scopes()
	switch {
	case len(scopes) == 0:
		return "no address", toneBad
	case len(scopes) > 1:
		return "mixed", toneWarn
	case scopes[0].InVPC():
		return string(scopes[0]), toneAccent
	case scopes[0] == flow.ScopePublic:
		return string(scopes[0]), tonePlain
	}
	return string(scopes[0]), toneWarn
}

// chosen is the address to show: the one that answered, else the first that
// was tried, else the first of the answer.
func chosen(c *flow.Conn) interface{ String() string } {
	if w := c.Winner(); w != nil {
		return w.Addr.Addr()
	}
	if len(c.Attempts) > 0 {
		return c.Attempts[0].Addr.Addr()
	}
	return c.Resolution.Addrs[0]
}

// statusCell is the HTTP status with AWS's error code, or what stands in its place.
func statusCell(r row) cell {
	if r.Response != nil {
		return answerCell(r.Flow)
	}
	if r.Tunnel != nil && r.Failure == nil {
		return cell{"tunnel " + size(r.Tunnel.Sent+r.Tunnel.Received), toneDim}
	}
	switch r.State {
	case flow.StateWaiting, flow.StateReceiving:
		return cell{"waiting " + clock(since(r.Times.WroteRequest, r)), toneDim}
	case flow.StateBlocked, flow.StateResolving, flow.StateConnecting, flow.StateHandshaking:
		return cell{"", toneDim}
	case flow.StateDone:
	}
	if r.Failure == nil {
		return cell{none, toneDim}
	}
	switch r.Failure.Stage {
	case flow.StageDNS, flow.StageDial, flow.StageTLS:
		return cell{none, toneBad}
	case flow.StageSend, flow.StageWait, flow.StageReceive:
		return cell{"no answer", toneBad}
	case flow.StageClient:
		return cell{"client left", toneDim}
	case flow.StageProxy:
		return cell{"not sent", toneBad}
	}
	return cell{none, toneBad}
}

// answerCell is the status of a response, whole or not.
func answerCell(f *flow.Flow) cell {
	c := cell{strconv.Itoa(f.Response.Status), toneGood}
	if f.Response.Status >= 400 {
		c.tone = toneBad
	}
	if f.AWS != nil && f.AWS.Error != nil {
		c = cell{c.text + " " + f.AWS.Error.Code, toneBad}
	}
	if broken(f) {
		c = cell{c.text + " cut off", toneBad}
	}
	return c
}

// resultCell is the first of DNS, TCP, TLS and HTTP that has something to
// tell, for screens that have no room for all.
func resultCell(r row) cell {
	if r.Response != nil {
		return answerCell(r.Flow)
	}
	if res := resolution(r.Flow); res != nil && res.Outcome != flow.DNSOK && res.Outcome != flow.DNSPending {
		return cell{"no address", toneBad}
	}
	if t := tlsOf(r.Flow); t != nil && t.Outcome != flow.TLSOK {
		c := tlsCell(r)
		return cell{"TLS " + c.text, c.tone}
	}
	if c := tcpCell(r); c.tone == toneBad || c.tone == toneWarn || resolving(r.Flow) || connecting(r.Flow) {
		return c
	}
	if c := statusCell(r); c.text != "" {
		return c
	}
	return cell{string(r.State) + " " + clock(r.Elapsed(r.now)), toneDim}
}

// timedResultCell is resultCell where no column shows the total time: "200 in 92 ms".
func timedResultCell(r row) cell {
	c := resultCell(r)
	if r.Response != nil && c.tone == toneGood {
		c.text += " in " + span(r.Elapsed(r.now))
	}
	return c
}

// totalCell is how long the flow took, or has taken.
func totalCell(r row) cell {
	if !r.Final() {
		return cell{clock(r.Elapsed(r.now)), toneDim}
	}
	return cell{span(r.Elapsed(r.now)), tonePlain}
}

// resolution is the flow's own lookup; nil if there was none or another flow's.
func resolution(f *flow.Flow) *flow.Resolution {
	if f.Conn == nil || f.Reused {
		return nil
	}
	return f.Conn.Resolution
}

// since is the time from an instant of the row's flow until now; from its start if the instant is missing.
func since(at time.Time, r row) time.Duration {
	if at.IsZero() {
		return r.Elapsed(r.now)
	}
	return max(0, r.now.Sub(at))
}
