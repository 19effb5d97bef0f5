package aws

import (
	"strings"

	"detour/internal/flow"
)

// evidence is what a request and its host say of the road that it takes.
type evidence struct {
	sigV4Header, sigV4Query, preflight bool
	origin, referer                    bool // they name a console host
	why                                []flow.Evidence
}

// evidence lists all that holds, strongest first. A path that is known counts
// for p.
func (t *Tables) evidence(r *request, h host, p pathKind) evidence {
	e := evidence{why: make([]flow.Evidence, 0, 6)}
	note := func(holds bool, what flow.Evidence) bool {
		if holds {
			e.why = append(e.why, what)
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
		note(t.byItself(r.host), flow.EvidenceBrowser)
	}
	note(p == pathTelemetry, flow.EvidencePath)
	note(r.connect(), flow.EvidenceConnect)
	return e
}

// fromConsole reports whether a page of the console sent the request.
func (e *evidence) fromConsole() bool { return e.origin || e.referer }

func (e *evidence) signed() bool { return e.sigV4Header || e.sigV4Query || e.preflight }

// asksToSign reports whether the browser asks leave for a signed request.
func asksToSign(r *request) bool {
	if r.Method != "OPTIONS" {
		return false
	}
	asked := strings.ToLower(r.header("Access-Control-Request-Headers"))
	return strings.Contains(asked, "authorization") || strings.Contains(asked, "x-amz-")
}

// console reports whether a URL, as in Origin or Referer, is of a console's host.
func (t *Tables) console(s string) bool {
	if s == "" {
		return false
	}
	u := splitURL(s)
	return (u.scheme == "https" || u.scheme == "http") && t.host(u.host).class == classConsole
}

// page is the console page that a request belongs to, without query and
// fragment: the Referer, or what is being loaded.
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
