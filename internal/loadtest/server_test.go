package loadtest

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// serverName is a name that httptest's certificate is for.
const serverName = "example.com"

// A server is what all requests go to.
type server struct {
	address string // host:port
	target  string // its URL, by name
	caFile  string // its certificate
	roots   *x509.CertPool
}

func startServer(t *testing.T) *server {
	t.Helper()
	h := httptest.NewUnstartedServer(http.HandlerFunc(serve))
	h.EnableHTTP2 = true
	h.StartTLS()
	t.Cleanup(h.Close)
	s := &server{address: h.Listener.Addr().String(), caFile: filepath.Join(t.TempDir(), "server.pem"), roots: x509.NewCertPool()}
	_, port, _ := strings.Cut(s.address, ":")
	s.target = "https://" + serverName + ":" + port
	s.roots.AddCert(h.Certificate())
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: h.Certificate().Raw})
	if err := os.WriteFile(s.caFile, ca, 0o600); err != nil {
		t.Fatal(err)
	}
	return s
}

// events are the events of a stream, and eventPace the time between them.
const (
	events    = 5
	eventPace = 50 * time.Millisecond
)

// serve answers with a small body, a large one, the size of what was sent, or a stream.
func serve(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/down":
		n, _ := strconv.ParseInt(r.URL.Query().Get("n"), 10, 64)
		w.Header().Set("Content-Length", strconv.FormatInt(n, 10))
		for b := make([]byte, 1<<20); n > 0; n -= int64(len(b)) {
			if _, err := w.Write(b); err != nil {
				return
			}
		}
	case "/up":
		n, _ := io.Copy(io.Discard, r.Body)
		_, _ = fmt.Fprint(w, n)
	case "/stream":
		w.Header().Set("Content-Type", r.URL.Query().Get("type"))
		for range events {
			_, _ = fmt.Fprintf(w, "%d\n", time.Now().UnixNano())
			_ = http.NewResponseController(w).Flush()
			time.Sleep(eventPace) // the pace of the stream, not a wait for something
		}
	default:
		_, _ = w.Write(bytes.Repeat([]byte("x"), 1024))
	}
}
