package har

import (
	"net/netip"

	"detour/internal/flow"
)

// silent is the message if the exporter doesn't give a reason.
const silent = "no response (the HAR doesn't say why)"

// fail records in f why there is no response.
func (e *entry) fail(f *flow.Flow) {
	f.Failure = &flow.Failure{
		Stage: e.reason.stage, Message: e.words, Kind: e.reason.kind, NotSent: e.notSent, Reset: e.reason.kind == flow.KindReset,
	}
	took := max(1, f.Times.Done.Sub(f.Times.Start))
	switch e.reason.stage {
	case flow.StageDNS:
		source := flow.SourceSystem
		if e.proxy != "" {
			source = flow.SourceProxied
		}
		f.Conn.Resolution = &flow.Resolution{
			Name: hostOf(f.Conn.Authority), Outcome: dnsOutcome(e.reason.kind), Source: source, Start: e.began, Took: took,
			Err: f.Failure.Message,
		}
	case flow.StageDial:
		if e.proxy != "" {
			return // the connect is the proxy's
		}
		outcome, ok := dialOutcome(e.reason.kind)
		for _, addr := range e.tried(f.Conn.Authority) {
			if addr.IsValid() {
				f.Conn.Resolution = resolved(f.Conn, addr.Addr())
			}
			if ok {
				a := flow.DialAttempt{Addr: addr, Outcome: outcome, Start: e.began, Took: took, Err: f.Failure.Message}
				f.Conn.Attempts = append(f.Conn.Attempts, a)
			}
		}
	case flow.StageTLS:
		if e.address.IsValid() {
			e.connected(f.Conn)
			took = max(1, took-max(0, e.Timings.DNS.duration())-max(0, e.Timings.Connect.duration()))
		}
		if outcome, ok := tlsOutcome(e.reason.kind); ok {
			f.Conn.TLS = &flow.TLSInfo{
				Outcome: outcome, ServerName: hostOf(f.Conn.Authority), Start: f.Times.Done.Add(-took), Took: took, Err: f.Failure.Message,
			}
		}
	case flow.StageUpstreamProxy:
		if f.Conn.UpstreamProxy == "" {
			f.Conn.UpstreamProxy = unknownProxy
		}
	case flow.StageWait:
		if e.address.IsValid() {
			e.connected(f.Conn)
		}
	case flow.StageSend, flow.StageReceive, flow.StageClient, flow.StageProxy:
	}
}

// unknownProxy is an upstream proxy whose address isn't known.
const unknownProxy = "unknown"

func dnsOutcome(k flow.FailureKind) flow.DNSOutcome {
	if k == flow.KindDNSTimeout {
		return flow.DNSTimeout
	}
	return flow.DNSError
}

// dialOutcome returns false if the failure says nothing about a connect.
func dialOutcome(k flow.FailureKind) (flow.DialOutcome, bool) {
	switch k { //nolint:exhaustive // the others aren't failures of a connect
	case flow.KindRefused:
		return flow.DialRefused, true
	case flow.KindUnreachable, flow.KindOffline, flow.KindNetworkDenied:
		return flow.DialUnreachable, true
	case flow.KindTimeout:
		return flow.DialTimeout, true
	case flow.KindConnectFailed:
		return flow.DialError, true
	}
	return "", false
}

// tlsOutcome returns false if the failure doesn't say that a handshake began.
func tlsOutcome(k flow.FailureKind) (flow.TLSOutcome, bool) {
	switch k { //nolint:exhaustive // the others have no outcome of their own
	case flow.KindCertExpired:
		return flow.TLSExpired, true
	case flow.KindCertNameMismatch:
		return flow.TLSNameMismatch, true
	case flow.KindCertUntrusted, flow.KindCertRevoked, flow.KindCertTransparency, flow.KindCertInvalid:
		return flow.TLSUntrusted, true
	case flow.KindTLSCut:
		return flow.TLSReset, true
	case flow.KindTLSSilent:
		return "", false
	}
	return flow.TLSError, true
}

// interruption returns the failure that ended a response early, or for which the browser kept
// it from the page, as with CORS; nil if there is none.
func (e *entry) interruption() *flow.Failure {
	x := &flow.Failure{Message: e.words, Kind: e.reason.kind, Reset: e.reason.kind == flow.KindReset}
	switch e.reason.kind { //nolint:exhaustive // the others don't end a response
	case flow.KindReset, flow.KindClosed, flow.KindEmptyResponse, flow.KindTimeout, flow.KindResponseTimeout, flow.KindIncompleteResponse,
		flow.KindNetworkChanged, flow.KindHTTP2, flow.KindQUIC:
		x.Stage = flow.StageReceive
	case flow.KindAborted, flow.KindPageLeft, flow.KindBlockedByResponse, flow.KindCORS, flow.KindLocalNetworkAccess:
		x.Stage = flow.StageClient
	default:
		switch {
		case e.broken:
			x.Stage = flow.StageReceive
		case e.withheld():
			x.Stage, x.Kind = flow.StageClient, flow.KindCORS
			x.Message = first(x.Message, "the response has no Access-Control-Allow-Origin, so the page may not read it")
		default:
			return nil
		}
	}
	return x
}

// tried returns the server's addresses that were tried: those in the exporter's error
// text, or else the entry's. Without any, it returns one invalid address. An address with
// another port is a proxy's.
func (e *entry) tried(authority string) (out []netip.AddrPort) {
	for _, a := range addressesIn(e.words) {
		addr, proxys := addressOf(a.Addr().String(), hostOf(authority))
		if addr.IsValid() && !proxys && a.Port() == portOf(authority) {
			out = append(out, netip.AddrPortFrom(addr, a.Port()))
		}
	}
	switch {
	case out != nil:
		return out
	case e.address.IsValid():
		return []netip.AddrPort{netip.AddrPortFrom(e.address, portOf(authority))}
	}
	return []netip.AddrPort{{}}
}

// resolved returns c's resolution with another address: the name resolved to each address
// that was tried.
func resolved(c *flow.Conn, addr netip.Addr) *flow.Resolution {
	if c.Resolution == nil {
		return &flow.Resolution{
			Name: hostOf(c.Authority), Outcome: flow.DNSOK, Source: flow.SourceSystem, Addrs: []netip.Addr{addr}, Start: c.Start,
		}
	}
	c.Resolution.Addrs = append(c.Resolution.Addrs, addr)
	return c.Resolution
}
