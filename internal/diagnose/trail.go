package diagnose

import (
	"fmt"
	"time"

	"detour/internal/cloudtrail"
	"detour/internal/diagnose/ending"
	"detour/internal/diagnose/nextstep"
	"detour/internal/flow"
)

// Trail is which events CloudTrail can have of one call, and where to look; nil if it
// isn't a call that CloudTrail records.
func Trail(f *flow.Flow) []string {
	if f.Conn == nil { // no rule matches a flow without one
		bare := *f
		bare.Conn = &flow.Conn{}
		f = &bare
	}
	return group{Group: nextstep.Group{Set: []*flow.Flow{f}}}.trail()
}

// trail is which events CloudTrail can have of the calls, and where to look.
func (g group) trail() []string {
	lost, unsure, relayed, direct := g.reach()
	var out []string
	if len(lost) > 0 {
		out = append(out, "no events: "+list(lost, "")+" never reached AWS")
	}
	if len(unsure) > 0 {
		out = append(out, "it isn't known whether "+list(unsure, "")+" reached AWS: an event that isn't there proves nothing")
	}
	if len(relayed) > 0 {
		out = append(out, "look for "+list(relayed, "")+"; "+
			"the source address is the console's servers' or \"AWS Internal\", not "+g.Machine()+"'s")
	}
	if len(direct) > 0 {
		s := "look for " + list(direct, "")
		if from := g.Sources(); len(from) > 0 && g.Each(overPrivateAddress) {
			s += "; with a vpcEndpointId, and " + list(from, "") + " or its address after NAT as the source address"
		}
		out = append(out, s)
	}
	if ops := g.dataEvents(); len(ops) > 0 {
		out = append(out, list(ops, "")+": data events, which a trail records only if configured")
	}
	if g.Each(func(f *flow.Flow) bool { return deniedBy(f) == flow.DenyVPCEndpoint }) {
		out = append(out, "a denial by an endpoint policy is a network activity event (errorCode VpceAccessDenied), if the trail records those")
	}
	return out
}

// reach sorts the calls: those that never reached AWS, those that may have, those that the
// console's servers relayed, and those that the machine sent itself. The latter two were
// answered.
func (g group) reach() (lost, unsure, relayed, direct []string) {
	seen := make(map[string]bool)
	for _, f := range g.Set {
		if f.AWS == nil || f.AWS.Operation == "" || f.Request.Method == "OPTIONS" || f.Origin == flow.OriginTelemetry ||
			f.Source == flow.SourceProbe {
			continue
		}
		name := clean(f.AWS.Operation)
		to := &direct
		switch {
		case notFromAWS(f):
			to = &lost
		case f.Response == nil && neverArrived(f, g.now):
			to = &lost
		case f.Response == nil:
			to = &unsure
		case f.Origin == flow.OriginConsole:
			to, name = &relayed, source(f)
		default:
			name = source(f)
		}
		key := fmt.Sprint(to == &lost, to == &unsure, name)
		if !seen[key] {
			seen[key] = true
			*to = append(*to, name)
		}
	}
	return lost, unsure, relayed, direct
}

// neverArrived reports whether a request certainly didn't reach a server: there was no
// connection that it could be sent on.
func neverArrived(f *flow.Flow, now time.Time) bool {
	if f.Failure != nil && f.Failure.NotSent {
		return true
	}
	if f.Conn != nil && (ending.Unanswered(f.Conn, now) || f.Conn.TLS != nil && f.Conn.TLS.Outcome != flow.TLSOK) {
		return true
	}
	switch ending.Kind(f) {
	case flow.KindNameNotResolved, flow.KindDNSTimeout, flow.KindNameserverFailed, flow.KindRefused, flow.KindUnreachable, flow.KindOffline,
		flow.KindNetworkDenied, flow.KindTimeout, flow.KindConnectFailed, flow.KindNoConnection, flow.KindHandshakeFailed,
		flow.KindTLSRefused, flow.KindTLSCut, flow.KindTLSSilent, flow.KindCertUntrusted, flow.KindCertExpired, flow.KindCertNameMismatch,
		flow.KindCertRevoked, flow.KindCertTransparency, flow.KindCertInvalid, flow.KindClientCert, flow.KindProxyUnreachable,
		flow.KindProxyRefused, flow.KindProxyAuth, flow.KindProxyCert, flow.KindProxyFailed, flow.KindPAC, flow.KindBlockedByClient,
		flow.KindBlockedByAdmin, flow.KindBlockedByPage, flow.KindLocalNetworkAccess, flow.KindNeverSent:
		return true
	case "", flow.KindReset, flow.KindClosed, flow.KindEmptyResponse, flow.KindResponseTimeout, flow.KindNoResponse,
		flow.KindIncompleteResponse, flow.KindInvalidResponse, flow.KindNetworkChanged, flow.KindHTTP2, flow.KindQUIC,
		flow.KindBlockedByResponse, flow.KindCORS, flow.KindAborted, flow.KindPageLeft, flow.KindPending, flow.KindRedirects,
		flow.KindBrowser, flow.KindUnknown:
	}
	// A live record says how far the connection came.
	return f.Source != flow.SourceHAR && f.Times.WroteRequest.IsZero() && f.Conn.Winner() == nil
}

// source is how CloudTrail names a call.
func source(f *flow.Flow) string {
	return fmt.Sprintf("eventName %s of eventSource %s.amazonaws.com", clean(f.AWS.Operation), clean(cloudtrail.EventSource(f.AWS.Service)))
}

// dataEvents are the calls that are data events and reached AWS.
func (g group) dataEvents() []string {
	return g.Distinct(func(f *flow.Flow) []string {
		if f.AWS == nil || f.Response == nil || !cloudtrail.IsDataEvent(f.AWS.Service, f.AWS.Operation) {
			return nil
		}
		return []string{clean(f.AWS.Operation)}
	})
}
