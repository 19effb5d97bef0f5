package serve

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// barePolicy is the Content-Security-Policy of everything but the page.
const barePolicy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// protect sets the header fields that every response has: nothing is stored, guessed, framed
// or read by another site.
func protect(h http.Header) {
	h.Set("Content-Security-Policy", barePolicy)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Embedder-Policy", "require-corp")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
}

// send sends a refusal, and closes the connection: who is refused has no other business.
func (no *refusal) send(w http.ResponseWriter) {
	h := w.Header()
	if no.status == http.StatusMethodNotAllowed {
		h.Set("Allow", http.MethodGet)
	}
	h.Set("Connection", "close")
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(drainTimeout))
	h.Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(no.status)
	_, _ = w.Write([]byte("detour: " + no.why + "\n"))
}

// A page is the document, which is the same for everybody.
type page struct {
	plain, zipped []byte
	policy        string
}

func newPage(body []byte, policy string) page {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // a valid level
	_, _ = z.Write(body)
	_ = z.Close()
	return page{body, b.Bytes(), policy}
}

func (p page) send(w http.ResponseWriter, r *http.Request) *refusal {
	if no := embedded(r); no != nil {
		return no
	}
	h, body := w.Header(), p.plain
	h.Set("Content-Security-Policy", p.policy)
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Vary", "Accept-Encoding")
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = p.zipped
	}
	_, _ = w.Write(body)
	return nil
}

func (s *Server) sendFlow(w http.ResponseWriter, id string, rows bool) *refusal {
	n, err := strconv.ParseUint(id, 10, 64)
	if err != nil {
		return notFound
	}
	b := s.cfg.Flow(n, rows)
	if b == nil {
		return notFound
	}
	sendJSON(w, b)
	return nil
}

// maxExpression is the longest expression that is completed or matched, in bytes: it is
// evaluated for each flow.
const maxExpression = 4 << 10

func (s *Server) sendCompletion(w http.ResponseWriter, q url.Values) *refusal {
	text := q.Get("q")
	at, err := strconv.Atoi(q.Get("at"))
	switch {
	case len(text) > maxExpression:
		return tooLong
	case err != nil || at < 0 || at > len(text):
		return notFound
	}
	sendJSON(w, s.cfg.Complete(text, at))
	return nil
}

func sendJSON(w http.ResponseWriter, b []byte) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = w.Write(b)
}
