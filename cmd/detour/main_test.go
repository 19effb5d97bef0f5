package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/pflag"

	"detour/internal/demo"
	"detour/internal/flow"
)

func TestMain(m *testing.M) {
	_ = os.Setenv("DETOUR_CAPTURE", "none") // none but the tests that are about them leave captures behind
	testscript.Main(apart{m}, map[string]func(){"detour": main})
}

// apart runs the tests with a state directory of their own: neither do they find the
// views and columns of whoever runs them, nor leave any.
type apart struct{ *testing.M }

// Run implements testscript.TestingM.
func (x apart) Run() int {
	dir, err := os.MkdirTemp("", "detour-test-*")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	// With HOME, where the build cache is: tests change it.
	env := os.Environ()
	for _, name := range []string{"XDG_STATE_HOME", "LocalAppData"} { // the second on Windows
		_ = os.Setenv(name, filepath.Join(dir, "state"))
	}
	built = sync.OnceValues(func() (string, error) { return build(dir, env) })
	return x.M.Run()
}

func TestScripts(t *testing.T) {
	hars, err := filepath.Abs("../../internal/har/testdata")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{Dir: "testdata/script", Setup: func(e *testscript.Env) error {
		e.Setenv("HARS", hars)
		e.Setenv("LocalAppData", filepath.Join(e.WorkDir, "state")) // of Windows; others have XDG_STATE_HOME
		e.Setenv("DETOUR_CAPTURE", "none")
		e.Setenv("GORACE", os.Getenv("GORACE"))
		e.Setenv("DETOUR_CONFIG", noConfig) // whoever runs the tests may have one
		return nil
	}})
}

func TestDemo_tellsTheStoryAndEndsByItself(t *testing.T) {
	var out, errs bytes.Buffer
	if code := run([]string{"demo", "--ui", "none", "--json"}, &out, &errs); code != exitDone {
		t.Fatalf("exit %d: %s", code, errs.String())
	}
	if first, _, _ := strings.Cut(errs.String(), "\n"); !strings.HasPrefix(first, "detour: proxy=http://127.0.0.1:") {
		t.Errorf("the first line is %q", first)
	}
	stuck := make(map[flow.ID]flow.Record)
	for dec := json.NewDecoder(&out); dec.More(); {
		var r flow.Record
		if err := dec.Decode(&r); err != nil {
			t.Fatal(err)
		}
		if len(r.Findings) > 0 {
			stuck[r.ID] = r
		} else if r.Response == nil || r.Response.Status >= 300 {
			t.Errorf("without a finding, but no response: %+v", r)
		}
	}
	// A browser asks first, so the calls themselves are never sent. The pages' beacons tell
	// which ones they were, except for CloudWatch Logs, whose page sends none.
	calls := make(map[string]int)
	for _, r := range stuck {
		if r.Request.Method != "OPTIONS" || r.Connection == nil || len(r.Connection.Attempts) != 2 ||
			r.Connection.Attempts[0].Outcome != flow.DialTimeout ||
			*r.Connection.Attempts[0].SYNRetransmits != 2 || r.Connection.Resolution.Nameserver != "10.0.0.2:53" {
			t.Errorf("stuck is %+v", r)
		}
		call := r.AWS.Service
		if of := r.AWS.PreflightOf; of != nil {
			call += ":" + strings.Join(of.Operations, "|")
		}
		calls[call]++
	}
	// Two pages ask for GetMetricData at different times. On a busy machine, their preflights take so
	// alike that a beacon doesn't tell them apart: then both calls are named.
	both := calls["monitoring:DescribeAlarms|GetMetricData"]
	if calls["logs"] != 1 || both+calls["monitoring:GetMetricData"] != 3 || both < 2 {
		t.Errorf("preflights of %v are stuck", calls)
	}
	if !strings.Contains(errs.String(), "[private-endpoint-unreachable, confidence high]") {
		t.Errorf("the finding isn't told:\n%s", errs.String())
	}
	if strings.Contains(out.String()+errs.String(), "MADEUPFORTHELAB") {
		t.Error("the session token is in the output")
	}
}

func TestDemo_theHealthyTwinFindsNothingWrong(t *testing.T) {
	var out, errs bytes.Buffer
	if code := run([]string{"demo", "--healthy", "--ui", "none"}, &out, &errs); code != exitDone {
		t.Fatalf("exit %d: %s", code, errs.String())
	}
	// Browsers ask before a public page may call a private address, which a proxy hides.
	if strings.Contains(errs.String(), "problem") || strings.Count(errs.String(), "notice: ") != 1 || !strings.Contains(errs.String(), "[local-network-access-ahead") {
		t.Errorf("findings where nothing is wrong:\n%s", errs.String())
	}
	if out.Len() != 0 {
		t.Errorf("stdout is data alone, and none was asked for: %s", out.String())
	}
}

func TestSettings_theEnvironmentSetsFlagsThatWereNotGiven(t *testing.T) {
	o := &runOptions{}
	f := pflag.NewFlagSet("", pflag.ContinueOnError)
	o.register(f)
	if err := f.Parse([]string{"--ui", "none"}); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"DETOUR_UI": "tui", "DETOUR_CONNECT_TIMEOUT": "4s"}
	s := &settings{lookup: func(k string) (string, bool) { v, ok := env[k]; return v, ok }, origin: map[string]string{}}
	err := s.load(f)
	if err != nil || o.ui != "none" || o.timeout != "4s" {
		t.Errorf("ui %q timeout %q: %v", o.ui, o.timeout, err)
	}
}

// privateHome gives the test a home of its own, and a terminal's ordinary environment.
func privateHome(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("HOME", dir)
	t.Setenv("XDG_STATE_HOME", filepath.Join(dir, "state"))
	t.Setenv("LocalAppData", filepath.Join(dir, "state")) // on Windows
	for _, v := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy", "AWS_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"} {
		t.Setenv(v, "")
	}
	for name, v := range map[string]string{"AWS_ACCESS_KEY_ID": "AKIAMADEUPFORLAB0001", "AWS_SECRET_ACCESS_KEY": "made-up", "AWS_DEFAULT_REGION": demo.Region, "AWS_MAX_ATTEMPTS": "1"} {
		t.Setenv(name, v)
	}
}

// built is the program as a user would build it. It is linked once, by the first test that needs it.
var built func() (bin string, err error)

// programVariable has the path of a program that was built before: nothing builds one under Wine.
const programVariable = "DETOUR_TEST_PROGRAM"

func build(dir string, env []string) (string, error) {
	if bin := os.Getenv(programVariable); bin != "" {
		return bin, nil
	}
	bin := filepath.Join(dir, "detour")
	if runtime.GOOS == "windows" {
		bin += ".exe"
	}
	cmd := exec.CommandContext(context.Background(), "go", "build", "-o", bin, ".") //nolint:gosec // our own program
	cmd.Env = env
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return bin, nil
}

// skipWithoutInterrupts skips a test that ends a run as Ctrl-C does.
func skipWithoutInterrupts(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("on Windows, a program is interrupted from its own console only")
	}
}

// buildDetour returns the program as a user would run it.
func buildDetour(t testing.TB) string {
	t.Helper()
	bin, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return bin
}
