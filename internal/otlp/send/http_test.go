package send

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"detour/internal/otlp"
)

// TestSender_overHTTP: both signals, to a collector whose certificate a file has.
func TestSender_overHTTP(t *testing.T) {
	var mu sync.Mutex
	got := make(map[string]int)
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		names := decoded(t, r.Body)
		mu.Lock()
		defer mu.Unlock()
		for field, want := range map[string]string{
			"Content-Type": "application/x-protobuf", "Content-Encoding": "gzip", "X-Tenant": "a b", "User-Agent": "detour",
		} {
			if v := r.Header.Get(field); v != want || r.Method != http.MethodPost {
				t.Errorf("%s %s has %s: %q", r.Method, r.URL, field, v)
			}
		}
		got[r.URL.Path] += len(names)
		w.Header().Set("Content-Type", "application/x-protobuf")
	}))
	defer srv.Close()
	file := filepath.Join(t.TempDir(), "ca.pem")
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw})
	if err := os.WriteFile(file, ca, 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := Settings{Address: "env", Traces: true, ReadFile: os.ReadFile, Env: env(map[string]string{
		"OTEL_EXPORTER_OTLP_ENDPOINT": srv.URL + "/otel/", "OTEL_EXPORTER_OTLP_HEADERS": "x-tenant=a%20b", "OTEL_EXPORTER_OTLP_CERTIFICATE": file,
	})}.Config()
	if err != nil {
		t.Fatal(err)
	}
	cfg.Encoder = otlp.New(otlp.Resource{Run: "r"})
	s := New(cfg)
	for range 3 {
		s.Log(named("x"))
		s.Span(func() []byte { return []byte{0x62, 1, 'y'} }) // the collector here takes it for a log record
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if stats := s.Close(ctx); stats != (Stats{Sent: 6}) {
		t.Errorf("%+v", stats)
	}
	mu.Lock()
	defer mu.Unlock()
	if got["/otel/v1/logs"] != 3 || got["/otel/v1/traces"] != 3 || len(got) != 2 {
		t.Errorf("the collector has %v", got)
	}
}

// TestSender_aRedirectIsNotFollowed: the headers are for the collector alone.
func TestSender_aRedirectIsNotFollowed(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { t.Errorf("%s %v", r.URL, r.Header) }))
	defer other.Close()
	srv := httptest.NewServer(http.RedirectHandler(other.URL, http.StatusTemporaryRedirect))
	defer srv.Close()
	s := New(Config{Encoder: otlp.New(otlp.Resource{}), Logs: Endpoint{URL: srv.URL, Timeout: time.Minute, Headers: []Header{{"Authorization", "s3cr3t"}}}})
	s.Log(named("x"))
	if stats := s.Close(t.Context()); stats.Rejected != 1 || stats.Trouble != "307 Temporary Redirect" {
		t.Errorf("%+v", stats)
	}
}

// TestSender_aConnectionThatIsDeadIsLeft: with HTTP/2, a request that had no response in time doesn't end its
// connection, as when the machine slept or changed its network.
func TestSender_aConnectionThatIsDeadIsLeft(t *testing.T) {
	var mu sync.Mutex
	var dead string // the client's end of it
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		if dead == "" {
			dead = r.RemoteAddr
		}
		hangs := dead == r.RemoteAddr
		mu.Unlock()
		if hangs || r.ProtoMajor != 2 {
			<-r.Context().Done()
		}
	}))
	srv.EnableHTTP2, srv.Config.ErrorLog = true, log.New(io.Discard, "", 0)
	srv.StartTLS()
	defer srv.Close()
	roots := x509.NewCertPool()
	roots.AddCert(srv.Certificate())
	s := New(Config{Encoder: otlp.New(otlp.Resource{}), Logs: Endpoint{URL: srv.URL, Timeout: 300 * time.Millisecond}, Roots: roots})
	s.Log(named("x"))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if stats := s.Close(ctx); stats.Sent != 1 {
		t.Errorf("%+v", stats)
	}
}

// TestSender_whatAStrangerRespondsIsShort, whether it is HTTP or not.
func TestSender_whatAStrangerRespondsIsShort(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	for _, response := range []string{
		long + "\r\n\r\n", "HTTP/1.1 200 " + long + "\r\n\r\n", "HTTP/1.1 200 OK\r\nA: " + long + "\r\n\r\n", "HTTP/1.1 abc" + long[:50_000] + "\r\n\r\n",
	} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				_, _ = c.Read(make([]byte, 4096))
				_, _ = c.Write([]byte(response))
				_ = c.Close()
			}
		}()
		var said []string
		s := New(Config{
			Encoder: otlp.New(otlp.Resource{}), Logs: Endpoint{URL: "http://" + l.Addr().String(), Timeout: time.Minute}, GiveUp: time.Nanosecond,
			Notice: func(text string) { said = append(said, text) },
		})
		s.Log(named("x"))
		stats := s.Close(t.Context())
		_ = l.Close()
		if all := stats.Trouble + strings.Join(said, ""); stats.Dropped != 1 || len(stats.Trouble) == 0 || len(all) > 2000 {
			t.Errorf("%.20q: %d bytes, %+.2000v", response, len(all), stats)
		}
	}
}

func TestSender_aProxyIsUsed(t *testing.T) {
	asked := make(chan string, 1)
	proxy := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked <- r.RequestURI }))
	defer proxy.Close()
	s := New(Config{
		Encoder: otlp.New(otlp.Resource{}), Logs: Endpoint{URL: "http://otel.example/v1/logs", Timeout: time.Minute},
		Proxy: func(*http.Request) (*url.URL, error) { return url.Parse(proxy.URL) },
	})
	s.Log(named("x"))
	if stats := s.Close(t.Context()); stats.Sent != 1 {
		t.Errorf("%+v", stats)
	}
	if got := <-asked; got != "http://otel.example/v1/logs" {
		t.Errorf("the proxy was asked for %s", got)
	}
}

func TestSender_anUnknownCertificateIsATrouble(t *testing.T) {
	srv := httptest.NewTLSServer(http.NotFoundHandler())
	defer srv.Close()
	srv.Config.ErrorLog = nil
	s := New(Config{
		Encoder: otlp.New(otlp.Resource{}), Logs: Endpoint{URL: srv.URL, Timeout: time.Minute}, Roots: x509.NewCertPool(), GiveUp: time.Millisecond,
	})
	s.Log(named("x"))
	if stats := s.Close(t.Context()); stats.Dropped != 1 || !strings.Contains(stats.Trouble, "certificate") {
		t.Errorf("%+v", stats)
	}
}

func env(all map[string]string) func(string) string {
	return func(name string) string { return all[name] }
}

func TestSettings(t *testing.T) {
	const base = "OTEL_EXPORTER_OTLP_"
	for name, c := range map[string]struct {
		address string
		env     map[string]string
		want    string // URLs, headers and timeouts; or an error
	}{
		"a URL":                  {"https://otel.example:4318", nil, "https://otel.example:4318/v1/logs [] 10s, https://otel.example:4318/v1/traces [] 10s"},
		"with a path":            {"https://otel.example/x/", nil, "https://otel.example/x/v1/logs [] 10s, https://otel.example/x/v1/traces [] 10s"},
		"variables don't count":  {"http://127.0.0.1:4318", map[string]string{base + "HEADERS": "a=b", base + "PROTOCOL": "grpc"}, "http://127.0.0.1:4318/v1/logs [] 10s, http://127.0.0.1:4318/v1/traces [] 10s"},
		"IPv6":                   {"http://[::1]:4318", nil, "http://[::1]:4318/v1/logs [] 10s, http://[::1]:4318/v1/traces [] 10s"},
		"localhost":              {"http://localhost:4318", nil, "http://localhost:4318/v1/logs [] 10s, http://localhost:4318/v1/traces [] 10s"},
		"of each signal":         {"env", map[string]string{base + "ENDPOINT": "https://a.example", base + "LOGS_ENDPOINT": "https://b.example/in", base + "TIMEOUT": "500", base + "TRACES_TIMEOUT": "700", base + "HEADERS": "k=v", base + "LOGS_HEADERS": "l = %C3%A9 , m=n"}, "https://b.example/in [{l é} {m n}] 500ms, https://a.example/v1/traces [{k v}] 700ms"},
		"the protocol":           {"env", map[string]string{base + "ENDPOINT": "https://a.example", base + "PROTOCOL": "http/protobuf"}, "https://a.example/v1/logs [] 10s, https://a.example/v1/traces [] 10s"},
		"another protocol":       {"env", map[string]string{base + "ENDPOINT": "https://a.example", base + "PROTOCOL": "grpc"}, `! OTEL_EXPORTER_OTLP_PROTOCOL is "grpc": detour speaks http/protobuf alone`},
		"of a signal":            {"env", map[string]string{base + "ENDPOINT": "https://a.example", base + "TRACES_PROTOCOL": "http/json"}, `! OTEL_EXPORTER_OTLP_TRACES_PROTOCOL is "http/json": detour speaks http/protobuf alone`},
		"no endpoint":            {"env", nil, "! --otlp env: OTEL_EXPORTER_OTLP_ENDPOINT isn't set"},
		"logs alone":             {"env", map[string]string{base + "LOGS_ENDPOINT": "https://a.example/"}, "! --otlp env: neither OTEL_EXPORTER_OTLP_ENDPOINT nor OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is set"},
		"a header without value": {"env", map[string]string{base + "ENDPOINT": "https://a.example", base + "HEADERS": "s3cr3t"}, "! OTEL_EXPORTER_OTLP_HEADERS isn't a list of NAME=VALUE"},
		"a header in two lines":  {"env", map[string]string{base + "ENDPOINT": "https://a.example", base + "HEADERS": "k=s3cr3t%0d%0ax: y"}, "! OTEL_EXPORTER_OTLP_HEADERS isn't a list of NAME=VALUE"},
		"a header's escape":      {"env", map[string]string{base + "ENDPOINT": "https://a.example", base + "HEADERS": "k=s3cr3t%zz"}, "! OTEL_EXPORTER_OTLP_HEADERS isn't a list of NAME=VALUE"},
		"a header's name":        {"env", map[string]string{base + "ENDPOINT": "https://a.example", base + "HEADERS": "s3cr3t k=v"}, "! OTEL_EXPORTER_OTLP_HEADERS isn't a list of NAME=VALUE"},
		"no time":                {"env", map[string]string{base + "ENDPOINT": "https://a.example", base + "TIMEOUT": "5s"}, `! OTEL_EXPORTER_OTLP_TIMEOUT is "5s", not a number of milliseconds`},
		"no certificate":         {"env", map[string]string{base + "ENDPOINT": "https://a.example", base + "CERTIFICATE": "/missing.pem"}, "! OTEL_EXPORTER_OTLP_CERTIFICATE: open /missing.pem: file does not exist"},
		"plain":                  {"http://otel.example:4318", nil, "! --otlp: http is for a collector on this machine; otel.example isn't"},
		"plain by a variable":    {"env", map[string]string{base + "ENDPOINT": "http://10.0.0.1:4318"}, "! OTEL_EXPORTER_OTLP_ENDPOINT: http is for a collector on this machine; 10.0.0.1 isn't"},
		"credentials":            {"https://me:s3cr3t@otel.example", nil, "! --otlp: credentials don't belong into the URL"},
		"a query":                {"https://otel.example/?key=s3cr3t", nil, "! --otlp: the URL must not have a query or a fragment"},
		"no URL":                 {"otel.example:4318", nil, "! --otlp is not an https URL"},
		"nonsense":               {"https://%zz/s3cr3t", nil, "! --otlp is not an https URL"},
		"with the signal's path": {"https://otel.example/v1/logs", nil, "! --otlp: detour itself adds /v1/logs"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg, err := Settings{Address: c.address, Traces: true, Env: env(c.env), ReadFile: func(string) ([]byte, error) {
				return nil, &os.PathError{Op: "open", Path: "/missing.pem", Err: os.ErrNotExist}
			}}.Config()
			got := ""
			if err != nil {
				got = "! " + err.Error()
			} else {
				got = strings.Join([]string{shownEndpoint(cfg.Logs), shownEndpoint(cfg.Traces)}, ", ")
			}
			if got != c.want || strings.Contains(got, "s3cr3t") {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestSettings_withoutTraces(t *testing.T) {
	cfg, err := Settings{Address: "https://otel.example"}.Config()
	if err != nil || cfg.Traces.URL != "" {
		t.Errorf("%v, %v", cfg, err)
	}
}

func shownEndpoint(e Endpoint) string {
	var b strings.Builder
	b.WriteString(e.URL + " [")
	var all []string
	for _, h := range e.Headers {
		all = append(all, "{"+h.Name+" "+h.Value+"}")
	}
	slices.Sort(all)
	return b.String() + strings.Join(all, " ") + "] " + e.Timeout.String()
}

func FuzzHeaders(f *testing.F) {
	f.Add("a=b,c=d%20e")
	f.Add("a=b;x=y, c = d")
	f.Fuzz(func(t *testing.T, list string) {
		all, err := headers(list)
		if err != nil && strings.TrimSpace(list) != "" && strings.Contains(err.Error(), list) && len(list) > 30 {
			t.Errorf("the error repeats %q", list)
		}
		for _, h := range all {
			if h.Name == "" || strings.ContainsAny(h.Name+h.Value, "\r\n\x00") {
				t.Errorf("%q has %q: %q", list, h.Name, h.Value)
			}
		}
	})
}
