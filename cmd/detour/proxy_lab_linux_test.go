package main

import (
	"encoding/json"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"detour/internal/demo"
	"detour/internal/flow"
	"detour/internal/lab"
)

// A proxyRun is `detour run` without a browser, in the lab's client.
type proxyRun struct {
	lab     *lab.Lab
	cmd     *exec.Cmd
	records *json.Decoder
	stderr  *lockedBuffer
	ca      string
}

func proxyIn(t *testing.T, l *lab.Lab, program, upstreamCA string, args ...string) *proxyRun {
	t.Helper()
	dir := t.TempDir()
	r := &proxyRun{lab: l, stderr: &lockedBuffer{}, ca: filepath.Join(dir, "ca", "ca.pem")}
	r.cmd = l.Command(t.Context(), program, append([]string{
		"run", "--ui", "none", "--json", "--browser", "none", "--listen", "127.0.0.1:8080", "--upstream-proxy", "none",
		"--upstream-ca", upstreamCA, "--ca-dir", filepath.Join(dir, "ca"),
	}, args...)...)
	out, err := r.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	r.cmd.Stderr, r.records = r.stderr, json.NewDecoder(out)
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); !strings.Contains(r.stderr.String(), "proxy="); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it doesn't start: %s", r.stderr.String())
		}
	}
	return r
}

// curl requests / from a host through the proxy.
func (r *proxyRun) curl(t *testing.T, host string) ([]byte, error) {
	t.Helper()
	return r.lab.Command(t.Context(), "curl", "-sS", "--max-time", "60", "-x", "http://127.0.0.1:8080", "--cacert", r.ca, "https://"+host+"/").CombinedOutput()
}

// next returns the next record.
func (r *proxyRun) next(t *testing.T) (rec flow.Record) {
	t.Helper()
	if err := r.records.Decode(&rec); err != nil {
		t.Fatalf("%v: %s", err, r.stderr.String())
	}
	return rec
}

// end stops the run, and returns what it wrote to stderr.
func (r *proxyRun) end() string {
	_ = r.cmd.Process.Signal(os.Interrupt)
	_ = r.cmd.Wait()
	return r.stderr.String()
}

// TestLab_aNameThatChangesInTheMiddleOfARun: private DNS is turned off. Within its TTL the
// old answer is used again, with its age; then the record has both.
func TestLab_aNameThatChangesInTheMiddleOfARun(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("curl is not installed")
	}
	l, program, ca := labFor(t, lab.CaseBrief)
	run := proxyIn(t, l, program, ca)
	ask := func() *flow.RecordResolution {
		if b, err := run.curl(t, demo.LogsHost); err != nil {
			t.Fatalf("%v: %s", err, b)
		}
		rec := run.next(t)
		l.DropConnections() // the next request has to look the name up
		return rec.Connection.Resolution
	}
	private := netip.MustParseAddr("10.0.1.24")
	if r := ask(); r.Addresses[0].IP != private || r.TTL != 1 || r.Before != nil || r.Age != 0 {
		t.Fatalf("at first %+v", r)
	}
	if err := l.SetCase(lab.CasePublic); err != nil {
		t.Fatal(err)
	}
	changed := time.Now()
	for {
		after := time.Since(changed)
		r := ask()
		if r.Before == nil {
			if r.Addresses[0].IP != private || r.Age <= 0 || r.Age >= 1 || after > 5*time.Second {
				t.Fatalf("after %v: %+v", after, r)
			}
			continue
		}
		if r.Addresses[0].Scope != flow.ScopePublic || r.Before.Addresses[0].IP != private || r.Age != 0 {
			t.Errorf("after the change: %+v, before %+v", r, r.Before)
		}
		break
	}
	if said := run.end(); !strings.Contains(said, "the DNS answer for "+demo.LogsHost+" has changed") {
		t.Errorf("it isn't told:\n%s", said)
	}
}
