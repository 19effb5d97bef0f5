package otlptest

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"detour/internal/alias"
	"detour/internal/flow"
	"detour/internal/intake"
	"detour/internal/otlp"
	"detour/internal/otlp/send"
	"detour/ui/flowtest"
)

// A desk is one installation, with one run, in which somebody opens the console's page of
// [flowtest.Story].
type desk struct {
	name       string
	local      string // its address
	nameserver string
	answers    string // how the nameserver answers for CloudWatch: dead, private or public
	later      time.Duration
}

// desks are in three offices and one home. In one office the endpoints don't respond.
var desks = []desk{
	{"desk-1", "172.16.8.5", "10.0.0.2", "dead", 0},
	{"desk-2", "172.16.8.77", "10.0.0.2", "dead", 7 * time.Minute},
	{"desk-3", "172.16.20.9", "10.0.0.2", "private", 2 * time.Minute},
	{"desk-4", "172.16.21.4", "10.8.0.2", "public", time.Minute},
	{"desk-5", "192.168.1.30", "192.168.1.1", "public", 3 * time.Minute},
}

// flows are what the desk has seen, redacted as --otlp does it.
func (d desk) flows() []*flow.Flow {
	strict := intake.NewFleet(new(alias.Table))
	out := flowtest.Story(true)
	for i, f := range out {
		if d.answers != "dead" && f.Failure != nil {
			f = d.answered(f)
		}
		out[i] = strict.Flow(d.moved(f))
	}
	return out
}

// answered is a flow of the story as it would be if the endpoint responded.
func (d desk) answered(f *flow.Flow) *flow.Flow {
	host := strings.TrimSuffix(f.Conn.Authority, ":443")
	g := flowtest.Call(f.ID, f.Times.Start, f.Origin, host, f.AWS.Service, f.AWS.ServiceName, f.AWS.Operation)
	g.Conn = flowtest.Healthy(f.ID, f.Times.Start, host, "203.0.113.40")
	if d.answers == "private" {
		g.Conn = flowtest.Healthy(f.ID, f.Times.Start, host, f.Conn.Attempts[0].Addr.Addr().String())
	}
	return flowtest.Answered(g, 200, flowtest.Millis(80))
}

// moved is a flow of the story as it would be at this desk.
func (d desk) moved(f *flow.Flow) *flow.Flow {
	g := *f
	for _, at := range []*time.Time{&g.Times.Start, &g.Times.GotConn, &g.Times.WroteRequest, &g.Times.FirstByte, &g.Times.Done} {
		if !at.IsZero() {
			*at = at.Add(d.later)
		}
	}
	c, r := *f.Conn, *f.Conn.Resolution
	c.Start, r.Start = c.Start.Add(d.later), r.Start.Add(d.later)
	r.Nameserver = netip.AddrPortFrom(netip.MustParseAddr(d.nameserver), 53)
	c.Resolution, c.Attempts = &r, slices.Clone(c.Attempts)
	for i := range c.Attempts {
		a := &c.Attempts[i]
		a.Start, a.Local = a.Start.Add(d.later), netip.AddrPortFrom(netip.MustParseAddr(d.local), 50312)
	}
	if c.TLS != nil {
		t := *c.TLS
		t.Start, t.Issued, c.TLS = t.Start.Add(d.later), flow.IssuerAWS, &t
	}
	g.Conn = &c
	return &g
}

// findings are what the desk has found: what fails, and at the first desk since when it doesn't.
func (d desk) findings(flows []*flow.Flow) (out []otlp.Finding) {
	for _, f := range flows {
		if len(f.Findings) == 0 {
			continue
		}
		x := otlp.Finding{
			Code: f.Findings[0], Level: flow.LevelProblem, Confidence: flow.ConfidenceHigh, State: otlp.FindingOpen,
			Meaning: "requests to private addresses get no response", At: f.Times.Start, Observed: f.Times.Done,
			Host: strings.TrimSuffix(f.Conn.Authority, ":443"), Flows: 1, Example: f,
		}
		if slices.ContainsFunc(out, func(o otlp.Finding) bool { return o.Host == x.Host }) {
			continue
		}
		out = append(out, x)
	}
	if d.name == "desk-1" && len(out) > 0 {
		x := out[0]
		x.State, x.At, x.Observed = otlp.FindingResolved, x.At.Add(20*time.Minute), x.Observed.Add(20*time.Minute)
		out = append(out, x)
	}
	return out
}

// sendAll sends everything that a desk has with --otlp-send all.
func (d desk) sendAll(t *testing.T, logs, traces send.Endpoint) {
	t.Helper()
	e := otlp.New(otlp.Resource{Version: "v1.0.0", Run: "run-of-" + d.name, Installation: d.name})
	s := send.New(send.Config{Encoder: e, Logs: logs, Traces: traces, Notice: func(text string) { t.Error(text) }})
	flows := d.flows()
	var sums otlp.Summaries
	for _, f := range flows {
		s.Log(func() []byte { return e.Flow(f, "") })
		s.Span(func() []byte { return e.Request(f, "") })
		if !f.Reused {
			for _, span := range e.Connection(f, f.Conn) {
				s.Span(func() []byte { return span })
			}
		}
		sums.Add(f, func(f *flow.Flow) *flow.Flow { return f })
	}
	for _, x := range d.findings(flows) {
		s.Log(func() []byte { return e.Finding(x) })
	}
	for _, x := range sums.Until(flowtest.At(0).Add(time.Hour)) {
		s.Log(func() []byte { return e.Summary(x) })
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if stats := s.Close(ctx); stats.Lost() > 0 || stats.Sent == 0 {
		t.Fatalf("%+v", stats)
	}
}

// endpoint is a back end's for a signal.
func endpoint(base, signal string) send.Endpoint {
	return send.Endpoint{URL: base + "/v1/" + signal, Timeout: time.Minute}
}
