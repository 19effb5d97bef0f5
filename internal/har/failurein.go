package har

import (
	"net/netip"
	"strings"

	"detour/internal/flow"
)

// A cause is what an error of a browser's network stack says about the failure.
type cause struct {
	stage flow.Stage
	dns   flow.DNSOutcome
	dial  flow.DialOutcome
	tls   flow.TLSOutcome
}

// causeOf returns the cause for one of Chromium's error names
// (net/base/net_error_list.h), which browsers based on it use too. Any other error is
// taken to have happened after the connect.
func causeOf(name string) cause {
	switch name {
	case "ERR_NAME_NOT_RESOLVED", "ERR_NAME_RESOLUTION_FAILED", "ERR_ICANN_NAME_COLLISION",
		"ERR_DNS_SERVER_FAILED", "ERR_DNS_MALFORMED_RESPONSE":
		return cause{stage: flow.StageDNS, dns: flow.DNSError}
	case "ERR_DNS_TIMED_OUT":
		return cause{stage: flow.StageDNS, dns: flow.DNSTimeout}
	case "ERR_CONNECTION_TIMED_OUT", "ERR_TIMED_OUT":
		return cause{stage: flow.StageDial, dial: flow.DialTimeout}
	case "ERR_CONNECTION_REFUSED":
		return cause{stage: flow.StageDial, dial: flow.DialRefused}
	case "ERR_ADDRESS_UNREACHABLE", "ERR_ADDRESS_INVALID", "ERR_INTERNET_DISCONNECTED", "ERR_NETWORK_ACCESS_DENIED":
		return cause{stage: flow.StageDial, dial: flow.DialUnreachable}
	case "ERR_CONNECTION_FAILED":
		return cause{stage: flow.StageDial, dial: flow.DialError}
	case "ERR_CERT_DATE_INVALID":
		return cause{stage: flow.StageTLS, tls: flow.TLSExpired}
	case "ERR_CERT_COMMON_NAME_INVALID":
		return cause{stage: flow.StageTLS, tls: flow.TLSNameMismatch}
	case "ERR_TUNNEL_CONNECTION_FAILED":
		return cause{stage: flow.StageUpstreamProxy}
	}
	switch {
	case strings.HasPrefix(name, "ERR_CERT_"):
		return cause{stage: flow.StageTLS, tls: flow.TLSUntrusted}
	case strings.HasPrefix(name, "ERR_SSL_"):
		return cause{stage: flow.StageTLS, tls: flow.TLSError}
	case strings.HasPrefix(name, "ERR_PROXY_"), strings.HasPrefix(name, "ERR_SOCKS_"):
		return cause{stage: flow.StageUpstreamProxy}
	case strings.HasPrefix(name, "ERR_BLOCKED_BY_"), name == "ERR_ABORTED", name == "ERR_CACHE_MISS":
		return cause{stage: flow.StageClient} // the browser itself: an extension, a policy, a closed page
	}
	return cause{stage: flow.StageWait}
}

// silent is the message if the exporter doesn't give a reason, as in Firefox and Proxyman.
const silent = "no response, and the HAR doesn't say why"

// fail records in f why there is no response.
func (e *entry) fail(f *flow.Flow) {
	if e.words == "" {
		f.Failure = &flow.Failure{Stage: flow.StageWait, Message: silent}
		return
	}
	c := causeIn(e.words)
	f.Failure = &flow.Failure{Stage: c.stage, Message: e.words}
	took := max(1, f.Times.Done.Sub(f.Times.Start))
	switch c.stage {
	case flow.StageDNS:
		f.Conn.Resolution = &flow.Resolution{
			Name: hostOf(f.Conn.Authority), Outcome: c.dns, Source: flow.SourceSystem, Start: e.began, Took: took, Err: e.words,
		}
	case flow.StageDial:
		for _, addr := range e.tried(f.Conn.Authority) {
			if addr.IsValid() {
				f.Conn.Resolution = resolved(f.Conn, addr.Addr())
			}
			f.Conn.Attempts = append(f.Conn.Attempts, flow.DialAttempt{Addr: addr, Outcome: c.dial, Start: e.began, Took: took, Err: e.words})
		}
	case flow.StageTLS:
		if e.address.IsValid() {
			e.connected(f.Conn)
			took = max(1, took-max(0, e.Timings.DNS.duration())-max(0, e.Timings.Connect.duration()))
		}
		f.Conn.TLS = &flow.TLSInfo{Outcome: c.tls, ServerName: hostOf(f.Conn.Authority), Start: f.Times.Done.Add(-took), Took: took, Err: e.words}
	case flow.StageUpstreamProxy:
		f.Conn.UpstreamProxy = "unknown"
	case flow.StageWait:
		if e.address.IsValid() {
			e.connected(f.Conn)
		}
	case flow.StageSend, flow.StageReceive, flow.StageClient, flow.StageProxy:
	}
}

// tried returns the server's addresses that were tried: those in the exporter's error
// text, or else the entry's. Without any, it returns one invalid address. An address with
// another port is a proxy's.
func (e *entry) tried(authority string) (out []netip.AddrPort) {
	for _, a := range addressesIn(e.words) {
		if addr, _ := addressOf(a.Addr().String(), hostOf(authority)); addr.IsValid() && a.Port() == portOf(authority) {
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
