package diagnose

import (
	"fmt"
	"time"

	"detour/internal/diagnose/ending"
	"detour/internal/flow"
)

// requestUnanswered is a request that a connected server got, or should have got, and didn't
// answer.
func requestUnanswered() Rule {
	return Rule{
		Code:    "request-unanswered",
		Level:   flow.LevelProblem,
		Meaning: "A server accepted the connection and didn't answer the request.",
		HowKnown: "The connection was made and the request sent; then the server ended the connection, " +
			"or sent nothing until the client gave up.",
		WhatElse: "A slow operation that the client didn't wait for; a path that drops large packets.",
		Asks: []flow.Ask{
			askNetworkTeam("Find what takes the requests from %m to %h (%a) and doesn't answer: a proxy, a firewall, or the server."),
		},
		Source: "https://www.rfc-editor.org/rfc/rfc9110#section-15.6.5",
		match:  func(f *flow.Flow, now time.Time) bool { return askedInVain(f, now) },
		among: func(f *flow.Flow, now time.Time, o *overview) bool {
			return o.asked[f.ID] || askedInVain(f, now)
		},
		explain: func(g group) flow.Finding {
			f := flow.Finding{
				Title: fmt.Sprintf("%s: connected, but the request got no response: consistent with a proxy or firewall that takes the request "+
					"and doesn't pass it on", g.HostList()),
				Because:    append(g.endings(), g.affected()...),
				Confidence: flow.ConfidenceLow,
				Alternatives: []string{
					"a path that drops large packets (MTU): a short request is then answered, a long one or its answer isn't",
					"the server at that address isn't the service, or is overloaded",
					"an operation that takes longer than the client waits",
				},
				Try: g.retrySteps(),
			}
			if g.Each(func(f *flow.Flow) bool { return ending.Kind(f) == flow.KindEmptyResponse }) {
				f.Title = fmt.Sprintf("%s: connected, and the connection was closed without a response: consistent with a proxy or firewall "+
					"that takes the request and doesn't pass it on", g.HostList())
				f.Alternatives = []string{
					"the server at that address isn't the service, or is overloaded",
					"a server that restarted: then the next request works",
				}
			}
			if len(g.Set) > 1 && g.all.answeredConsole > 0 {
				f.Confidence = flow.ConfidenceMedium
			}
			if x := g.Set[0]; len(g.Set) == 1 && ending.FromHAR(x) && !x.Exporter.NamesReasons() && g.all.hosts.of(x).called {
				f.Level = flow.LevelNotice
				f.Alternatives = append([]string{"a page or a person that cancelled it: the file doesn't tell that from a failure"}, f.Alternatives...)
			}
			f.Because = append(append(f.Because, g.answerers()...), g.consoleWorks()...)
			if g.Each(func(f *flow.Flow) bool { return f.Source == flow.SourceProbe && f.Elapsed(g.now) >= Patience }) {
				f.Level = flow.LevelNotice // some servers are slow to refuse what isn't signed
				f.Title = g.HostList() + ": slow: the connection works, and a request without a signature got no response in time"
			}
			return f
		},
	}
}

// longWait is how long a request waits for its response before a finding mentions it. The
// services that the console calls answer within seconds; a few queries take ten and more.
const longWait = 30 * time.Second

// askedInVain reports whether a request went out over a connection, and no response came.
func askedInVain(f *flow.Flow, now time.Time) bool {
	if f.Response != nil || !ending.Concerns(f) || f.Origin == flow.OriginTelemetry || f.Tunnel != nil {
		return false
	}
	sent := !f.Times.WroteRequest.IsZero() || f.Conn.Winner() != nil && (f.Conn.TLS == nil || f.Conn.TLS.Outcome == flow.TLSOK)
	switch {
	case takesLong(f) && (!ending.Known(f) || ending.GaveUp(f)):
		return false
	case !ending.Known(f):
		return !f.Times.WroteRequest.IsZero() && ending.LastInstant(f, now).Sub(f.Times.WroteRequest) >= longWait
	case ending.GaveUp(f):
		return sent && ending.Waited(f, now) >= Patience
	case ending.Is(f, flow.KindEmptyResponse, flow.KindNoResponse):
		return true
	}
	return ending.Is(f, flow.KindResponseTimeout) && sent
}
