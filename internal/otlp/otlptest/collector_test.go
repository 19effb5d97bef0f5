package otlptest

import (
	"compress/gzip"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"detour/internal/demo"
	"detour/internal/fulltest"
	"detour/internal/otlp/send"
)

// TestCollector_docs: with the configuration of docs/fleet.md, a collector passes on to VictoriaLogs
// and to a store of traces what it gets from a desk over TLS, with nothing lost or changed.
func TestCollector_docs(t *testing.T) {
	if !fulltest.On() {
		t.Skip("building a collector takes more than a minute; make full does it")
	}
	direct, behind := StartVictoriaLogs(t), StartVictoriaLogs(t)
	var traces spans
	store := httptest.NewServer(&traces)
	defer store.Close()
	authority, err := demo.NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	address := freeAddress(t)
	cert, key := certificate(t, authority)
	b, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	_, config, _ := strings.Cut(string(b), "```yaml\n")
	config, _, _ = strings.Cut(config, "```")
	for _, x := range [][2]string{
		{"0.0.0.0:4318", address},
		{"/etc/otelcol/server.pem", cert},
		{"/etc/otelcol/server.key", key},
		{"http://victorialogs.example.com:9428", strings.TrimSuffix(behind.Endpoint, "/insert/opentelemetry")},
		{"http://jaeger.example.com:4318", store.URL},
	} {
		if strings.Count(config, x[0]) != 1 {
			t.Fatalf("the configuration doesn't have %s once: %s", x[0], config)
		}
		config = strings.Replace(config, x[0], x[1], 1)
	}
	StartCollector(t, address, config)

	d := desks[0]
	d.sendAll(t, endpoint(direct.Endpoint, "logs"), send.Endpoint{})
	https := "https://" + strings.Replace(address, "127.0.0.1", "localhost", 1)
	logsTo, tracesTo := endpoint(https, "logs"), endpoint(https, "traces")
	logsTo.Roots = x509.NewCertPool()
	logsTo.Roots.AddCert(authority.Root())
	tracesTo.Roots = logsTo.Roots
	d.sendAll(t, logsTo, tracesTo)

	want := records(direct.Query(t, "*"))
	var got []string
	for deadline := time.Now().Add(time.Minute); len(got) < len(want) && time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		got = records(behind.Query(t, "*"))
	}
	if diff := cmp.Diff(want, got); diff != "" || len(want) < 15 {
		t.Errorf("%d records directly, %d through the collector: %s", len(want), len(got), diff)
	}
	names := map[string]int{
		"CloudWatch/GetMetricData": 2, "CloudWatch/DescribeAlarms": 1, "CloudWatch Logs/DescribeLogGroups": 1, "EC2/DescribeInstances": 1,
		"EC2/DescribeVolumes": 1, "EC2/DescribeRegions": 1, "GET": 1, "CONNECT": 1,
		"HTTP connection_setup": 8, "DNS lookup": 8, "socket connect": 11, "TLS handshake": 4,
	}
	for deadline := time.Now().Add(time.Minute); !cmp.Equal(traces.names(), names) && time.Now().Before(deadline); {
		time.Sleep(50 * time.Millisecond)
	}
	if diff := cmp.Diff(names, traces.names()); diff != "" {
		t.Errorf("spans: %s", diff)
	}
}

// certificate writes a server's certificate and its key into files.
func certificate(t *testing.T, by *demo.Authority) (cert, key string) {
	t.Helper()
	c, err := by.Issue("localhost")
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "server.pem"), filepath.Join(dir, "server.key")
	for name, block := range map[string]pem.Block{
		cert: {Type: "CERTIFICATE", Bytes: c.Certificate[0]}, key: {Type: "PRIVATE KEY", Bytes: private},
	} {
		if err := os.WriteFile(name, pem.EncodeToMemory(&block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

// records are rows as text, in an order of their own, without what the store adds.
func records(rows []Row) (out []string) {
	for _, r := range rows {
		delete(r, "_stream_id")
		delete(r, "_stream")
		out = append(out, fmt.Sprint(r))
	}
	slices.Sort(out)
	return out
}

// spans is a store of traces.
type spans struct {
	mu  sync.Mutex
	got []*trace.Span
}

// ServeHTTP takes a request of OTLP.
func (s *spans) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body io.Reader = r.Body
	if r.Header.Get("Content-Encoding") == "gzip" {
		g, err := gzip.NewReader(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		body = g
	}
	var data trace.TracesData
	b, err := io.ReadAll(body)
	if err == nil {
		err = proto.Unmarshal(b, &data)
	}
	if err != nil || r.URL.Path != "/v1/traces" {
		http.Error(w, fmt.Sprint(r.URL, err), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range data.ResourceSpans {
		for _, y := range x.ScopeSpans {
			s.got = append(s.got, y.Spans...)
		}
	}
	w.Header().Set("Content-Type", "application/x-protobuf")
}

// names counts the spans by name.
func (s *spans) names() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make(map[string]int)
	for _, x := range s.got {
		out[x.Name]++
	}
	return out
}
