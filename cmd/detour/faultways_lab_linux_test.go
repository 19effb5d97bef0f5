package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"detour/internal/demo"
	"detour/internal/flow"
	"detour/internal/lab"
)

// A faultLab is a lab of its own for one fault, with what the ways of looking at it need.
type faultLab struct {
	*lab.Lab

	program string // detour
	ca      string // the file with the CA of the lab's servers
	dir     string // for files, removed at the end of the test

	since time.Time // when the page met the fault
}

// probed is the verdict of `detour probe` for the two endpoints and the console.
func (l *faultLab) probed(ctx context.Context, f fault) (v verdict) {
	if v.err = l.SetCase(f.state); v.err != nil {
		return v
	}
	begin := time.Now()
	cmd := l.Command(ctx, l.program, "probe", "--json", "--upstream-proxy", "none", "--upstream-ca", l.ca,
		demo.MetricsHost, demo.LogsHost, demo.ConsoleHost)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if _, err := cmd.Output(); err != nil && cmd.ProcessState.ExitCode() != exitProblems {
		v.err = fmt.Errorf("%w: %s", err, stderr.String())
		return v
	}
	v.took, v.found = time.Since(begin), saidFindings(stderr.String())
	problems := false
	for _, f := range v.found {
		problems = problems || f.Level == flow.LevelProblem
	}
	if problems != (cmd.ProcessState.ExitCode() == exitProblems) {
		v.notes = append(v.notes, fmt.Sprintf("exit code %d", cmd.ProcessState.ExitCode()))
	}
	return v
}

// A faultRun is `detour run`, whose records are read as they come.
type faultRun struct {
	cmd     *exec.Cmd
	stderr  *lockedBuffer
	capture string
	ca      string
	read    chan struct{} // closed at the end of its records

	mu    sync.Mutex
	first time.Time // when a record had a finding, since watch
	watch bool
}

func (l *faultLab) startRun(ctx context.Context, browser string) (*faultRun, error) {
	dir, err := os.MkdirTemp(l.dir, "run")
	if err != nil {
		return nil, err
	}
	r := &faultRun{
		stderr: &lockedBuffer{}, read: make(chan struct{}),
		capture: filepath.Join(dir, "fault.detour"), ca: filepath.Join(dir, "ca", "ca.pem"),
	}
	r.cmd = l.Command(ctx, l.program, "run", "--ui", "none", "--json=all", "--browser", browser, "--listen", "127.0.0.1:8080",
		"--upstream-proxy", "none", "--upstream-ca", l.ca, "--ca-dir", filepath.Dir(r.ca), "--capture", r.capture)
	out, err := r.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	r.cmd.Stderr = r.stderr
	if err := r.cmd.Start(); err != nil {
		return nil, err
	}
	go r.hear(json.NewDecoder(bufio.NewReader(out)))
	for deadline := time.Now().Add(time.Minute); !strings.Contains(r.stderr.String(), "proxy="); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			return r, errors.New("it doesn't start: " + r.stderr.String())
		}
	}
	return r, nil
}

// hear notes when the first finding came.
func (r *faultRun) hear(records *json.Decoder) {
	defer close(r.read)
	for {
		var rec struct{ Findings []string }
		if records.Decode(&rec) != nil {
			return
		}
		r.mu.Lock()
		if r.watch && r.first.IsZero() && len(rec.Findings) > 0 {
			r.first = time.Now()
		}
		r.mu.Unlock()
	}
}

// startWatch returns the time from which on the run has to find something.
func (r *faultRun) startWatch() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.watch = true
	return time.Now()
}

// end interrupts the run and returns the findings that it then reports.
func (r *faultRun) end() ([]flow.RecordFinding, error) {
	_ = r.cmd.Process.Signal(os.Interrupt)
	<-r.read
	if err := r.cmd.Wait(); err != nil {
		return nil, fmt.Errorf("%w: %s", err, r.stderr.String())
	}
	return saidFindings(r.stderr.String()), nil
}

// curlGivesUp is how long curl waits for a response, in seconds.
const curlGivesUp = 10

// A curled is a request as the lab's page sends it: to the console if it has no service.
type curled struct{ service, target string }

func curledCalls() []curled {
	const metrics = "GraniteServiceVersion20100801."
	return []curled{
		{"", "DescribeInstances"},
		{"ec2", "AmazonEC2.DescribeRegions"},
		{"monitoring", metrics + "GetMetricData"},
		{"monitoring", metrics + "DescribeAlarms"},
		{"logs", "Logs_20140328.DescribeLogGroups"},
	}
}

// args are what a request needs on curl's command line.
func (c curled) args() []string {
	origin := "https://" + demo.ConsoleHost
	if c.service == "" {
		url := origin + "/ec2/ecb/elastic/?call=com.amazonaws.ec2.AmazonEC2." + c.target
		return []string{"-H", "content-type: application/json", "-d", "{}", url}
	}
	now := time.Now().UTC()
	return []string{
		"-H", "origin: " + origin, "-H", "content-type: application/x-amz-json-1.1", "-H", "x-amz-target: " + c.target,
		"-H", "x-amz-date: " + now.Format("20060102T150405Z"), "-H", "x-amz-security-token: IQoJb3JpZ2luMADEUPFORTHELAB",
		"-H", fmt.Sprintf("authorization: AWS4-HMAC-SHA256 Credential=ASIAMADEUPFORLAB0001/%s/%s/%s/aws4_request, "+
			"SignedHeaders=host;x-amz-date;x-amz-security-token;x-amz-target, Signature=%s",
			now.Format("20060102"), demo.Region, c.service, strings.Repeat("0", 64)),
		"-d", "{}", c.url(),
	}
}

func (c curled) url() string { return "https://" + c.service + "." + demo.Region + ".amazonaws.com/" }

// allowed asks for permission as a browser does, and returns whether the answer gives it.
func (l *faultLab) allowed(ctx context.Context, r *faultRun, c curled) bool {
	out, err := l.curl(ctx, r, "-D", "-", "-o", "/dev/null", "-X", "OPTIONS", "-H", "origin: https://"+demo.ConsoleHost,
		"-H", "access-control-request-method: POST",
		"-H", "access-control-request-headers: authorization,content-type,x-amz-date,x-amz-target", c.url())
	return err == nil && strings.Contains(strings.ToLower(out), "access-control-allow-origin:")
}

func (l *faultLab) curl(ctx context.Context, r *faultRun, args ...string) (string, error) {
	out, err := l.Command(ctx, "curl", append([]string{
		"-sS", "--max-time", strconv.Itoa(curlGivesUp), "-x", "http://127.0.0.1:8080", "--cacert", r.ca,
	}, args...)...).Output()
	return string(out), err
}

// callAll sends the page's requests by curl, all at once.
func (l *faultLab) callAll(ctx context.Context, r *faultRun, f fault) {
	var all sync.WaitGroup
	for _, c := range curledCalls() {
		all.Go(func() {
			if !f.preflight || c.service == "" || l.allowed(ctx, r, c) {
				_, _ = l.curl(ctx, r, c.args()...)
			}
		})
	}
	all.Wait()
}

// cancel sends a request and leaves before its response, as a page does whose person types
// on or closes the tab.
func (l *faultLab) cancel(ctx context.Context, r *faultRun) {
	_, _ = l.curl(ctx, r, append([]string{"--max-time", "0.5"}, curled{"logs", "Logs_20140328.DescribeLogGroups"}.args()...)...)
}

// curledThrough is the verdict of `detour run` on the requests of curl.
func (l *faultLab) curledThrough(ctx context.Context, f fault) (v verdict) {
	before := f.state
	if f.kept {
		before = lab.CaseHealthy
	}
	if v.err = l.SetCase(before); v.err != nil {
		return v
	}
	r, err := l.startRun(ctx, "none")
	if err != nil {
		v.err = err
		return v
	}
	if f.kept {
		l.callAll(ctx, r, f)
		if v.err = l.SetCase(f.state); v.err != nil {
			return v
		}
	}
	begin := r.startWatch()
	if f.way == "" {
		l.callAll(ctx, r, f)
	} else {
		l.cancel(ctx, r)
		l.cancel(ctx, r)
	}
	l.settle(r.capture, f)
	v.took = time.Since(begin)
	r.judge(&v, begin)
	return v
}

// judge ends the run, and adds what it has found since begin to a verdict.
func (r *faultRun) judge(v *verdict, begin time.Time) {
	found, err := r.end()
	if err != nil {
		v.err = err
		return
	}
	v.found = found
	if !r.first.IsZero() {
		v.after = r.first.Sub(begin)
	}
	file, err := diagnosedFile(r.capture)
	if err != nil {
		v.err = err
		return
	}
	if later := (verdict{found: file}).codes(); later != v.codes() {
		v.notes = append(v.notes, "its capture: "+later)
	}
}

// settle waits until a run's capture has the expected findings, or some seconds: losers of
// a race are asked again, after the calls have ended.
func (l *faultLab) settle(capture string, f fault) {
	if strings.Contains(f.all.right, quiet) {
		return
	}
	for enough := time.Now().Add(6 * time.Second); time.Now().Before(enough); time.Sleep(300 * time.Millisecond) {
		if found, err := diagnosedFile(capture); err == nil && (verdict{found: found}).mark(f.all, f.not) == markRight {
			return
		}
	}
}

// newFaultLab builds a lab for one fault.
func newFaultLab(t *testing.T, program string) (*faultLab, error) {
	t.Helper()
	l, err := lab.Up(lab.CaseHealthy)
	if err != nil {
		return nil, err
	}
	t.Cleanup(l.Close)
	dir := t.TempDir()
	ca := filepath.Join(dir, "lab.pem")
	return &faultLab{Lab: l, program: program, ca: ca, dir: dir}, os.WriteFile(ca, l.CAPEM(), 0o600)
}
