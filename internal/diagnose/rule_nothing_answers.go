package diagnose

import (
	"fmt"
	"time"

	"detour/internal/diagnose/ending"
	"detour/internal/diagnose/flowset"
	"detour/internal/flow"
	"detour/internal/wording"
)

// nothingAnswers is the loss of the network: the machine is offline, or a VPN went down and
// took every route with it.
func nothingAnswers() Rule {
	return Rule{
		Code:    "nothing-answers",
		Level:   flow.LevelProblem,
		Meaning: "From some moment on, no host answers at all: neither the console's nor a service's.",
		HowKnown: "The browser's own word that the machine is offline; or requests to a service and to other hosts, of the console " +
			"or known to have answered before, that all ended without an answer, and none after them that got one.",
		WhatElse: "A laptop that slept; a firewall that began to drop everything.",
		Asks:     []flow.Ask{askEndpointUser("Check the network connection and the VPN of the machine, and reload the page.")},
		Source:   "https://source.chromium.org/chromium/chromium/src/+/main:net/base/net_error_list.h",
		match:    func(f *flow.Flow, _ time.Time) bool { return ending.Is(f, flow.KindOffline) },
		among: func(f *flow.Flow, now time.Time, o *overview) bool {
			return ending.Is(f, flow.KindOffline) || o.outage != nil && !f.Times.Start.Before(o.outage.since) && inSilence(f, now)
		},
		explain: explainNothingAnswers,
	}
}

func explainNothingAnswers(g group) flow.Finding {
	offline := !g.Each(func(f *flow.Flow) bool { return ending.Kind(f) != flow.KindOffline })
	f := flow.Finding{
		Title:      "no host answers any more: consistent with " + g.Machine() + " being offline, or a VPN that went down",
		Because:    g.endings(),
		Confidence: flow.ConfidenceMedium,
		Alternatives: []string{
			"the machine slept, or changed from one network to another",
			"a firewall or proxy that began to block everything: then other sites fail in the same way, while the VPN is up",
		},
		Try: []flow.NextStep{
			step("Check the network connection and the VPN, and reload the page"),
			shell("If it happens again, test the path on "+g.Machine(), "detour probe "+joinHosts(g.Hosts())),
		},
	}
	if offline {
		f.Title = g.Machine() + " was offline: the browser had no network"
		f.Alternatives = []string{"the machine slept, or changed from one network to another"}
		f.Confidence = sure(true, !g.all.lastResponse.After(g.Set[0].Times.Start))
	}
	if last := g.all.lastResponse; !last.IsZero() {
		f.Because = append(f.Because, fmt.Sprintf("the last answer of any host was at %s UTC", last.UTC().Format("15:04:05")))
	}
	f.Because = append(f.Because, wording.Count(len(g.Hosts()), "host")+" affected, the first request without an answer at "+
		g.Set[0].Times.Start.UTC().Format("15:04:05")+" UTC")
	return f
}

// An outage is a time from which on no request of any kind got a response.
type outage struct{ since time.Time }

// outageAt returns the outage that lasts until the end of the flows; nil if there is none. It
// takes hosts of both routes to be one: calls to private addresses alone may fail for long. A host
// that isn't AWS's counts if it has responded before: many networks never let a browser's own
// requests out.
func (o *overview) outageAt(now time.Time) *outage {
	var since time.Time
	hosts, relayed, direct, names := make(map[string]bool), false, false, true
	for _, f := range o.unreached {
		if !f.Times.Start.After(o.lastReached) || f.Source == flow.SourceProbe || f.Origin == flow.OriginTelemetry || !inSilence(f, now) {
			continue
		}
		if f.Origin == flow.OriginOther && !o.hosts.of(f).reached {
			continue
		}
		if since.IsZero() || f.Times.Start.Before(since) {
			since = f.Times.Start
		}
		hosts[flowset.HostOf(f)] = true
		k := ending.Kind(f)
		names = names && (k == flow.KindDNSTimeout || k == flow.KindNameserverFailed || k == flow.KindNameNotResolved ||
			f.Conn != nil && ending.DNS(f, now) == flow.DNSTimeout)
		if f.Origin == flow.OriginDirect {
			direct = true
		} else {
			relayed = true
		}
	}
	if len(hosts) < 2 || !relayed || !direct || names {
		return nil // names that don't resolve are the nameserver's: dns-failed
	}
	return &outage{since}
}

// inSilence reports whether a request ended, or waits, as it does without a network.
func inSilence(f *flow.Flow, now time.Time) bool {
	if ending.Reached(f) {
		return false
	}
	if f.Conn == nil {
		return false
	}
	if !f.Final() {
		return ending.Silent(f, now) || ending.Waited(f, now) >= Patience
	}
	switch ending.Kind(f) { //nolint:exhaustive // all others are an answer of something
	case flow.KindOffline, flow.KindTimeout, flow.KindUnreachable, flow.KindDNSTimeout, flow.KindNameserverFailed, flow.KindNetworkChanged,
		flow.KindNameNotResolved:
		return ending.Failed(f) || f.Origin == flow.OriginOther
	case flow.KindResponseTimeout, flow.KindConnectFailed, flow.KindNoConnection, flow.KindNoResponse:
		return f.Elapsed(now) >= Patience || !f.Exporter.NamesReasons() && f.Elapsed(now) < leastTelling // without a duration
	case flow.KindPending: // when the run ended
		return !ending.FromHAR(f) && (ending.Silent(f, now) || ending.Waited(f, now) >= Patience)
	case flow.KindAborted, flow.KindPageLeft:
		return ending.Silent(f, now) || ending.Waited(f, now) >= Patience || ending.FromHAR(f) && f.Elapsed(now) >= Patience
	}
	return false
}
