package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"detour/internal/statedir"
)

// backEnd counts the requests of an OTLP collector that answers with a status.
func backEnd(t *testing.T, status int) (at string, requests *atomic.Int64) {
	t.Helper()
	requests = new(atomic.Int64)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		requests.Add(1)
		w.WriteHeader(status)
	}))
	t.Cleanup(srv.Close)
	return srv.URL, requests
}

// TestOTLP_exportSendsAFile, and fails if not all arrives.
func TestOTLP_exportSendsAFile(t *testing.T) {
	shortHome(t)
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "api-key=s3cr3t") // counts with env alone
	har := viaProxy(t, "10.20.0.5", "3128", exchange{host: "monitoring.ap-northeast-1.amazonaws.com", start: 5, ms: 20_000, word: "net::ERR_CONNECTION_TIMED_OUT"},
		exchange{host: "monitoring.ap-northeast-1.amazonaws.com", start: 6, ms: 60, status: 200})
	up, requests := backEnd(t, http.StatusOK)
	down, _ := backEnd(t, http.StatusForbidden)
	for name, test := range map[string]struct {
		args []string
		code int
		says string // a regular expression
	}{
		"arrives":       {[]string{"--otlp", up}, exitDone, `OTLP: sends findings, .* to 127\.0\.0\.1:[0-9]+\. .*\ndetour: OTLP: [3-9] records sent\n$`},
		"all":           {[]string{"--otlp", up, "--otlp-send", "all", "--otlp-traces"}, exitDone, `sends findings and every request \(also to hosts outside AWS\), with traces to 127`},
		"refused":       {[]string{"--otlp", down}, exitFailed, `records sent, [0-9] rejected: 403 Forbidden\ndetour: .* didn't arrive: 403 Forbidden\nhint: `},
		"with a format": {[]string{"--otlp", up, "--format", "har"}, exitUsage, `^detour: --otlp sends, and --format is about a file to write\nhint: take one of them\n$`},
		"with a file":   {[]string{"--otlp", up, "-o", filepath.Join(t.TempDir(), "x.md")}, exitUsage, `--output is about a file`},
		"in plain text": {[]string{"--otlp", "http://10.0.0.1:4318"}, exitUsage, `http is for a collector on this machine; 10\.0\.0\.1 isn't\nhint: use https`},
		"what":          {[]string{"--otlp", up, "--otlp-send", "some"}, exitUsage, `--otlp-send "some" is unknown\nhint: choose one of: findings failures all`},
		"no address":    {[]string{"--otlp-traces"}, exitUsage, `^detour: --otlp-traces needs --otlp\nhint: add --otlp URL `},
		"to choose":     {[]string{"--otlp-send", "all"}, exitUsage, `^detour: --otlp-send needs --otlp\nhint: `},
		"env":           {[]string{"--otlp", "env"}, exitUsage, `OTEL_EXPORTER_OTLP_ENDPOINT isn't set`},
	} {
		t.Run(name, func(t *testing.T) {
			var out, errs bytes.Buffer
			before := requests.Load()
			code := run(append([]string{"export", har}, test.args...), &out, &errs)
			if code != test.code || !regexp.MustCompile(test.says).MatchString(errs.String()) || out.Len() > 0 || strings.Contains(errs.String(), "s3cr3t") {
				t.Errorf("exit %d, stdout %q, stderr %s", code, &out, &errs)
			}
			if sent := requests.Load() > before; sent != (code == exitDone) {
				t.Errorf("it sent: %v", sent)
			}
		})
	}
}

// TestOTLP_aSettingOfRunIsNotOneOfExport: nothing leaves the machine that a command line doesn't ask for.
func TestOTLP_aSettingOfRunIsNotOneOfExport(t *testing.T) {
	shortHome(t)
	at, requests := backEnd(t, http.StatusOK)
	t.Setenv("DETOUR_OTLP", at)
	har := viaProxy(t, "10.20.0.5", "3128", exchange{host: "monitoring.ap-northeast-1.amazonaws.com", ms: 60, status: 200})
	var out, errs bytes.Buffer
	if code := run([]string{"export", har, "--format", "csv"}, &out, &errs); code != exitDone || out.Len() == 0 || requests.Load() > 0 {
		t.Errorf("exit %d, %d requests, stderr %s", code, requests.Load(), &errs)
	}
}

// TestOTLP_aRunSaysWhatItSends: where to, and what, at the start; at the end how many arrived. Its own requests
// aren't in the record, and what was waiting is sent.
// A program makes its first request as soon as it has read where the proxy is.
func TestOTLP_theFirstRequestIsSent(t *testing.T) {
	shortHome(t)
	at, _ := backEnd(t, http.StatusOK)
	site := httptest.NewServer(http.NotFoundHandler())
	defer site.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	said := &onProxyLine{do: func(proxy *url.URL) {
		client := http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(proxy), DisableKeepAlives: true}, Timeout: time.Minute}
		got, err := client.Get(site.URL)
		if err != nil {
			t.Error(err)
			return
		}
		_ = got.Body.Close()
		cancel()
	}}
	c := rootCommand(io.Discard, said)
	c.SetArgs([]string{
		"run", "--ui", "none", "--browser", "none", "--listen", "127.0.0.1:0", "--capture", "none",
		"--upstream-proxy", "none", "--otlp", at, "--otlp-send", "all",
	})
	if err := c.ExecuteContext(ctx); err != nil {
		t.Error(err)
	}
	if want := regexp.MustCompile(sentOne); !want.MatchString(said.text.String()) {
		t.Errorf("it doesn't say %q: %s", want, &said.text)
	}
}

// An onProxyLine is stderr whose reader acts on the line that says where the proxy is, before detour goes on.
type onProxyLine struct {
	do   func(proxy *url.URL)
	mu   sync.Mutex
	text bytes.Buffer
}

func (w *onProxyLine) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if found := proxyLine.FindSubmatch(b); found != nil {
		proxy, err := url.Parse(string(found[1]))
		if err != nil {
			return 0, err
		}
		w.do(proxy)
	}
	return w.text.Write(b)
}

var proxyLine = regexp.MustCompile(`proxy=(\S+) `)

// sentOne is what a run says at its end that had one request.
const sentOne = `detour: OTLP: (1 record sent|0 records sent, 1 dropped.*)\n$` // if two seconds don't suffice on a busy machine

func TestOTLP_aRunSaysWhatItSends(t *testing.T) {
	shortHome(t)
	at, requests := backEnd(t, http.StatusOK)
	cmd, stderr := started(t, nil, "run", "--ui", "none", "--browser", "none", "--listen", "127.0.0.1:0", "--capture", "none",
		"--upstream-proxy", "none", "--otlp", at, "--otlp-send", "all")
	first, err := stderr.ReadString('\n')
	found := proxyLine.FindStringSubmatch(first)
	if err != nil || found == nil {
		t.Fatalf("%q, %v", first, err)
	}
	proxy, err := url.Parse(found[1])
	if err != nil {
		t.Fatal(err)
	}
	site := httptest.NewServer(http.NotFoundHandler())
	defer site.Close()
	client := http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(proxy), DisableKeepAlives: true}, Timeout: time.Minute}
	got, err := client.Get(site.URL)
	if err != nil || got.StatusCode != http.StatusNotFound {
		t.Fatalf("%v, %v", got, err)
	}
	_ = got.Body.Close()
	_ = cmd.Process.Signal(syscall.SIGTERM)
	rest, _ := io.ReadAll(stderr)
	if code := ended(t, cmd); code != exitDone {
		t.Errorf("exit %d", code)
	}
	for _, want := range []string{
		`detour: OTLP: sends findings and every request \(also to hosts outside AWS\) to 127\.0\.0\.1:`,
		sentOne,
	} {
		if !regexp.MustCompile(want).Match(rest) {
			t.Errorf("it doesn't say %q: %s", want, rest)
		}
	}
	if n := requests.Load(); n > 1 {
		t.Errorf("%d requests", n)
	}
	if info, err := os.Stat(statedir.File("installation")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the installation's ID: %v, %v", info, err)
	}
}
