package har

import (
	"cmp"
	_ "embed"
	"slices"
	"strings"

	"detour/internal/flow"
	"detour/internal/lazyregexp"
)

// A reason says what ended a request without a response, and where.
type reason struct {
	kind  flow.FailureKind
	stage flow.Stage
}

// reasonOf returns the reason of this kind at the stage that it usually has.
func reasonOf(k flow.FailureKind) reason { return reason{k, stageOf(k)} }

// unknown is the reason of an error that isn't known, which is taken to have happened after
// the connect.
func unknown() reason { return reasonOf(flow.KindUnknown) }

// stageOf returns the stage at which a failure of this kind usually happens.
func stageOf(k flow.FailureKind) flow.Stage {
	switch k {
	case flow.KindNameNotResolved, flow.KindDNSTimeout, flow.KindNameserverFailed:
		return flow.StageDNS
	case flow.KindRefused, flow.KindUnreachable, flow.KindOffline, flow.KindNetworkDenied, flow.KindTimeout, flow.KindConnectFailed,
		flow.KindNoConnection:
		return flow.StageDial
	case flow.KindHandshakeFailed, flow.KindTLSRefused, flow.KindTLSCut, flow.KindTLSSilent, flow.KindCertUntrusted, flow.KindCertExpired,
		flow.KindCertNameMismatch, flow.KindCertRevoked, flow.KindCertTransparency, flow.KindCertInvalid, flow.KindClientCert:
		return flow.StageTLS
	case flow.KindProxyUnreachable, flow.KindProxyRefused, flow.KindProxyAuth, flow.KindProxyCert, flow.KindProxyFailed, flow.KindPAC:
		return flow.StageUpstreamProxy
	case flow.KindIncompleteResponse:
		return flow.StageReceive
	case flow.KindBlockedByClient, flow.KindBlockedByAdmin, flow.KindBlockedByPage, flow.KindBlockedByResponse, flow.KindCORS,
		flow.KindLocalNetworkAccess, flow.KindNeverSent, flow.KindAborted, flow.KindPageLeft, flow.KindRedirects, flow.KindBrowser:
		return flow.StageClient
	case flow.KindReset, flow.KindClosed, flow.KindEmptyResponse, flow.KindResponseTimeout, flow.KindNoResponse, flow.KindInvalidResponse,
		flow.KindNetworkChanged, flow.KindHTTP2, flow.KindQUIC, flow.KindPending, flow.KindUnknown:
	}
	return flow.StageWait
}

//go:embed errornames.txt
var errorNames string

//go:embed errorphrases.txt
var errorPhrases string

// A dictionary finds the reason in an exporter's error text. It isn't written to once made.
type dictionary struct {
	names    map[string]reason
	prefixes []prefixed // the longest first
	phrases  []prefixed
}

type prefixed struct {
	text string
	reason
}

// newDictionary reads the tables of names and phrases.
func newDictionary() *dictionary {
	d := &dictionary{names: make(map[string]reason)}
	space := ""
	for line := range strings.Lines(errorNames) {
		switch words := strings.Fields(line); {
		case len(words) == 0 || words[0][0] == '#':
		case words[0][0] == '[': // [program prefix]
			space = strings.TrimSuffix(words[1], "]")
		default:
			r := reasonOf(flow.FailureKind(words[0]))
			for _, name := range words[1:] {
				if begins, is := strings.CutSuffix(name, "*"); is {
					d.prefixes = append(d.prefixes, prefixed{space + begins, r})
				} else if _, known := d.names[space+name]; !known {
					d.names[space+name] = r
				}
			}
		}
	}
	slices.SortStableFunc(d.prefixes, func(a, b prefixed) int { return cmp.Compare(len(b.text), len(a.text)) })
	for line := range strings.Lines(errorPhrases) {
		if kind, phrase, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok {
			d.phrases = append(d.phrases, prefixed{phrase, reasonOf(flow.FailureKind(kind))})
		}
	}
	return d
}

var (
	// names of errors as browsers write them
	named = lazyregexp.New(`\b(?:ERR|NS_ERROR|NS_BINDING|SEC_ERROR|SSL_ERROR|MOZILLA_PKIX_ERROR|PR)_[A-Z0-9_]+\b`)
	// Apple's domains, with a code: "NSURLErrorDomain error -1004", "Error Domain=NSURLErrorDomain Code=-1004 …"
	coded = lazyregexp.New(`\b(NSURLErrorDomain|kCFErrorDomainCFNetwork|NSPOSIXErrorDomain|kCFStreamErrorDomainSSL)` +
		`[^-0-9]{0,24}(-?\d{1,6})\b`)
)

// in returns the reason in an exporter's error text: that of the first name or code that is
// known, or else of the first phrase.
func (d *dictionary) in(words string) reason {
	const most = 32
	for _, name := range named.FindAllString(words, most) {
		if r, ok := d.of(name); ok {
			return r
		}
	}
	for _, m := range coded.FindAllStringSubmatch(words, most) {
		domain := m[1]
		if domain == "kCFErrorDomainCFNetwork" && m[2][0] == '-' {
			domain = "NSURLErrorDomain"
		}
		if r, ok := d.of(domain + ":" + m[2]); ok {
			return r
		}
	}
	low := strings.ToLower(words)
	for _, p := range d.phrases {
		if strings.Contains(low, p.text) {
			return p.reason
		}
	}
	return unknown()
}

// of returns the reason of a name.
func (d *dictionary) of(name string) (reason, bool) {
	if r, ok := d.names[name]; ok {
		return r, true
	}
	for _, p := range d.prefixes {
		if strings.HasPrefix(name, p.text) {
			return p.reason, true
		}
	}
	return reason{}, false
}
