package h2client

import (
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// BenchmarkRoundTrip measures a small request to net/http's server in the same process, with this
// client and with net/http's. Compare the figures only with each other.
func BenchmarkRoundTrip(b *testing.B) {
	body := strings.Repeat("x", 1024)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }))
	server.EnableHTTP2 = true
	server.StartTLS()
	b.Cleanup(server.Close)
	conf := &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}} //nolint:gosec // the benchmark's own server
	theirs := &http.Transport{TLSClientConfig: conf, ForceAttemptHTTP2: true, DisableCompression: true}
	b.Cleanup(theirs.CloseIdleConnections)
	ours := newTestPool(b)
	conn, err := tls.Dial("tcp", server.Listener.Addr().String(), conf)
	if err != nil {
		b.Fatal(err)
	}
	host := strings.TrimPrefix(server.URL, "https://")
	ours.Add(host, conn)
	for name, rt := range map[string]http.RoundTripper{"h2client": ours, "net/http": theirs} {
		b.Run(name+"/1 stream", func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				get(b, rt, server.URL)
			}
		})
		b.Run(name+"/64 streams", func(b *testing.B) {
			b.ReportAllocs()
			b.SetParallelism(32)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					get(b, rt, server.URL)
				}
			})
		})
	}
}

func get(b *testing.B, rt http.RoundTripper, url string) {
	b.Helper()
	r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, url, nil)
	if err != nil {
		b.Fatal(err)
	}
	resp, err := rt.RoundTrip(r)
	if err != nil {
		b.Error(err)
		return
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
}
