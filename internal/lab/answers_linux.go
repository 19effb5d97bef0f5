package lab

import (
	"net/http"
	"time"

	"detour/internal/demo"
)

// An answerer answers requests as a case has it.
type answerer struct {
	aws   http.Handler
	state func() Case
}

func (a *answerer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := a.state()
	if c == CasePortal || c == CasePortalRedirect {
		w.Header().Set("Location", "http://portal.example.net/login?from="+r.Host)
		w.WriteHeader(http.StatusFound)
		return
	}
	if r.Host == demo.ConsoleHost && r.URL.Query().Has("limit") {
		writePage(w, r)
		return
	}
	if !isEndpoint(r.Host) || !answerAs(c, w, r) {
		a.aws.ServeHTTP(w, r)
	}
}

// answerAs answers a request to an endpoint in the way of a case; false: it is to be
// answered as usual.
func answerAs(c Case, w http.ResponseWriter, r *http.Request) bool {
	h, preflight := w.Header(), r.Method == http.MethodOptions
	switch c { //nolint:exhaustive // all other cases answer as usual
	case CaseNoCORSPreflight:
		if preflight {
			w.WriteHeader(http.StatusOK)
			return true
		}
	case CaseNoCORSAnswer:
		if !preflight {
			h.Set("Content-Type", "application/x-amz-json-1.1")
			h.Set("X-Amzn-Requestid", "00000000-0000-4000-8000-0000000c0425")
			_, _ = w.Write([]byte(`{"Results":[]}`))
			return true
		}
	case CaseGatewayRedirect:
		h.Set("Location", "https://login.gateway.example.net/?from="+r.Host)
		w.WriteHeader(http.StatusFound)
		return true
	case CaseGatewayHTML:
		h.Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte("<!doctype html><title>Access blocked</title><h1>This category is blocked</h1>"))
		return true
	case CaseGatewayJSON:
		h.Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte(`{"error":"blocked","policy":"cloud-apps"}`))
		return true
	case CaseEmpty:
		if !preflight {
			hangUp(w)
			return true
		}
	case CaseSlow, CaseUnhurried:
		if !preflight {
			wait(r, map[Case]time.Duration{CaseSlow: 8 * time.Second, CaseUnhurried: time.Second}[c])
		}
	default:
	}
	return false
}

// hangUp closes the connection of a request without an answer.
func hangUp(w http.ResponseWriter) {
	if j, ok := w.(http.Hijacker); ok {
		if conn, _, err := j.Hijack(); err == nil {
			_ = conn.Close()
			return
		}
	}
	panic(http.ErrAbortHandler) // HTTP/2, on a connection that is older than the case
}

// wait returns after a while, or when the client has left.
func wait(r *http.Request, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-r.Context().Done():
	}
}
