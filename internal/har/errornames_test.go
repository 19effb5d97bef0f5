package har

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"detour/internal/flow"
)

func TestDictionary_everyLineHasAKindAndAStageOfTheirSets(t *testing.T) {
	stages := []flow.Stage{
		flow.StageDNS, flow.StageDial, flow.StageTLS, flow.StageUpstreamProxy, flow.StageSend, flow.StageWait, flow.StageReceive, flow.StageClient,
	}
	d := newDictionary()
	if len(d.names) < 400 || len(d.phrases) < 50 {
		t.Fatalf("%d names, %d phrases", len(d.names), len(d.phrases))
	}
	check := func(what string, r reason) {
		if !slices.Contains(flow.FailureKinds(), r.kind) || !slices.Contains(stages, r.stage) {
			t.Errorf("%s is %+v", what, r)
		}
	}
	for name, r := range d.names {
		check(name, r)
	}
	for _, p := range append(d.prefixes, d.phrases...) {
		check(p.text, p.reason)
		if strings.Contains(p.text, " ") && p.text != strings.ToLower(p.text) {
			t.Errorf("the phrase %q isn't in lower case", p.text)
		}
	}
}

func TestDictionary_noNameIsListedTwice(t *testing.T) {
	seen := map[string]bool{}
	space := ""
	for line := range strings.Lines(errorNames) {
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || words[0][0] == '#':
		case words[0][0] == '[':
			space = words[1]
		default:
			for _, name := range words[1:] {
				if name = space + name; seen[name] {
					t.Errorf("%s is listed twice", name)
				} else {
					seen[name] = true
				}
			}
		}
	}
}

func TestDictionary_knowsErrorsOfEveryProgram(t *testing.T) {
	d := newDictionary()
	for words, want := range map[string]flow.FailureKind{
		"net::ERR_CONNECTION_RESET":                                              flow.KindReset,
		"ERR_CONNECTION_CLOSED":                                                  flow.KindClosed,
		"net::ERR_EMPTY_RESPONSE":                                                flow.KindEmptyResponse,
		"net::ERR_HTTP2_PING_FAILED":                                             flow.KindHTTP2,
		"net::ERR_HTTP2_SOMETHING_NEW":                                           flow.KindHTTP2,
		"net::ERR_QUIC_PROTOCOL_ERROR":                                           flow.KindQUIC,
		"net::ERR_NETWORK_CHANGED":                                               flow.KindNetworkChanged,
		"net::ERR_CERTIFICATE_TRANSPARENCY_REQUIRED":                             flow.KindCertTransparency,
		"net::ERR_CERT_SOMETHING_NEW":                                            flow.KindCertInvalid,
		"net::ERR_SSL_CLIENT_AUTH_CERT_NEEDED":                                   flow.KindClientCert,
		"net::ERR_BAD_SSL_CLIENT_AUTH_CERT":                                      flow.KindClientCert,
		"net::ERR_MANDATORY_PROXY_CONFIGURATION_FAILED":                          flow.KindPAC,
		"net::ERR_UNEXPECTED_PROXY_AUTH":                                         flow.KindProxyAuth,
		"net::ERR_BLOCKED_BY_ORB":                                                flow.KindBlockedByResponse,
		"net::ERR_BLOCKED_BY_LOCAL_NETWORK_ACCESS_CHECKS":                        flow.KindLocalNetworkAccess,
		"net::ERR_INTERNET_DISCONNECTED":                                         flow.KindOffline,
		"net::ERR_FAILED":                                                        flow.KindUnknown,
		"net::ERR_OF_ANOTHER_WORLD":                                              flow.KindUnknown,
		"NS_ERROR_NET_INTERRUPT":                                                 flow.KindClosed,
		"NS_ERROR_PROXY_GATEWAY_TIMEOUT":                                         flow.KindProxyRefused,
		"NS_ERROR_UNKNOWN_PROXY_HOST":                                            flow.KindProxyUnreachable,
		"SSL_ERROR_BAD_CERT_DOMAIN":                                              flow.KindCertNameMismatch,
		"SSL_ERROR_RX_RECORD_TOO_LONG":                                           flow.KindHandshakeFailed,
		"SEC_ERROR_UNKNOWN_ISSUER":                                               flow.KindCertUntrusted,
		"SEC_ERROR_OCSP_OLD_RESPONSE":                                            flow.KindCertInvalid,
		"MOZILLA_PKIX_ERROR_MITM_DETECTED":                                       flow.KindCertUntrusted,
		"A server with the specified hostname could not be found.":               flow.KindNameNotResolved,
		"The request timed out.":                                                 flow.KindResponseTimeout,
		"The network connection was lost.":                                       flow.KindClosed,
		"The Internet connection appears to be offline.":                         flow.KindOffline,
		"Error Domain=NSURLErrorDomain Code=-1200 \"An SSL error has occurred\"": flow.KindHandshakeFailed,
		"The operation couldn\u2019t be completed. (kCFErrorDomainCFNetwork error 310.)":   flow.KindProxyUnreachable,
		"The operation couldn\u2019t be completed. (kCFErrorDomainCFNetwork error -1005.)": flow.KindClosed,
		"Error Domain=NSPOSIXErrorDomain Code=61 \"Connection refused\"":                   flow.KindRefused,
		"Error resolving \u201ch.example\u201d: Name or service not known":                 flow.KindNameNotResolved,
		"Unacceptable TLS certificate":                                                     flow.KindCertUntrusted,
		"java.net.SocketException: Connection reset":                                       flow.KindReset,
		"read tcp 10.0.0.5:50312->10.0.1.23:443: read: connection reset by peer":           flow.KindReset,
		"[WinError 10054] An existing connection was forcibly closed by the remote host":   flow.KindReset,
		"something else": flow.KindUnknown,
		"":               flow.KindUnknown,
	} {
		if got := d.in(words); got.kind != want {
			t.Errorf("%q is %s, want %s", words, got.kind, want)
		}
	}
}

// TestDictionary_namesWhatTheWriterWrites: every error name in this package's own code is
// listed.
func TestDictionary_namesWhatTheWriterWrites(t *testing.T) {
	d := newDictionary()
	for _, name := range regexp.MustCompile(`ERR_[A-Z0-9_]+`).FindAllString(source(t, "failureout.go"), -1) {
		if _, ok := d.names[name]; !ok && name != "ERR_" {
			t.Errorf("%s isn't listed", name)
		}
	}
}

func source(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
