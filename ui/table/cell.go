package table

import (
	"strconv"
	"strings"
	"time"

	"detour/internal/flow"
	"detour/internal/wording"
	"detour/ui/pane"
	"detour/ui/text"
)

// A cell is the content of one column in one row. The text says everything; the tone only
// repeats it in colour.
type cell struct {
	text string
	tone pane.Tone
}

// A Row is a flow and what the screen knows about it: all that a cell is made from.
type Row struct {
	*flow.Flow
	Now   time.Time
	Claim flow.Level // of the most important finding that names the flow; "" if none does
	Codes []string   // of the findings that list the flow
	Step  string     // the step it belongs to; "": none
}

// signCell marks rows that need attention: ! for no response or a finding, x for an error
// response, i for a notice, * for the user's own mark.
func signCell(r Row) cell {
	c := cell{" ", pane.Plain}
	switch {
	case Broken(r.Flow) || r.Claim == flow.LevelProblem || Stuck(r.Flow, r.Now):
		c = cell{"!", pane.Bad}
	case ErrorAnswer(r.Flow):
		c = cell{"x", pane.Bad}
	case r.Claim != "" || len(r.Findings) > 0:
		c = cell{"i", pane.Warn}
	}
	if r.Marked {
		c.text += "*"
	}
	return c
}

// markCell shows the user's mark and note.
func markCell(r Row) cell {
	var c cell
	if r.Marked {
		c = cell{"*", pane.Warn}
	}
	if r.Note != "" {
		c = cell{c.text + "n", pane.Warn}
	}
	return c
}

func timeCell(r Row) cell {
	if r.Times.Start.IsZero() {
		return cell{wording.None, pane.Dim}
	}
	return cell{r.Times.Start.In(r.Now.Location()).Format("15:04:05"), pane.Dim}
}

// datedCell is timeCell if flows are of several days.
func datedCell(r Row) cell {
	if r.Times.Start.IsZero() {
		return cell{wording.None, pane.Dim}
	}
	return cell{r.Times.Start.In(r.Now.Location()).Format("01-02 15:04:05"), pane.Dim}
}

func originCell(r Row) cell {
	t := pane.Dim
	switch r.Origin {
	case flow.OriginDirect:
		t = pane.Accent
	case flow.OriginConsole:
		t = pane.Plain
	case flow.OriginSignIn, flow.OriginStatic, flow.OriginTelemetry, flow.OriginOther:
	}
	return cell{originWord(r.Origin), t}
}

// callCell names the AWS call, or the request where there is none.
func callCell(r Row) cell {
	if !r.AWS.IsCall() {
		return cell{request(r.Flow, pathOf(r.Flow)), pane.Dim}
	}
	return cell{callText(r.Flow), pane.Plain}
}

// callHostCell is callCell if no column shows the host.
func callHostCell(r Row) cell {
	if !r.AWS.IsCall() {
		return cell{Call(r.Flow), pane.Dim}
	}
	return cell{Call(r.Flow), pane.Plain}
}

// Call names the AWS call of a flow, such as "CloudWatch GetMetricData", or else the
// request with its host.
func Call(f *flow.Flow) string {
	if !f.AWS.IsCall() {
		return request(f, siteOf(f)+pathOf(f))
	}
	return callText(f)
}

func request(f *flow.Flow, target string) string {
	if f.Tunnel != nil {
		return "tunnel " + f.Request.URL
	}
	method, _ := text.Head(f.Request.Method, text.MaxCell)
	return method + " " + target
}

// callText names an AWS call as people do: "CloudWatch GetMetricData".
func callText(f *flow.Flow) string {
	a := f.AWS
	name := a.ServiceName
	if name == "" {
		name = a.Service
	}
	name, _ = text.Head(name, text.MaxCell)
	op, _ := text.Head(a.Operation, text.MaxCell)
	switch {
	case a.Measured > 0:
		return op + " took " + wording.Duration(a.Measured) + " (beacon)"
	case a.Operation == "" && f.Request.Method == "OPTIONS":
		return preflightText(name, f)
	case a.Operation == "":
		return strings.TrimSpace(name + " undecoded: " + f.Request.Method + " " + pathOf(f))
	case f.Request.Method == "OPTIONS":
		return name + " " + op + " (preflight)"
	}
	return strings.TrimSpace(name + " " + op)
}

// preflightText is a preflight to a service, which has no operation: the call that it was for,
// as far as other requests tell, or that there was none.
func preflightText(service string, f *flow.Flow) string {
	if of := f.AWS.MayBe(); len(of) > 0 {
		names, _ := text.Head(strings.Join(of, " or "), text.MaxCell)
		return "preflight of " + names // the operation is what a narrow column has to show
	}
	what := strings.TrimSpace(service + " preflight")
	if f.IsUnansweredPreflight() {
		return what + "; the call was never sent"
	}
	return what
}

func hostCell(r Row) cell { return cell{siteOf(r.Flow), pane.Plain} }

// dnsCell says how the name resolved: the kind of address and the address that the
// connection went to, or why there is none.
func dnsCell(r Row) cell {
	word, tone, res := dnsWord(r)
	if res == nil || len(res.Addrs) == 0 {
		return cell{word, tone}
	}
	text := word + " " + shownAddress(r.Conn).String()
	if more := len(res.Addrs) - 1; more > 0 {
		text += " +" + strconv.Itoa(more)
	}
	return cell{text, tone}
}

// pathCell is the first word of dnsCell, for narrow screens.
func pathCell(r Row) cell {
	word, tone, _ := dnsWord(r)
	return cell{word, tone}
}

// dnsWord says in a word how a name resolved. It returns the resolution if that has
// addresses to show.
func dnsWord(r Row) (string, pane.Tone, *flow.Resolution) {
	c := r.Conn
	switch {
	case c == nil && r.Final():
		return wording.None, pane.Dim, nil
	case c == nil:
		return "", pane.Dim, nil
	case c.Resolution == nil && c.UpstreamProxy != "":
		return "by proxy", pane.Dim, nil
	case c.Resolution == nil && r.Final():
		return wording.None, pane.Dim, nil
	case c.Resolution == nil:
		return "resolving", pane.Dim, nil
	}
	res := c.Resolution
	switch res.Outcome {
	case flow.DNSPending:
		return "resolving", pane.Dim, nil
	case flow.DNSNXDomain, flow.DNSNoData, flow.DNSServFail, flow.DNSRefused, flow.DNSTimeout, flow.DNSError:
		return string(res.Outcome), pane.Bad, nil
	case flow.DNSOK:
	}
	scope, tone := scopeWord(res)
	switch res.Source {
	case flow.SourceHosts, flow.SourceMap:
		return string(res.Source), pane.Warn, res
	case flow.SourceProxied:
		return "by proxy", pane.Dim, nil
	case flow.SourceDNS, flow.SourceSystem, flow.SourceLiteral:
	}
	return scope, tone, res
}

// scopeWord says what kind of addresses they are as a whole.
func scopeWord(res *flow.Resolution) (string, pane.Tone) {
	scopes := res.Scopes()
	switch {
	case len(scopes) == 0:
		return "no address", pane.Bad
	case len(scopes) > 1:
		return "mixed", pane.Warn
	case scopes[0].InVPC():
		return string(scopes[0]), pane.Accent
	case scopes[0] == flow.ScopePublic:
		return string(scopes[0]), pane.Plain
	}
	return string(scopes[0]), pane.Warn
}

// shownAddress is the address to show: the one that connected, else the first one tried, else the
// first one in the answer.
func shownAddress(c *flow.Conn) interface{ String() string } {
	if w := c.Winner(); w != nil {
		return w.Addr.Addr()
	}
	if len(c.Attempts) > 0 {
		return c.Attempts[0].Addr.Addr()
	}
	return c.Resolution.Addrs[0]
}
