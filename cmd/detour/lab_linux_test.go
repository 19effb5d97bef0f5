package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"detour/internal/demo"
	"detour/internal/flow"
	"detour/internal/lab"
)

const (
	labTimeout = 4 * time.Second            // for a connect
	gaveUp     = "no response within 4.0 s" // what a record says of that: the system gives up later, with other words
)

// A run is `detour run` in the lab's client, with a headless Chromium that it has
// started.
type labRun struct {
	lab     *lab.Lab
	cmd     *exec.Cmd
	stderr  *lockedBuffer
	capture string

	mu      sync.Mutex
	records []flow.Record
	fresh   chan struct{}
	ended   chan struct{}
	browser context.Context
}

// lockedBuffer is written to by a process and read by a test.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// openLab builds the lab and a script that starts this machine's Chromium headless; the
// browser writes the address of its DevTools to a file.
func openLab(t *testing.T, c lab.Case) (l *lab.Lab, args []string, devtools string) {
	t.Helper()
	devtools = filepath.Join(t.TempDir(), "devtools")
	l, args = openLabWith(t, c, "headless", "chromium", "--headless --disable-gpu --remote-debugging-port=0 \"$@\" 2>"+devtools)
	return l, args, devtools
}

// openLabWith builds the lab, and a script with this name that starts a browser of this
// machine.
func openLabWith(t *testing.T, c lab.Case, name, browser, args string) (*lab.Lab, []string) {
	t.Helper()
	if err := lab.Available(); err != nil {
		t.Skip(err)
	}
	program, err := exec.LookPath(browser)
	if err != nil {
		t.Skip(browser + " is not installed")
	}
	l, err := lab.Up(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	dir := t.TempDir()
	caFile, wrapper := filepath.Join(dir, "lab-ca.pem"), filepath.Join(dir, name)
	script := fmt.Sprintf("#!/bin/sh\nexec %s %s\n", program, args)
	if err := os.WriteFile(caFile, l.CAPEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(wrapper, []byte(script), 0o700); err != nil { //nolint:gosec // a program has to be executable
		t.Fatal(err)
	}
	return l, []string{
		"run", "--connect-timeout", labTimeout.String(), "--upstream-ca", caFile, "--ca-dir", filepath.Join(dir, "ca"),
		"--browser", wrapper, "--listen", "127.0.0.1:0",
	}
}

func startLab(t *testing.T, c lab.Case) *labRun {
	t.Helper()
	l, args, devtools := openLab(t, c)
	r := launchLab(t, l, args)
	r.attach(t, devtools)
	return r
}

// launchLab starts detour with these variables added to its environment. Its browser opens
// the first page.
func launchLab(t *testing.T, l *lab.Lab, args []string, env ...string) *labRun {
	t.Helper()
	r := &labRun{lab: l, stderr: &lockedBuffer{}, capture: filepath.Join(t.TempDir(), "story.detour"), fresh: make(chan struct{}, 1), ended: make(chan struct{})}
	r.cmd = l.Command(context.Background(), buildDetour(t), append(args, "--ui", "none", "--json", "--bodies", "all", "--capture", r.capture, demo.Pages()[0].URL())...)
	r.cmd.Env = append(os.Environ(), env...)
	r.cmd.Stderr = r.stderr
	out, err := r.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go r.read(t, bufio.NewReader(out))
	t.Cleanup(func() { r.stop(t) })
	return r
}

// read collects the records.
func (r *labRun) read(t *testing.T, out *bufio.Reader) {
	defer close(r.ended)
	dec := json.NewDecoder(out)
	for {
		var rec flow.Record
		if dec.Decode(&rec) != nil {
			return
		}
		if !rec.Final {
			t.Errorf("a record that isn't final: %d rev %d", rec.ID, rec.Rev)
		}
		r.mu.Lock()
		r.records = append(r.records, rec)
		r.mu.Unlock()
		select {
		case r.fresh <- struct{}{}:
		default:
		}
	}
}

// stop ends detour as a user does, and expects that it ends, whatever hangs.
func (r *labRun) stop(t *testing.T) {
	t.Helper()
	if r.cmd.ProcessState != nil {
		return
	}
	_ = r.cmd.Process.Signal(syscall.SIGINT)
	watch := time.AfterFunc(time.Minute, func() { _ = r.cmd.Process.Kill() })
	defer watch.Stop()
	<-r.ended
	if err := r.cmd.Wait(); err != nil {
		t.Errorf("detour: %v\n%s", err, r.stderr)
	}
}

var devtoolsLine = regexp.MustCompile(`DevTools listening on ws://([^/]+)(/\S+)`)

// attach connects to the browser that detour started, through the namespace.
func (r *labRun) attach(t *testing.T, file string) {
	t.Helper()
	var m []string
	for deadline := time.Now().Add(time.Minute); m == nil; time.Sleep(50 * time.Millisecond) {
		b, _ := os.ReadFile(file)
		if m = devtoolsLine.FindStringSubmatch(string(b)); m == nil && time.Now().After(deadline) {
			t.Fatalf("no browser after a minute:\n%s\n%s", b, r.stderr)
		}
	}
	ctx, stop, err := attachChromium(r.lab, m)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	r.browser = ctx
}

// A pageCall is the result of a call as the page saw it.
type pageCall struct {
	Name, Way, Error string
	Status           int
	MS               float64
}

// openPages opens the three pages at once, each in its own tab, and returns what their
// scripts saw.
func (r *labRun) openPages(t *testing.T) map[string][]pageCall {
	t.Helper()
	var (
		mu   sync.Mutex
		wg   sync.WaitGroup
		seen = make(map[string][]pageCall)
	)
	for _, p := range demo.Pages() {
		wg.Go(func() {
			tab, cancel := chromedp.NewContext(r.browser)
			defer cancel()
			tab, stop := context.WithTimeout(tab, 5*time.Minute)
			defer stop()
			err := chromedp.Do(tab, chromedp.Navigate(p.URL()), chromedp.WaitReady(`body[data-done="yes"]`))
			if err != nil {
				t.Errorf("%s: %v", p.Path, err)
				return
			}
			log, err := chromedp.Run(tab, chromedp.Evaluate[string](`document.getElementById("log").textContent`))
			if err != nil {
				t.Errorf("%s: %v", p.Path, err)
				return
			}
			var calls []pageCall
			if err := json.Unmarshal([]byte(log), &calls); err != nil {
				t.Errorf("%s: %v in %q", p.Path, err, log)
			}
			mu.Lock()
			seen[p.Path] = calls
			mu.Unlock()
		})
	}
	wg.Wait()
	return seen
}

// wait returns the records from an index on, once want accepts them.
func (r *labRun) wait(t *testing.T, from int, want func([]flow.Record) bool) []flow.Record {
	t.Helper()
	deadline := time.After(3 * time.Minute) // a browser that starts beside others takes long
	for {
		r.mu.Lock()
		got := append([]flow.Record(nil), r.records[from:]...)
		r.mu.Unlock()
		if want(got) {
			return got
		}
		select {
		case <-r.fresh:
		case <-deadline:
			t.Fatalf("the records that were waited for did not come; there are %d:\n%s", len(got), summary(got))
		}
	}
}

func summary(rs []flow.Record) string {
	var b strings.Builder
	for _, r := range rs {
		op := ""
		if r.AWS != nil {
			op = r.AWS.Operation + " " + r.AWS.DecodedBy
		}
		status := 0
		if r.Response != nil {
			status = r.Response.Status
		}
		fmt.Fprintf(&b, "%d %s %s %s [%s] %d %v\n", r.ID, r.Origin, r.Request.Method, r.Request.URL, op, status, r.Failure)
	}
	return b.String()
}

// named returns the records of an operation by method POST.
func named(rs []flow.Record, op string) (out []flow.Record) {
	for _, r := range rs {
		if r.AWS != nil && r.AWS.Operation == op && r.Request.Method == "POST" {
			out = append(out, r)
		}
	}
	return out
}

var directCalls = []string{"GetMetricData", "DescribeAlarms", "DescribeLogGroups"}

func hasAll(ops ...string) func([]flow.Record) bool {
	return func(rs []flow.Record) bool {
		for _, op := range ops {
			if len(named(rs, op)) == 0 {
				return false
			}
		}
		return true
	}
}

func TestLab_theStoryInARealBrowser(t *testing.T) {
	t.Parallel()
	r := startLab(t, lab.CaseHealthy)

	// Everything works, and the browser caches the answers to its preflights
	// (Access-Control-Max-Age), as it does during a day's work.
	seen := r.openPages(t)
	for path, calls := range seen {
		for _, c := range calls {
			if c.Status != 200 {
				t.Errorf("healthy: %s saw %+v", path, c)
			}
		}
	}
	healthy := r.wait(t, 0, hasAll(append(directCalls, "DescribeInstances", "DescribeNetworkInterfaces", "DescribeRegions")...))
	for _, op := range directCalls {
		for _, rec := range named(healthy, op) {
			checkHealthy(t, rec)
		}
	}
	for _, rec := range healthy {
		if len(rec.Findings) != 0 {
			t.Errorf("healthy: %s has findings %v", rec.Request.URL, rec.Findings)
		}
	}

	// The security group loses its rule for on-premises addresses.
	if err := r.lab.SetCase(lab.CaseSGDrop); err != nil {
		t.Fatal(err)
	}
	r.lab.DropConnections()
	begin := len(healthy)
	for path, calls := range r.openPages(t) {
		checkPage(t, path, calls)
	}
	dropped := r.wait(t, begin, hasAll(append(directCalls, "DescribeInstances", "DescribeNetworkInterfaces")...))
	for _, op := range []string{"DescribeInstances", "DescribeNetworkInterfaces"} {
		for _, rec := range named(dropped, op) {
			if rec.Origin != flow.OriginConsole || rec.Response == nil || rec.Response.Status != 200 || rec.AWS.Service != "ec2" {
				t.Errorf("%s: %+v", op, rec)
			}
		}
	}
	for _, op := range directCalls {
		for _, rec := range named(dropped, op) {
			checkDropped(t, rec)
		}
	}
	if n, err := r.lab.Packets(); err != nil || n < 4*3 {
		t.Errorf("the security group saw %d SYNs (%v), want three for each of four addresses", n, err)
	}

	r.stop(t)
	text := r.stderr.String()
	for _, want := range []string{
		"private-endpoint-unreachable", demo.MetricsHost, demo.LogsHost,
		"com.amazonaws.ap-northeast-1.logs", "com.amazonaws.ap-northeast-1.monitoring",
		"isn't a permission problem", "CloudTrail has no events", "--cidr " + demo.ClientIP + "/32",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the findings don't say %q:\n%s", want, text)
		}
	}
	written := make(map[flow.ID]bool)
	for _, rec := range r.records { // some have one more revision, with late facts about their connection
		written[rec.ID] = true
	}
	checkStory(t, r.capture, len(written))
}

// checkStory checks the capture: it is complete, has none of the page's secrets, and leads
// to the same finding.
func checkStory(t *testing.T, file string, records int) {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string][]byte{"the capture": raw}
	for _, format := range []string{"har", "jsonl", "md", "html", "csv"} {
		var out, errs bytes.Buffer
		if code := run([]string{"export", file, "--format", format}, &out, &errs); code != exitDone {
			t.Fatalf("%s: %s", format, errs.String())
		}
		texts[format] = []byte(unpacked(t, out.Bytes()))
	}
	if n := bytes.Count(texts["jsonl"], []byte{'\n'}); n != records {
		t.Errorf("%d flows are on disk, %d were written to stdout", n, records)
	}
	for name, text := range texts {
		for _, secret := range []string{"MADEUPFORTHELAB", "ASIAMADEUPFORLAB", "made-up"} {
			if bytes.Contains(text, []byte(secret)) {
				t.Errorf("%s has %s in it", name, secret)
			}
		}
	}
	var out, errs bytes.Buffer
	if code := run([]string{"diagnose", "--json", file}, &out, &errs); code != exitProblems || !strings.Contains(out.String(), `"findings":[{"code":"private-endpoint-unreachable"`) {
		t.Errorf("diagnose ends with %d: %s%s", code, out.String(), errs.String())
	}
}

func TestLab_thePersonSeesItInTheTable(t *testing.T) {
	t.Parallel()
	l, args, _ := openLab(t, lab.CaseSGDrop)
	dir := t.TempDir()
	capture, ticket := filepath.Join(dir, "seen.detour"), filepath.Join(dir, "ticket.md")
	cmd := l.Command(t.Context(), buildDetour(t), append(args, "--capture", capture, demo.Pages()[0].URL())...)
	m := openTerminal(t, "160", "50", strings.Join(cmd.Args, " "))
	m.wait("the relayed calls", contains("EC2 DescribeInstances", "public 203.0.113.10", "200"))
	m.wait("a call that is connecting", contains("CloudWatch preflight", demo.MetricsHost[:10], "private 10.0.1.23", "connecting"))
	m.wait("the provisional finding", contains("PROBLEM so far", "consistent with"))
	m.wait("the end, without the browser's noise", func(s string) bool {
		return strings.Contains(s, "TIMEOUT") && !strings.Contains(s, "so far") && !strings.Contains(s, "google")
	})
	t.Logf("the screen:\n%s", m.tmux("capture-pane", "-p"))
	m.keys("!")
	m.wait("the finding", contains("Finding 1 of 1", "Other possible causes", "describe-vpc-endpoints"))
	m.keys("Enter")
	m.wait("the first of its calls", contains("TIMEOUT"))
	m.keys("m")
	m.wait("the mark", contains("marked #"))
	m.keys("n")
	m.keys("-l", "the graph stays empty")
	m.keys("Enter")
	m.wait("the note", contains("note"))
	m.keys("e")
	m.wait("the dialog", contains("values redacted", "format"))
	m.keys("Enter")
	m.wait("the question for a name", contains("write to"))
	m.keys("C-u")
	m.keys("-l", ticket)
	m.wait("the name", contains("ticket.md"))
	m.keys("Enter")
	m.wait("where the export is", contains("wrote ", "ticket.md"))
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(ticket); err == nil {
			break
		}
	}
	m.keys("q", "y") // y answers the question, if requests are under way
	m.quits()
	text, err := os.ReadFile(ticket)
	if err != nil || !bytes.Contains(text, []byte("consistent with")) {
		t.Errorf("the ticket: %v\n%s", err, text)
	}
	var out, errs bytes.Buffer
	if code := run([]string{"export", capture, "--marked", "--format", "jsonl"}, &out, &errs); code != exitDone || !strings.Contains(out.String(), `"note":"the graph stays empty","marked":true`) {
		t.Errorf("the capture has no mark and note: %d %s%s", code, out.String(), errs.String())
	}
}

func checkHealthy(t *testing.T, rec flow.Record) {
	t.Helper()
	if rec.Origin != flow.OriginDirect || rec.Response == nil || rec.Response.Status != 200 || rec.Failure != nil {
		t.Errorf("healthy: %+v %+v %v", rec.AWS, rec.Response, rec.Failure)
	}
	if c := rec.Connection; c == nil || c.TLS == nil || c.TLS.ALPN != "h2" || c.Resolution.Addresses[0].Scope != flow.ScopePrivate {
		t.Errorf("healthy: connection %+v", c)
	}
}

// checkPage checks what the page's script saw: direct-endpoint calls fail as a network
// does, and not before the connect timeout.
func checkPage(t *testing.T, path string, calls []pageCall) {
	t.Helper()
	for _, c := range calls {
		switch {
		case c.Way == "console", c.Name == "DescribeRegions":
			if c.Status != 200 {
				t.Errorf("dropped: %s saw %+v", path, c)
			}
		case c.Status != 0 || !strings.Contains(c.Error, "TypeError: Failed to fetch"):
			t.Errorf("dropped: %s saw %+v, want a network failure", path, c)
		case c.MS < flow.MS(labTimeout):
			t.Errorf("dropped: %s heard of %s after %.0f ms, before the connect timeout", path, c.Name, c.MS)
		}
	}
}

func checkDropped(t *testing.T, rec flow.Record) {
	t.Helper()
	name := rec.AWS.Operation
	if rec.Origin != flow.OriginDirect || rec.Response != nil || rec.Failure == nil || rec.Failure.Stage != flow.StageDial {
		t.Errorf("%s: origin %s response %v failure %+v", name, rec.Origin, rec.Response, rec.Failure)
	}
	if !strings.HasPrefix(rec.AWS.EndpointService, "com.amazonaws.ap-northeast-1.") {
		t.Errorf("%s: endpoint service %q", name, rec.AWS.EndpointService)
	}
	if strings.Join(rec.Findings, " ") != "private-endpoint-unreachable" {
		t.Errorf("%s: findings %v", name, rec.Findings)
	}
	c := rec.Connection
	if c == nil || c.Resolution == nil || len(c.Attempts) != 2 {
		t.Fatalf("%s: connection %+v", name, c)
	}
	if c.Resolution.Nameserver != demo.Resolver+":53" || c.Resolution.Outcome != flow.DNSOK || c.Resolution.Source != flow.SourceDNS {
		t.Errorf("%s: resolution %+v", name, c.Resolution)
	}
	for i, a := range c.Attempts {
		if c.Resolution.Addresses[i].Scope != flow.ScopePrivate || !strings.HasPrefix(a.Address, "10.0.") {
			t.Errorf("%s: address %+v %+v", name, c.Resolution.Addresses[i], a)
		}
		if ms := flow.MS(labTimeout); a.Outcome != flow.DialTimeout || a.MS < ms || a.Message != gaveUp {
			t.Errorf("%s: attempt %+v, want a timeout after %v", name, a, labTimeout)
		}
		if !strings.HasPrefix(a.Local, demo.ClientIP+":") || a.Interface != "dx0" || a.SYNRetransmits == nil || *a.SYNRetransmits < 2 {
			t.Errorf("%s: attempt %+v, want our end of it and two more SYNs", name, a)
		}
	}
	for _, h := range rec.Request.Headers {
		if strings.EqualFold(h[0], "x-amz-security-token") && !strings.HasPrefix(h[1], "redacted:token:") {
			t.Errorf("%s: the session token is in the record", name)
		}
	}
}

// TestLab_aCallWhosePreflightHangsIsNeverSent: a browser that was just started asks first, and
// a beacon of the first page tells which call that was.
func TestLab_aCallWhosePreflightHangsIsNeverSent(t *testing.T) {
	t.Parallel()
	r := startLab(t, lab.CaseSGDrop)
	r.openPages(t)
	told := func(rs []flow.Record) (out []flow.Record) {
		for _, rec := range rs {
			if rec.AWS != nil && rec.AWS.PreflightOf != nil {
				out = append(out, rec)
			}
		}
		return out
	}
	all := r.wait(t, 0, func(rs []flow.Record) bool { return len(told(rs)) > 0 })
	for _, rec := range told(all) {
		if of := rec.AWS.PreflightOf; of.By != flow.PreflightByBeacon || !slices.Contains(of.Operations, "GetMetricData") ||
			rec.AWS.Service != "monitoring" || rec.Response != nil {
			t.Errorf("the call of a preflight is %+v: %+v", of, rec)
		}
	}
	for _, op := range directCalls {
		if sent := named(all, op); len(sent) > 0 {
			t.Errorf("%s was sent: %+v", op, sent[0])
		}
	}
}
