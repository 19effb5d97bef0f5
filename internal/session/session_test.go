package session

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"detour/certs"
	"detour/internal/aws"
	"detour/internal/capture/disk"
	"detour/internal/decrypt"
	"detour/internal/flow"
	"detour/internal/intake"
	"detour/internal/resolve"
	"detour/internal/usererr"
)

const host = "logs.eu-west-1.amazonaws.com"

// denying is a server that stands in for AWS: it denies every call.
func denying(t *testing.T) (port string, roots *x509.CertPool) {
	t.Helper()
	ca, err := certs.Ephemeral([]string{"amazonaws.com"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := ca.Leaf(host)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"__type":"AccessDeniedException","message":"User is not authorized to perform: logs:DescribeLogGroups with an explicit deny in a VPC endpoint policy"}`)
	}))
	srv.TLS = &tls.Config{Certificates: []tls.Certificate{*leaf}, MinVersion: tls.VersionTLS12}
	srv.StartTLS()
	t.Cleanup(srv.Close)
	_, port, err = net.SplitHostPort(srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	roots = x509.NewCertPool()
	roots.AppendCertsFromPEM(ca.RootPEM())
	return port, roots
}

// config is a session on loopback, where host resolves to.
func config(t *testing.T, roots *x509.CertPool) Config {
	t.Helper()
	tables, err := aws.Load()
	if err != nil {
		t.Fatal(err)
	}
	ca, err := certs.Ephemeral(tables.Suffixes(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	r := resolve.New(resolve.Config{Map: map[string][]netip.Addr{host: {netip.MustParseAddr("127.0.0.1")}}})
	return Config{
		Version: "v1.2.3", Tables: tables, Network: Network{Resolver: r, RootCAs: roots}, Decrypt: decrypt.With(ca, tables.IsAWS),
		Listener: l, Log: slog.New(slog.DiscardHandler),
	}
}

// call sends a signed call to a server of host through a session.
func call(t *testing.T, s *Session, port string) {
	t.Helper()
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(s.Decrypt().RootsPEM())
	transport := &http.Transport{
		Proxy: http.ProxyURL(&url.URL{Scheme: "http", Host: s.Addr()}), TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
	}
	defer transport.CloseIdleConnections()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://"+net.JoinHostPort(host, port)+"/", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Amz-Target", "Logs_20140328.DescribeLogGroups")
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIAEXAMPLEEXAMPLE00/20261124/eu-west-1/logs/aws4_request, SignedHeaders=host, Signature=0123456789abcdef0123456789abcdef")
	resp, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
}

// recordsOfACall runs a session with a capture on disk for one call, and returns it and what it
// writes as JSON Lines.
func recordsOfACall(t *testing.T, cfg Config, port string) (*Session, *bytes.Buffer) {
	t.Helper()
	var records bytes.Buffer
	cfg.Records = &Records{To: &records}
	cfg.Storage.Create = func(_ time.Time, h disk.Header) (*disk.File, error) {
		return disk.Create(filepath.Join(t.TempDir(), "run.detour"), h)
	}
	cfg.Work = func(_ context.Context, s *Session) { call(t, s, port) }
	cfg.Ends = true
	s, err := New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s, &records
}

func TestSession_takesOneCallFromTheProxyToItsRecordItsFindingAndItsFile(t *testing.T) {
	port, roots := denying(t)
	cfg := config(t, roots)
	s, records := recordsOfACall(t, cfg, port)
	var r flow.Record
	if err := json.Unmarshal(records.Bytes(), &r); err != nil {
		t.Fatalf("%v: %s", err, records)
	}
	if !r.Final || r.Origin != flow.OriginDirect || r.AWS == nil || r.AWS.Operation != "DescribeLogGroups" || r.Response == nil || r.Response.Status != http.StatusBadRequest {
		t.Errorf("the record is %+v", r)
	}
	if strings.Contains(records.String(), "0123456789abcdef0123456789abcdef") {
		t.Error("the signature is in the record")
	}
	findings := s.Store().Findings()
	if len(findings) == 0 || findings[0].Code != "denied-by-endpoint-policy" {
		t.Errorf("the findings are %+v", findings)
	}
	got, err := intake.Reader{Tables: cfg.Tables, Whole: true}.Read(t.Context(), s.CapturePath())
	if err != nil || len(got.Flows) != 1 || got.Creator != "detour v1.2.3" || len(got.Findings) == 0 {
		t.Errorf("the file has %+v, %v", got, err)
	}
	if troubles := s.Troubles(); len(troubles) != 0 {
		t.Errorf("troubles %q", troubles)
	}
}

func TestSession_aPassedHostIsNotDecrypted(t *testing.T) {
	port, roots := denying(t)
	cfg := config(t, roots)
	s, err := New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if !s.Decrypts(host) || !s.Passthrough().Toggle(host) || s.Decrypts(host) {
		t.Error("the list has no effect")
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "CONNECT "+net.JoinHostPort(host, port)+" HTTP/1.1\r\nHost: "+host+"\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, len("HTTP/1.1 200 "))
	if _, err := io.ReadFull(conn, answer); err != nil || string(answer) != "HTTP/1.1 200 " {
		t.Fatalf("%q, %v", answer, err)
	}
	_ = conn.Close()
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if flows := s.Store().Flows(); len(flows) != 1 || flows[0].Tunnel == nil {
		t.Errorf("it isn't a tunnel: %+v", flows)
	}
}

func TestNew_aFileThatCannotBeCreatedEndsItOnlyIfThatIsTheUsersMistake(t *testing.T) {
	cfg := config(t, nil)
	cfg.Storage.Create = func(time.Time, disk.Header) (*disk.File, error) { return nil, usererr.Usagef("h", "no") }
	if _, err := New(t.Context(), cfg); usererr.As(err) == nil {
		t.Errorf("%v", err)
	}
	if _, err := cfg.Listener.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("the port stays open: %v", err)
	}
	cfg = config(t, nil)
	cfg.Storage.Create = func(time.Time, disk.Header) (*disk.File, error) { return nil, errors.New("the disk is full") }
	var notices []string // written to before given is closed
	given := make(chan struct{})
	cfg.Notice = func(text string) {
		if notices = append(notices, text); text == "second" {
			close(given)
		}
	}
	cfg.Notices = []string{"second"}
	ready := false
	cfg.Ready = func(*Session) { ready = len(notices) == 0 }
	cfg.Screen = func(_ context.Context, s *Session) error {
		<-given
		if s.LastNotice() != "second" {
			t.Errorf("the last notice is %q", s.LastNotice())
		}
		return errors.New("closed")
	}
	s, err := New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Run(t.Context()); err == nil || err.Error() != "closed" {
		t.Errorf("the screen's error is %v", err)
	}
	if len(notices) != 2 || notices[0] != "nothing is saved to disk: the disk is full" || !ready {
		t.Errorf("%q, ready first: %v", notices, ready)
	}
}

func TestBodies_thoseOfFailedCallsAreStoredByDefault(t *testing.T) {
	ok := &flow.Flow{State: flow.StateDone, Response: &flow.Response{Status: 200}}
	denied := &flow.Flow{State: flow.StateDone, Response: &flow.Response{Status: 403}}
	pending := &flow.Flow{}
	for b, want := range map[Bodies][3]bool{"": {false, true, true}, BodiesOfErrors: {false, true, true}, NoBodies: {false, false, false}, AllBodies: {true, true, true}} {
		if got := [3]bool{b.keeps(ok), b.keeps(denied), b.keeps(pending)}; got != want {
			t.Errorf("%q: %v, want %v", b, got, want)
		}
	}
}
