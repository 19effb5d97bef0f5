package diagnose

import (
	"fmt"
	"slices"
	"time"

	"detour/internal/diagnose/command"
	"detour/internal/diagnose/ending"
	"detour/internal/flow"
)

func upstreamProxyFailed() Rule {
	return Rule{
		Code:     "upstream-proxy-failed",
		Level:    flow.LevelProblem,
		Meaning:  "The upstream proxy can't be reached, or doesn't connect to an AWS host.",
		HowKnown: "The proxy's response to CONNECT, or the result of connecting to the proxy.",
		WhatElse: "The proxy works and the host doesn't: 502 and 504 may mean that the proxy couldn't reach it either.",
		Asks:     []flow.Ask{askNetworkTeam("Allow connections from %f to %h, port %t, through the upstream proxy (%p).")},
		Source:   "https://www.rfc-editor.org/rfc/rfc9110#section-9.3.6",
		match: func(f *flow.Flow, now time.Time) bool {
			if ending.Is(f, flow.KindProxyUnreachable, flow.KindProxyRefused, flow.KindProxyAuth, flow.KindProxyCert,
				flow.KindProxyFailed, flow.KindPAC) {
				return true
			}
			if f.Conn == nil || f.Conn.UpstreamProxy == "" {
				return false
			}
			if !ending.Known(f) {
				return ending.Unanswered(f.Conn, now) || silentProxy(f, now)
			}
			return f.Failure != nil && (f.Failure.Stage == flow.StageUpstreamProxy || f.Failure.Stage == flow.StageDial)
		},
		explain: func(g group) flow.Finding {
			last := g.Set[len(g.Set)-1]
			cause, confidence := proxyCause(last)
			proxy, named := clean(last.Conn.UpstreamProxy), ""
			if proxy == unknownProxy || proxy == "" {
				proxy = "PROXY_URL"
			} else {
				named = " " + proxy
			}
			f := flow.Finding{
				Title:      fmt.Sprintf("%s: no connection through the upstream proxy%s: consistent with %s", g.HostList(), named, cause),
				Because:    append(append(g.endings(), g.Distinct(proxyStatus)...), g.othersWork()...),
				Confidence: confidence,
				Alternatives: []string{
					"this host shouldn't go through the proxy: NO_PROXY, or the browser's own proxy settings, list the exceptions",
					"the endpoint is private, and the proxy resolves the name and connects from another network",
				},
				Try: []flow.NextStep{
					shell("See what "+g.Machine()+" reaches without the proxy", "detour probe --upstream-proxy none "+g.Host()),
					shell("If that works, run without the proxy", "detour run --upstream-proxy none"),
				},
			}
			if command.SafeProxy(proxy) {
				f.Try = append(g.Curl("Repeat the request through the proxy", "-v -x "+proxy), f.Try...)
			}
			return f
		},
	}
}

// silentProxy reports whether a proxy took a CONNECT and hasn't answered it for [Patience].
func silentProxy(f *flow.Flow, now time.Time) bool {
	v := f.Conn.Via
	if v == nil || v.Status != 0 || v.Start.IsZero() || f.Conn.Winner() == nil {
		return false
	}
	took := v.Took
	if took == 0 {
		took = ending.LastInstant(f, now).Sub(v.Start)
	}
	return took >= Patience
}

// proxyStatus is what proxies say of their own failure (RFC 9209).
func proxyStatus(f *flow.Flow) []string {
	if f.Conn.Via == nil {
		return nil
	}
	if s := flow.Get(f.Conn.Via.Headers, "Proxy-Status"); s != "" {
		return []string{"the proxy reports (Proxy-Status): " + clean(s)}
	}
	return nil
}

// explained reports whether a proxy's response has a field that fits its status, so that it is
// the proxy's own: what it wants, where people sign in, or what failed.
func explained(v *flow.Via) bool {
	if v == nil {
		return false
	}
	return slices.ContainsFunc([]string{"Proxy-Authenticate", "Location", "Proxy-Status"}, func(name string) bool {
		return flow.Has(v.Headers, name)
	})
}

// unknownProxy stands for a proxy whose address a HAR doesn't have.
const unknownProxy = "unknown"

// proxyCause is what a proxy's response is consistent with.
func proxyCause(f *flow.Flow) (string, flow.Confidence) {
	v := f.Conn.Via
	switch ending.Kind(f) { //nolint:exhaustive // the rest is in the proxy's response
	case flow.KindProxyAuth:
		return "a proxy that requires credentials, or rejects the ones it got", sure(true, explained(v))
	case flow.KindProxyCert:
		return "a proxy whose own certificate isn't trusted", sure(true, explained(v))
	case flow.KindPAC:
		return "a proxy configuration (PAC script or WPAD) that can't be loaded or run", sure(true, explained(v))
	case flow.KindProxyRefused:
		return "a proxy that blocks this host, or can't reach it itself", flow.ConfidenceMedium
	}
	switch {
	case silentProxy(f, ending.LastInstant(f, f.Times.Done)):
		return "a proxy that accepts connections and doesn't answer CONNECT", flow.ConfidenceMedium
	case v != nil && v.Status >= 300 && v.Status < 400:
		return "a proxy that requires people to sign in first: it answers CONNECT with a redirect to a login page", sure(true, explained(v))
	case f.Failure != nil && f.Failure.Plaintext:
		return "a proxy that doesn't speak TLS: its URL needs http:// instead of https://", sure(true, explained(v))
	case v == nil || v.Status == 0:
		return "a proxy that is down, or that this network can't reach", flow.ConfidenceMedium
	case v.Status == 407:
		return "a proxy that requires credentials, or rejects the ones it got", sure(true, explained(v))
	case v.Status == 403, v.Status == 451:
		return "a proxy policy that blocks this host", sure(true, explained(v))
	case v.Status >= 500:
		return "a proxy that can't reach or resolve the host itself", flow.ConfidenceMedium
	}
	return fmt.Sprintf("a proxy that refuses CONNECT (status %d)", v.Status), flow.ConfidenceMedium
}
