package proxy

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestCurl_bothProtocolsToBothProtocols(t *testing.T) {
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Skip("curl is not installed")
	}
	matrix(t, func(t *testing.T, client, server bool) {
		b := newFixture(t, setup{h2: server}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			n, _ := io.Copy(io.Discard, r.Body)
			fmt.Fprintf(w, "%s %s %d", r.Proto, r.Method, n)
		}))
		ca := filepath.Join(t.TempDir(), "ca.pem")
		if err := os.WriteFile(ca, b.ca.RootPEM(), 0o600); err != nil {
			t.Fatal(err)
		}
		spoken := map[bool]string{false: "--http1.1", true: "--http2"}[client]
		cmd := exec.CommandContext(t.Context(), curl, "-sS", "--max-time", "60", spoken, "--proxy", "http://"+b.addr, "--cacert", ca,
			"--data", "hello", "--write-out", " over %{http_version}", "https://example.com/")
		out, err := cmd.CombinedOutput()
		want := map[bool]string{false: "HTTP/1.1 POST 5", true: "HTTP/2.0 POST 5"}[server] +
			map[bool]string{false: " over 1.1", true: " over 2"}[client]
		if err != nil || strings.TrimSpace(string(out)) != want {
			t.Errorf("%v: %q, want %q", err, out, want)
		}
	})
}
