package aws

import (
	"strings"

	"detour/internal/flow"
)

// evidence is what a request and its host say about its route.
type evidence struct {
	sigV4Header, sigV4Query, preflight bool
	origin, referer                    bool // they are a console host's
	why                                []flow.Evidence
}

// evidence returns the evidence of a request, the strongest first. p is the kind of its
// path.
func (t *Tables) evidence(r *request, h host, p pathKind) evidence {
	var most [8]flow.Evidence
	e, why := evidence{}, most[:0]
	note := func(holds bool, what flow.Evidence) bool {
		if holds {
			why = append(why, what)
		}
		return holds
	}
	if !r.connect() {
		_, signature := r.param("X-Amz-Signature")
		e.sigV4Header = note(strings.HasPrefix(r.header("Authorization"), "AWS4-"), flow.EvidenceSigV4Header)
		e.sigV4Query = note(signature, flow.EvidenceSigV4Query)
		e.preflight = note(asksToSign(r), flow.EvidencePreflight)
		e.origin = note(t.console(r.header("Origin")), flow.EvidenceOrigin)
		e.referer = note(t.console(r.header("Referer")), flow.EvidenceReferer)
	}
	if !note(h.class != classNone, flow.EvidenceHost) {
		note(t.isBrowserHost(r.host), flow.EvidenceBrowser)
	}
	note(p == pathTelemetry, flow.EvidencePath)
	note(r.connect(), flow.EvidenceConnect)
	e.why = make([]flow.Evidence, len(why))
	copy(e.why, why)
	return e
}

// fromConsole reports whether a page of the console sent the request.
func (e *evidence) fromConsole() bool { return e.origin || e.referer }

func (e *evidence) signed() bool { return e.sigV4Header || e.sigV4Query || e.preflight }

// asksToSign reports whether a request is the preflight of a signed one.
func asksToSign(r *request) bool {
	if r.Method != "OPTIONS" {
		return false
	}
	asked := strings.ToLower(r.header("Access-Control-Request-Headers"))
	return strings.Contains(asked, "authorization") || strings.Contains(asked, "x-amz-")
}

// console reports whether the URL of an Origin or Referer header is a console host's.
func (t *Tables) console(s string) bool {
	if s == "" {
		return false
	}
	u := splitURL(s)
	return (u.scheme == "https" || u.scheme == "http") && t.host(u.host).class == classConsole
}

// page returns the console page that a request belongs to, without query and fragment:
// the Referer, or the page that is being loaded.
func page(r *request, h host, e *evidence) string {
	page := ""
	switch {
	case e.referer:
		page = r.header("Referer")
	case h.class == classConsole && r.navigation():
		page = r.URL
	default:
		return ""
	}
	u := splitURL(page)
	if i := strings.LastIndexByte(u.host, '@'); i >= 0 {
		return u.scheme + "://" + u.host[i+1:] + u.path
	}
	return page[:len(u.scheme)+len("://")+len(u.host)+len(u.path)]
}
