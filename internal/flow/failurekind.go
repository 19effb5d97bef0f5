package flow

// A FailureKind says what ended an exchange that has no complete response, as an error of a
// browser or another exporter names it. [Failure.Stage] says where it happened.
type FailureKind string

// The kinds of failures. The set is closed. "" means that nothing was classified: of a live
// flow, Conn has the facts.
const (
	// No connection.
	KindNameNotResolved  FailureKind = "name-not-resolved" // no address for the name
	KindDNSTimeout       FailureKind = "dns-timeout"       // no nameserver answered
	KindNameserverFailed FailureKind = "nameserver-failed" // a nameserver failed, or its answer is invalid
	KindRefused          FailureKind = "refused"           // RST in response to the SYN
	KindUnreachable      FailureKind = "unreachable"       // no route, or an ICMP unreachable
	KindOffline          FailureKind = "offline"           // the machine has no network
	KindNetworkDenied    FailureKind = "network-denied"    // the system, or a firewall on it, forbids the connect
	KindTimeout          FailureKind = "timeout"           // no response to the SYN until the system or the browser gave up
	KindConnectFailed    FailureKind = "connect-failed"    // the name was resolved, no connection was made, and nothing says why
	// KindNoConnection: no connection was made, and nothing says why. It may be DNS, silence,
	// a reset, no route, or a permission that the browser doesn't have.
	KindNoConnection FailureKind = "no-connection"

	// A connection, and no response.
	KindReset              FailureKind = "reset"               // RST, while connecting or later
	KindClosed             FailureKind = "closed"              // the connection ended
	KindEmptyResponse      FailureKind = "empty-response"      // it ended after the request was sent
	KindResponseTimeout    FailureKind = "response-timeout"    // no response in time; it may be that of a connect
	KindNoResponse         FailureKind = "no-response"         // TLS was completed, no response, and nothing says why
	KindIncompleteResponse FailureKind = "incomplete-response" // it ended within the response
	KindInvalidResponse    FailureKind = "invalid-response"    // the response isn't valid HTTP
	KindNetworkChanged     FailureKind = "network-changed"     // an address or interface came or went, or the machine slept
	KindHTTP2              FailureKind = "http2"               // an error of HTTP/2
	KindQUIC               FailureKind = "quic"                // an error of QUIC

	// TLS.
	KindHandshakeFailed  FailureKind = "handshake-failed" // the handshake failed: an alert, no common version, not TLS
	KindTLSRefused       FailureKind = "tls-refused"      // the browser refused: the certificate, or what it received isn't TLS
	KindTLSCut           FailureKind = "tls-cut"          // the connection ended during the handshake
	KindTLSSilent        FailureKind = "tls-silent"       // connected, and TLS never began: silence, or a missing permission
	KindCertUntrusted    FailureKind = "cert-untrusted"
	KindCertExpired      FailureKind = "cert-expired" // or not valid yet
	KindCertNameMismatch FailureKind = "cert-name-mismatch"
	KindCertRevoked      FailureKind = "cert-revoked"
	KindCertTransparency FailureKind = "cert-transparency" // the log entries that browsers require are missing
	KindCertInvalid      FailureKind = "cert-invalid"      // any other fault of the certificate
	KindClientCert       FailureKind = "client-cert"       // the server wants a certificate of the client

	// An upstream proxy.
	KindProxyUnreachable FailureKind = "proxy-unreachable" // no connection to the proxy
	KindProxyRefused     FailureKind = "proxy-refused"     // the proxy made no tunnel: it refused, or couldn't connect
	KindProxyAuth        FailureKind = "proxy-auth"        // the proxy wants credentials
	KindProxyCert        FailureKind = "proxy-cert"        // the proxy's own certificate isn't valid
	KindProxyFailed      FailureKind = "proxy-failed"      // anything else of the proxy
	KindPAC              FailureKind = "pac"               // the proxy's configuration (PAC, WPAD) failed

	// The browser itself.
	KindBlockedByClient    FailureKind = "blocked-by-client" // an extension
	KindBlockedByAdmin     FailureKind = "blocked-by-admin"  // a browser policy
	KindBlockedByPage      FailureKind = "blocked-by-page"   // the page's own policy (CSP, mixed content)
	KindBlockedByResponse  FailureKind = "blocked-by-response"
	KindCORS               FailureKind = "cors"                 // the response doesn't allow the page to read it
	KindLocalNetworkAccess FailureKind = "local-network-access" // the page may not call private addresses
	KindNeverSent          FailureKind = "never-sent"           // its preflight failed, or the browser refused to send it
	KindAborted            FailureKind = "aborted"              // the page or the user cancelled
	KindPageLeft           FailureKind = "page-left"            // the page was left or reloaded, or cancelled it
	KindPending            FailureKind = "pending"              // no response yet when the file was saved
	KindRedirects          FailureKind = "redirects"            // too many, or not allowed
	KindBrowser            FailureKind = "browser"              // the browser's own: cache, file, resources
	KindUnknown            FailureKind = "unknown"              // the file gives no reason, or one that isn't known
)

// FailureKinds returns all kinds except "".
func FailureKinds() []FailureKind {
	return []FailureKind{
		KindNameNotResolved, KindDNSTimeout, KindNameserverFailed, KindRefused, KindUnreachable, KindOffline, KindNetworkDenied, KindTimeout,
		KindConnectFailed, KindNoConnection,
		KindReset, KindClosed, KindEmptyResponse, KindResponseTimeout, KindNoResponse, KindIncompleteResponse, KindInvalidResponse,
		KindNetworkChanged, KindHTTP2, KindQUIC,
		KindHandshakeFailed, KindTLSRefused, KindTLSCut, KindTLSSilent, KindCertUntrusted, KindCertExpired,
		KindCertNameMismatch, KindCertRevoked, KindCertTransparency, KindCertInvalid, KindClientCert,
		KindProxyUnreachable, KindProxyRefused, KindProxyAuth, KindProxyCert, KindProxyFailed, KindPAC,
		KindBlockedByClient, KindBlockedByAdmin, KindBlockedByPage, KindBlockedByResponse, KindCORS, KindLocalNetworkAccess,
		KindNeverSent, KindAborted, KindPageLeft, KindPending, KindRedirects, KindBrowser, KindUnknown,
	}
}
