package har

import (
	"net/netip"
	"regexp"
	"strings"

	"detour/internal/flow"
)

// causeIn returns the cause for an exporter's error text. Unknown text is taken for a
// failure after the connect.
func causeIn(words string) cause {
	if _, name, ok := strings.Cut(words, "net::"); ok || strings.HasPrefix(words, "ERR_") {
		if !ok {
			name = words
		}
		name, _, _ = strings.Cut(name, " ")
		return causeOf(strings.TrimRight(name, ".,;:"))
	}
	low := strings.ToLower(words)
	for _, row := range phrases() {
		for _, phrase := range row.of {
			if strings.Contains(low, phrase) {
				return row.cause
			}
		}
	}
	return cause{stage: flow.StageWait}
}

// A phrasing lists the texts that exporters use for one cause, in lower case.
type phrasing struct {
	cause cause
	of    []string
}

// phrases returns the texts of CFNetwork (Safari), Necko (Firefox, in Playwright's HARs),
// Java (Charles, BrowserMob), Python (mitmproxy) and .NET (Fiddler); the first match
// wins. CFNetwork's "the request timed out" isn't among them, because it stands for a
// connect and for a response.
func phrases() []phrasing {
	return []phrasing{
		{cause{stage: flow.StageUpstreamProxy}, []string{"ns_error_proxy_", "ns_error_unknown_proxy_host", "upstream proxy/gateway failed"}},
		{cause{stage: flow.StageDNS, dns: flow.DNSError}, []string{
			"hostname could not be found", "ns_error_unknown_host", "unknownhostexception", "unknown host", "unable to resolve host",
			"name or service not known", "nodename nor servname", "getaddrinfo failed", "name resolution", "dns lookup for", "no such host",
		}},
		{cause{stage: flow.StageTLS, tls: flow.TLSExpired}, []string{"sec_error_expired_certificate", "certificate has expired"}},
		{cause{stage: flow.StageTLS, tls: flow.TLSNameMismatch}, []string{"ssl_error_bad_cert_domain", "hostname mismatch"}},
		{cause{stage: flow.StageTLS, tls: flow.TLSUntrusted}, []string{
			"sec_error_", "mozilla_pkix_error", "certificate for this server is invalid", "certificate verify failed", "pkix path",
		}},
		{cause{stage: flow.StageTLS, tls: flow.TLSError}, []string{
			"ssl_error_", "an ssl error has occurred", "handshake", "does not speak tls", "sslexception", "failed to negotiate https",
		}},
		{cause{stage: flow.StageDial, dial: flow.DialTimeout}, []string{
			"ns_error_net_timeout", "connection timed out", "connect timed out", "[errno 110]", "[errno 60]", "[winerror 121]",
			"10060", "0x274c", "connected party did not properly respond",
		}},
		{cause{stage: flow.StageDial, dial: flow.DialRefused}, []string{
			"ns_error_connection_refused", "connection refused", "[errno 111]", "[errno 61]", "10061", "0x274d", "actively refused",
		}},
		{cause{stage: flow.StageDial, dial: flow.DialUnreachable}, []string{
			"no route to host", "unreachable", "[errno 113]", "[errno 101]", "[errno 65]", "[errno 51]", "appears to be offline",
		}},
		{cause{stage: flow.StageDial, dial: flow.DialError}, []string{
			"could not connect to the server", "connect call failed", "failed to connect", "unable to connect to host", "connectexception",
		}},
		{cause{stage: flow.StageClient}, []string{"ns_binding_aborted", "cancelled", "canceled", "client disconnected"}},
	}
}

// Python has the address of a connect in a tuple, .NET at the end of the message.
var (
	pythonAddress = regexp.MustCompile(`\('([0-9A-Fa-f.:]{2,45})', (\d{1,5})[,)]`)
	dotnetAddress = regexp.MustCompile(`\s((?:\d{1,3}\.){3}\d{1,3}|\[[0-9A-Fa-f:]{2,45}\]):(\d{1,5})\s*$`)
)

// addressesIn returns the addresses in an exporter's error text.
func addressesIn(words string) (out []netip.AddrPort) {
	const most = 16
	found := pythonAddress.FindAllStringSubmatch(words, most)
	if len(found) == 0 {
		found = dotnetAddress.FindAllStringSubmatch(words, 1)
	}
	for _, m := range found {
		host := strings.Trim(m[1], "[]")
		if strings.Contains(host, ":") {
			host = "[" + host + "]"
		}
		if a, err := netip.ParseAddrPort(host + ":" + m[2]); err == nil {
			out = append(out, a)
		}
	}
	return out
}

// interruption returns the failure that ended a response early; nil if that wasn't a
// network error. Browsers also have an error for a complete response that the page may
// not read, as with CORS.
func interruption(words string) *flow.Failure {
	name := strings.TrimPrefix(words, "net::")
	for _, begins := range []string{
		"ERR_CONNECTION_", "ERR_INCOMPLETE_CHUNKED_ENCODING", "ERR_CONTENT_LENGTH_MISMATCH", "ERR_HTTP2_", "ERR_QUIC_", "ERR_TIMED_OUT",
		"ERR_NETWORK_CHANGED", "ERR_NETWORK_IO_SUSPENDED", "NS_ERROR_NET_",
	} {
		if strings.HasPrefix(name, begins) {
			return &flow.Failure{Stage: flow.StageReceive, Message: words}
		}
	}
	if name == "ERR_ABORTED" {
		return &flow.Failure{Stage: flow.StageClient, Message: words}
	}
	return nil
}
