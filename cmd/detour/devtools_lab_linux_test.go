package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	cdp "github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/remote"

	"detour/internal/demo"
	"detour/internal/lab"
)

// A devtoolsHAR makes a HAR from a browser's DevTools protocol, as the Network panel does:
// without the addresses and phases of failed requests.
type devtoolsHAR struct {
	mu      sync.Mutex
	entries []map[string]any // at least one
	open    map[cdp.RequestID]*exchange
}

type exchange struct {
	asked    *cdp.EventRequestWillBeSent
	sent     cdp.Headers
	answered *cdp.EventResponseReceived
}

func (h *devtoolsHAR) hear(ev any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch ev := ev.(type) {
	case *cdp.EventRequestWillBeSent:
		h.open[ev.RequestID] = &exchange{asked: ev}
	case *cdp.EventRequestWillBeSentExtraInfo: // the header as it is sent
		if x := h.open[ev.RequestID]; x != nil {
			x.sent = ev.Headers
		}
	case *cdp.EventResponseReceived:
		if x := h.open[ev.RequestID]; x != nil {
			x.answered = ev
		}
	case *cdp.EventLoadingFinished:
		h.end(ev.RequestID, ev.Timestamp.Float64(), "")
	case *cdp.EventLoadingFailed:
		h.end(ev.RequestID, ev.Timestamp.Float64(), ev.ErrorText)
	}
}

func headers(h cdp.Headers) []map[string]string {
	out := []map[string]string{}
	for name, v := range h {
		s, _ := v.(string)
		out = append(out, map[string]string{"name": name, "value": s})
	}
	return out
}

func (h *devtoolsHAR) end(id cdp.RequestID, at float64, failed string) {
	x := h.open[id]
	if x == nil {
		return
	}
	delete(h.open, id)
	sent := x.sent
	if sent == nil {
		sent = x.asked.Request.Headers
	}
	took := (at - x.asked.Timestamp.Float64()) * 1000
	response := map[string]any{"status": 0, "statusText": "", "httpVersion": "", "headers": []any{}, "bodySize": -1, "_transferSize": 0, "_error": nil}
	entry := map[string]any{
		"startedDateTime": time.UnixMicro(int64(x.asked.WallTime.Float64() * 1e6)).UTC().Format("2006-01-02T15:04:05.000Z"), "time": took,
		"request": map[string]any{
			"method": x.asked.Request.Method, "url": x.asked.Request.URL, "httpVersion": "http/2.0", "headers": headers(sent), "bodySize": 0,
		},
		"response": response, "cache": map[string]any{},
		"timings": map[string]any{"blocked": took, "dns": -1, "ssl": -1, "connect": -1, "send": 0, "wait": 0, "receive": 0},
	}
	if failed != "" {
		response["_error"] = failed
	}
	if x.answered != nil && failed == "" {
		r := x.answered.Response
		response["status"], response["httpVersion"], response["headers"] = r.Status, r.Protocol, headers(r.Headers)
		entry["serverIPAddress"], entry["connection"] = r.RemoteIPAddress, jsonOf(r.ConnectionID)
		if t := r.Timing; t != nil {
			entry["timings"] = map[string]any{
				"blocked": 0, "dns": t.DNSEnd - t.DNSStart, "connect": t.ConnectEnd - t.ConnectStart, "ssl": t.SslEnd - t.SslStart,
				"send": t.SendEnd - t.SendStart, "wait": t.ReceiveHeadersEnd - t.SendEnd, "receive": max(0, took-t.ReceiveHeadersEnd),
			}
		}
	}
	h.entries = append(h.entries, entry)
}

// write writes it to a file.
func (h *devtoolsHAR) write(t *testing.T) string {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	b, err := json.Marshal(map[string]any{"log": map[string]any{
		"version": "1.2", "creator": map[string]string{"name": "WebInspector", "version": "537.36"}, "pages": []any{}, "entries": h.entries,
	}})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "console.har")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// browseAlone opens the demo's pages with a Chromium that uses no proxy, and returns its
// HAR.
func browseAlone(t *testing.T, l *lab.Lab, flags ...string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "detour-lab-browser") //nolint:usetesting // t's own isn't removed while helpers of the browser still write
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	// The system's own timeout is 130 s. This one has the same effect, sooner.
	if out, err := l.Command(t.Context(), "sysctl", "-qw", "net.ipv4.tcp_syn_retries=1").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	cmd := l.Command(t.Context(), "chromium", append([]string{
		"--headless", "--disable-gpu", "--no-sandbox", "--no-first-run", "--remote-debugging-port=0", "--ignore-certificate-errors",
		"--disable-background-networking", "--disable-component-update", "--no-proxy-server", "--user-data-dir=" + dir,
	}, append(flags, "about:blank")...)...)
	said, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	lines := bufio.NewScanner(said)
	var m []string
	for m == nil && lines.Scan() {
		m = devtoolsLine.FindStringSubmatch(lines.Text())
	}
	if m == nil {
		t.Fatal("the browser has no DevTools")
	}
	go func() {
		for lines.Scan() { // a full pipe would block it
		}
	}()
	local, stop, err := l.Forward(context.Background(), m[1])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	alloc, cancelAlloc := remote.NewAllocator(context.Background(), "ws://"+local+m[2], remote.NoModifyURL)
	t.Cleanup(cancelAlloc)
	browser, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	h := &devtoolsHAR{open: make(map[cdp.RequestID]*exchange)}
	for _, p := range demo.Pages() {
		tab, cancel := chromedp.NewContext(browser)
		tab, stop := context.WithTimeout(tab, 60*time.Second)
		if err := chromedp.Do(tab); err != nil {
			t.Fatal(err)
		}
		if err := chromedp.Listen(tab, h.hear); err != nil {
			t.Fatal(err)
		}
		if _, err := chromedp.Call(tab, cdp.Enable, cdp.EnableParams{}); err != nil {
			t.Fatal(err)
		}
		if err := chromedp.Do(tab, chromedp.Navigate(p.URL()), chromedp.WaitReady(`body[data-done="yes"]`)); err != nil {
			t.Errorf("%s: %v", p.Path, err)
		}
		stop()
		cancel()
	}
	return h.write(t)
}

// TestLab_theStorysOwnHAR diagnoses a HAR that a browser saved, without detour in between.
func TestLab_theStorysOwnHAR(t *testing.T) {
	if _, err := exec.LookPath("chromium"); err != nil {
		t.Skip("chromium is not installed")
	}
	l, program, _ := labFor(t, lab.CaseSGDrop)
	allowed := "--disable-features=LocalNetworkAccessChecks" // as a company's policy sets it
	for _, tc := range []struct {
		name  string
		state lab.Case
		flags []string
		code  string // of the first finding; "": there is no problem
		says  []string
	}{
		{"the security group drops", lab.CaseSGDrop, []string{allowed}, "direct-calls-unanswered", []string{"monitoring.", "logs.", "net::ERR_CONNECTION_TIMED_OUT", "EC2 › Monitoring tab: GetMetricData", "CloudWatch › log groups: DescribeLogGroups", "detour probe"}},
		{"all is well", lab.CaseHealthy, []string{allowed}, "", nil},
		{"the browser refuses to ask a private address", lab.CaseHealthy, nil, "local-network-access-blocked", []string{"ERR_BLOCKED_BY_LOCAL_NETWORK_ACCESS_CHECKS"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if err := l.SetCase(tc.state); err != nil {
				t.Fatal(err)
			}
			l.DropConnections()
			file := browseAlone(t, l, tc.flags...)
			var said bytes.Buffer
			cmd := exec.CommandContext(t.Context(), program, "diagnose", "--json", file) //nolint:gosec // our own program
			cmd.Stderr = &said
			out, _ := cmd.Output() // exit code 3 if a problem was found
			var d diagnosis
			if err := json.Unmarshal(out, &d); err != nil {
				t.Fatalf("%v: %s%s", err, out, said.String())
			}
			var problems []string
			for _, f := range d.Findings {
				if f.Level == "problem" {
					problems = append(problems, f.Code)
				}
			}
			if strings.Join(problems, " ") != tc.code {
				t.Errorf("the problems are %q, want %q alone:\n%s", problems, tc.code, out)
			}
			for _, want := range tc.says {
				if !strings.Contains(string(out), want) {
					t.Errorf("nothing says %q:\n%s", want, out)
				}
			}
		})
	}
}
