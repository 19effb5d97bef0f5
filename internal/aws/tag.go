package aws

import (
	"net/url"
	"slices"
	"strings"

	"detour/internal/flow"
)

// Tag says what the flow's request is: it sets Origin, Why, AWS and Page from
// the request, and the AWS error and request id from the response's head.
func (t *Tables) Tag(f *flow.Flow) {
	r := newRequest(f)
	f.Origin, f.Why, f.AWS, f.Page = flow.OriginOther, nil, nil, ""
	h, known := t.host(r.url.Host)
	f.Why = r.evidence(t)
	signed := slices.Contains(f.Why, flow.EvidenceSigV4Header) || slices.Contains(f.Why, flow.EvidenceSigV4Query)
	if known {
		f.Why = append(f.Why, flow.EvidenceHost)
	}
	f.Origin = origin(h, known, signed, r)
	if beacon(r.path()) || telemetryPath(r.path()) {
		f.Why = append(f.Why, flow.EvidencePath)
	}
	f.Page = r.page(t, h, f.Origin)
	if c := t.call(h, r, f.Origin); c != nil {
		answer(c, f.Response)
		f.AWS = c
	}
}

// origin decides the road, the stronger evidence first: a signature in the
// request, then the host's family, then the path.
func origin(h host, known, signed bool, r *request) flow.Origin {
	switch {
	case !known:
		if signed {
			return flow.OriginDirect // a service's endpoint under a name that we don't know
		}
		return flow.OriginOther
	case beacon(r.path()) || telemetryPath(r.path()):
		return flow.OriginTelemetry
	}
	switch h.class {
	case classSignIn:
		return flow.OriginSignIn
	case classConsole, classConsoleAPI:
		return flow.OriginConsole
	case classStatic:
		return flow.OriginStatic
	case classTelemetry:
		return flow.OriginTelemetry
	case classDirect:
		return flow.OriginDirect
	case classOther:
		if signed {
			return flow.OriginDirect
		}
	}
	return flow.OriginOther
}

func telemetryPath(path string) bool {
	return path == "/panoramaroute" || path == "/metrics/fingerprint"
}

// A request is a flow's request, taken apart once.
type request struct {
	*flow.Request
	url *url.URL // never nil
}

func newRequest(f *flow.Flow) *request {
	r := &request{Request: &f.Request, url: &url.URL{}}
	if f.Request.Method == "CONNECT" {
		r.url = &url.URL{Host: f.Request.URL}
	} else if u, err := url.Parse(f.Request.URL); err == nil {
		r.url = u
	}
	return r
}

func (r *request) path() string { return r.url.Path }

func (r *request) header(name string) string { return flow.Get(r.Headers, name) }

// evidence lists what the request itself says of its origin, strongest first.
func (r *request) evidence(t *Tables) []flow.Evidence {
	if r.Method == "CONNECT" {
		return []flow.Evidence{flow.EvidenceConnect}
	}
	var why []flow.Evidence
	if strings.HasPrefix(r.header("Authorization"), "AWS4-") {
		why = append(why, flow.EvidenceSigV4Header)
	}
	if strings.Contains(r.url.RawQuery, "X-Amz-Signature=") {
		why = append(why, flow.EvidenceSigV4Query)
	}
	if r.preflight() {
		why = append(why, flow.EvidencePreflight)
	}
	if t.consoleURL(r.header("Origin")) {
		why = append(why, flow.EvidenceOrigin)
	}
	if t.consoleURL(r.header("Referer")) {
		why = append(why, flow.EvidenceReferer)
	}
	return why
}

// preflight reports whether the browser asks leave for a signed request.
func (r *request) preflight() bool {
	if r.Method != "OPTIONS" {
		return false
	}
	asked := strings.ToLower(r.header("Access-Control-Request-Headers"))
	return strings.Contains(asked, "authorization") || strings.Contains(asked, "x-amz-")
}

func (t *Tables) consoleURL(s string) bool {
	if s == "" {
		return false
	}
	u, err := url.Parse(s)
	if err != nil {
		return false
	}
	h, ok := t.host(u.Host)
	return ok && h.class == classConsole
}

// page is the console page that the request belongs to, without query and fragment.
func (r *request) page(t *Tables, h host, o flow.Origin) string {
	ref := r.header("Referer")
	if o == flow.OriginConsole && h.class == classConsole && r.document() {
		ref = r.URL
	}
	if !t.consoleURL(ref) {
		return ""
	}
	u, err := url.Parse(ref)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host + u.Path
}

// document reports whether a page is being loaded.
func (r *request) document() bool {
	if d := r.header("Sec-Fetch-Dest"); d != "" {
		return d == "document" || d == "iframe"
	}
	return r.Method == "GET" && strings.HasPrefix(r.header("Accept"), "text/html")
}

// asset reports whether the request is for a part of a page and not for data.
func (r *request) asset() bool {
	switch r.header("Sec-Fetch-Dest") {
	case "script", "style", "image", "font", "manifest", "worker", "serviceworker", "audio", "video":
		return true
	}
	return r.url.Path == "/favicon.ico"
}
