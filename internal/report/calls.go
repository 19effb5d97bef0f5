package report

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"detour/internal/diagnose"
	"detour/internal/flow"
	"detour/internal/wording"
)

// calls is the table of affected calls.
func (s survey) calls() part {
	p := part{ID: "calls", Title: "Affected calls"}
	switch {
	case len(s.Flows) == 0:
		p.Blocks = []block{{Note: "None."}}
		return p
	case len(s.affected) == 0 && s.Missing():
		p.Blocks = []block{{Note: "None in the part that could be read: every AWS call in it got a response, and no finding is about one."}}
		return p
	case len(s.affected) == 0:
		p.Blocks = []block{{Note: "None: every AWS call got a response, and no finding is about one."}}
		return p
	}
	t := &table{Columns: []string{"#", "time", "origin", "call", "host", "DNS", "TCP", "took", "response", "request ID", "CloudTrail"}}
	for _, f := range s.affected[:min(len(s.affected), maxCalls)] {
		t.Rows = append(t.Rows, []string{
			strconv.FormatUint(uint64(f.ID), 10), s.clock(f.Times.Start), string(f.Origin), callOf(f), f.Request.Host(),
			dnsOf(f), tcpOf(f, s.last), wording.Duration(s.took(f)), answerOf(f), requestID(f),
			or(strings.Join(diagnose.Trail(f), "; "), wording.None),
		})
	}
	t.More = more(len(s.affected), maxCalls, "affected call")
	p.Blocks = []block{{Table: t}}
	p.Picture, p.Undrawn = s.picture()
	return p
}

// more is what a limit omits; "" if nothing.
func more(n, bound int, thing string) string {
	if n <= bound {
		return ""
	}
	return wording.Count(n-bound, "more "+thing)
}

// callOf names a request by its call: "monitoring:GetMetricData".
func callOf(f *flow.Flow) string {
	a := f.AWS
	switch {
	case a == nil || a.Service == "" && a.Operation == "":
		return f.Request.Method + " " + wording.Clip(path(f), 80)
	case a.Service == "" && f.Origin == flow.OriginTelemetry:
		return a.Operation + " (page telemetry)"
	case a.Service == "":
		return a.Operation
	case a.Operation == "" && f.Request.Method == "OPTIONS":
		switch of := a.MayBe(); {
		case len(of) > 0:
			return a.Service + ":" + strings.Join(of, " or ") + " (preflight; the call was never sent)"
		case f.IsUnansweredPreflight():
			return a.Service + " (preflight; the call was never sent)"
		}
		return a.Service + " (preflight)"
	case a.Operation == "":
		return a.Service + ": " + f.Request.Method + " " + wording.Clip(path(f), 80)
	case f.Request.Method == "OPTIONS":
		return a.Service + ":" + a.Operation + " (preflight)"
	}
	return a.Service + ":" + a.Operation
}

// path is the target of a request without its query, which is long and says little.
func path(f *flow.Flow) string {
	p, _, _ := strings.Cut(f.Request.Target(), "?")
	return p
}

// dnsOf is the class of the DNS answer, and the address that was tried.
func dnsOf(f *flow.Flow) string {
	c := f.Conn
	if c == nil || c.Resolution == nil {
		if c != nil && c.UpstreamProxy != "" {
			return "by the upstream proxy"
		}
		return wording.None
	}
	r := c.Resolution
	switch {
	case r.Outcome == flow.DNSPending:
		return "no response yet"
	case r.Outcome != flow.DNSOK:
		return string(r.Outcome)
	case r.Source == flow.SourceProxied:
		return "by the upstream proxy"
	case len(r.Addrs) == 0:
		return "no address"
	}
	scopes := make([]string, 0, 2)
	for _, sc := range r.Scopes() {
		scopes = append(scopes, string(sc))
	}
	s := strings.Join(scopes, "+")
	if r.Source == flow.SourceHosts || r.Source == flow.SourceMap {
		s = string(r.Source) + ", " + s
	}
	addr := r.Addrs[0]
	if w := c.Winner(); w != nil && w.Addr.IsValid() {
		addr = w.Addr.Addr()
	} else if len(c.Attempts) > 0 && c.Attempts[0].Addr.IsValid() {
		addr = c.Attempts[0].Addr.Addr()
	}
	s += " " + addr.String()
	if n := len(r.Addrs) - 1; n > 0 {
		s += fmt.Sprintf(" +%d", n)
	}
	return s
}

// tcpOf is the outcomes of the connects, in the words and figures of the table.
func tcpOf(f *flow.Flow, now time.Time) string {
	c := f.Conn
	switch {
	case c == nil:
		return wording.None
	case f.Reused:
		return "reused"
	case len(c.Attempts) == 0:
		return wording.None
	}
	return flow.ConnectsText(f.Connects(now))
}

// answerOf is the status with AWS's error code, or why there is no response.
func answerOf(f *flow.Flow) string {
	var parts []string
	if f.Response != nil {
		parts = append(parts, strconv.Itoa(f.Response.Status))
	}
	if f.AWS != nil && f.AWS.Error != nil {
		parts = append(parts, f.AWS.Error.Code)
	}
	if f.AWS != nil && f.AWS.InnerStatus != 0 && (f.Response == nil || f.AWS.InnerStatus != f.Response.Status) {
		parts = append(parts, fmt.Sprintf("(the service: %d)", f.AWS.InnerStatus))
	}
	if x := f.Failure; x != nil {
		parts = append(parts, failed(x))
	}
	if len(parts) == 0 {
		return or(string(f.State), wording.None)
	}
	return strings.Join(parts, " ")
}

// failed is why there is no response, in short. The evidence by host has the details of
// each attempt.
func failed(x *flow.Failure) string {
	switch x.Stage {
	case flow.StageDNS:
		return "no address"
	case flow.StageDial:
		return "no connection"
	case flow.StageTLS:
		return "no TLS"
	case flow.StageUpstreamProxy, flow.StageSend, flow.StageWait, flow.StageReceive, flow.StageClient, flow.StageProxy:
	}
	return strings.TrimSuffix(string(x.Stage)+": "+x.Message, ": ")
}

func requestID(f *flow.Flow) string {
	if f.AWS == nil || f.AWS.RequestID == "" {
		return wording.None
	}
	if x := f.AWS.ExtendedRequestID; x != "" {
		return f.AWS.RequestID + " / " + x
	}
	return f.AWS.RequestID
}
