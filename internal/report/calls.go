package report

import (
	"fmt"
	"strconv"
	"strings"

	"detour/internal/flow"
	"detour/internal/wording"
)

// maxRows is how many calls of a host are listed.
const maxRows = 12

// calls are the affected calls, by host, with the outcome of DNS, TCP and TLS.
func (s survey) calls() Chapter {
	p := Chapter{ID: "calls", Title: "Affected calls, by host"}
	switch {
	case s.n == 0:
		p.Blocks = []Block{{Note: "None."}}
		return p
	case len(s.affected) == 0 && s.Missing():
		p.Blocks = []Block{{Note: "None in the part that could be read: every AWS call in it got a response, and no finding is about one."}}
		return p
	case len(s.affected) == 0:
		p.Blocks = []Block{{Note: "None: every AWS call got a response, and no finding is about one."}}
		return p
	}
	hosts, of := s.hosts()
	for _, h := range hosts[:min(len(hosts), maxHosts)] {
		p.Blocks = append(p.Blocks, s.host(h, of[h])...)
	}
	if n := len(hosts) - maxHosts; n > 0 {
		rest := 0
		for _, h := range hosts[maxHosts:] {
			rest += len(of[h])
		}
		p.Blocks = append(p.Blocks, Block{
			Note: fmt.Sprintf("And %s to %s.", wording.Count(rest, "more affected call"), wording.Count(n, "more host")),
		})
	}
	p.Picture, p.Undrawn = s.picture()
	return p
}

// hosts are those of the affected calls, in the order of their first call, and the calls of
// each.
func (s survey) hosts() (names []string, of map[string][]*flow.Flow) {
	of = make(map[string][]*flow.Flow)
	for _, f := range s.affected {
		h := strings.ToLower(f.Request.Host())
		if _, known := of[h]; !known {
			names = append(names, h)
		}
		of[h] = append(of[h], f)
	}
	return names, of
}

// list is the table of a host's calls, and their request IDs, which are too long for it.
func (s survey) list(flows []*flow.Flow) Block {
	b := Block{Table: &Table{Columns: []string{"#", "time", "origin", "call", "took", "result"}}}
	b.Table.More = more(len(flows), maxRows, "affected call")
	for _, f := range flows[:min(len(flows), maxRows)] {
		b.Table.Rows = append(b.Table.Rows, []string{
			strconv.FormatUint(uint64(f.ID), 10), s.clock(f.Times.Start), string(f.Origin), callOf(f), wording.Duration(s.took(f)), s.ending(f),
		})
		if id := requestID(f); id != "" {
			b.Lines = append(b.Lines, fmt.Sprintf("request ID of #%d: %s", f.ID, id))
		}
	}
	return b
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

// ending is the answer to a request or, if it has no connection, how its connects ended: in the words
// and figures of the table.
func (s survey) ending(f *flow.Flow) string {
	inDial := f.Failure != nil && f.Failure.Stage == flow.StageDial || !f.Final() && f.State == flow.StateConnecting
	if f.Response == nil && inDial && f.Conn != nil && len(f.Conn.Attempts) > 0 {
		return flow.ConnectsText(f.Connects(s.end(f)))
	}
	return answerOf(f)
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
		return ""
	}
	if x := f.AWS.ExtendedRequestID; x != "" {
		return f.AWS.RequestID + " / " + x
	}
	return f.AWS.RequestID
}
