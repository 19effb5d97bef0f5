package main

import (
	"bytes"
	"encoding/json"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"detour/internal/doctor"
	"detour/internal/flow"
	"detour/internal/lab"
	"detour/internal/resolve"
)

func TestAskServer_readsTheClockAndTheIssuer(t *testing.T) {
	made, err := lab.NewInProcess(lab.CaseHealthy)
	if err != nil {
		t.Fatal(err)
	}
	defer made.Close()
	n := network{
		resolver: resolve.New(resolve.Config{Nameservers: []netip.AddrPort{made.Nameserver()}, Dial: made.ResolverDial}),
		connect:  made.Connect, rootCAs: made.RootCAs(),
	}
	s := askServer(t.Context(), n, lab.ConsoleHost)
	if off := s.Now.Sub(s.Date).Abs(); s.Err != "" || s.TLS != flow.TLSOK || off > 5*time.Second || s.Issuer == "" {
		t.Errorf("got %+v, %v off", s, off)
	}
	n.rootCAs = nil
	if s := askServer(t.Context(), n, lab.ConsoleHost); s.TLS != flow.TLSUntrusted || s.Err == "" || !s.Date.IsZero() || s.Issuer == "" {
		t.Errorf("with a CA that isn't trusted: %+v", s)
	}
	if s := askServer(t.Context(), n, "nowhere.example"); s.TLS != "" || s.Err == "" {
		t.Errorf("where nobody is: %+v", s)
	}
}

func TestDoctor_neverTakesLongAndSaysWhatItCouldNotAsk(t *testing.T) {
	silent, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	privateHome(t)
	var out, errs bytes.Buffer
	start := time.Now()
	code := run([]string{"doctor", "--json", "--config", "none", "--browser", "none", "--listen", "127.0.0.1:0", "--resolver", silent.LocalAddr().String(), "--upstream-proxy", "none"}, &out, &errs)
	if took := time.Since(start); took > 4*time.Second {
		t.Errorf("took %v", took)
	}
	var got struct {
		Level  doctor.Level
		Checks []doctor.Check
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || code != exitProblems || got.Level != doctor.Fail || errs.Len() != 0 {
		t.Fatalf("exit %d %v: %s%s", code, err, &out, &errs)
	}
	for code, want := range map[string]doctor.Level{"resolver": doctor.Fail, "clock": doctor.Warn, "aws": doctor.Warn, "port": doctor.OK, "ca": doctor.OK} {
		if !slices.ContainsFunc(got.Checks, func(c doctor.Check) bool { return c.Code == code && c.Level == want }) {
			t.Errorf("no %s of %s in %+v", want, code, got.Checks)
		}
	}
}

func TestDoctor_countsCapturesAndSaysWhenNoneCanBeKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "captures")
	if c := capturesKept(dir); c.Err != "" || c.Files != 0 {
		t.Errorf("before the first one: %+v", c)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, size := range map[string]int{"a.detour": 1000, "b.detour": 200, "b.detour-wal": 30, "notes.txt": 4} {
		if err := os.WriteFile(filepath.Join(dir, name), make([]byte, size), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if c := capturesKept(dir); c.Err != "" || c.Files != 2 || c.Bytes != 1230 {
		t.Errorf("got %+v", c)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); left != nil {
		t.Errorf("it left %v behind", left)
	}
	if c := capturesKept(filepath.Join(dir, "notes.txt", "captures")); c.Err == "" {
		t.Error("captures below a file")
	}
}

func TestDoctor_seesThatAProfileIsInUse(t *testing.T) {
	privateHome(t)
	o := &doctorOptions{}
	o.profile = "work"
	if err := os.MkdirAll(o.profileDir(), 0o700); err != nil {
		t.Fatal(err)
	}
	if s := o.state(); s.InUse || s.Err != "" || s.Profile != o.profileDir() {
		t.Errorf("nobody uses it: %+v", s)
	}
	if err := os.Symlink("127.0.1.1:+4711", filepath.Join(o.profileDir(), "lock")); err != nil { // Firefox's, which leads nowhere
		t.Skip(err)
	}
	if s := o.state(); !s.InUse {
		t.Errorf("Firefox uses it: %+v", s)
	}
}

func TestDoctor_sameBrowserAsARunAndWhetherItStartsTwice(t *testing.T) {
	firefox := filepath.Join(t.TempDir(), "firefox-of-a-test")
	if err := os.WriteFile(firefox, []byte("#!/bin/sh\n"), 0o700); err != nil { //nolint:gosec // a program has to be executable
		t.Fatal(err)
	}
	t.Setenv("PATH", "")
	o := &doctorOptions{}
	o.browser = firefox
	if b := o.foundBrowser(); b.Path != firefox || b.Err != "" || !b.Twice && runtime.GOOS == "linux" {
		t.Errorf("Firefox without certutil: %+v", b)
	}
}

func TestEnvironment_aDetourThatRunsIsNoUpstreamProxy(t *testing.T) {
	privateHome(t)
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:9")
	t.Setenv("NO_PROXY", ".corp.example,.amazonaws.com")
	o := &doctorOptions{}
	o.upstreamProxy = "env"
	e := o.environment([]string{"127.0.0.1:9"})
	if e.Own == "" || len(e.Proxies) != 0 || e.via("https", "a.example:443") != nil {
		t.Errorf("behind a detour: %+v", e.Environment)
	}
	e = o.environment(nil)
	if e.Own != "" || len(e.Proxies) != 1 || len(e.Past) != 1 || e.via("https", "a.example:443") == nil {
		t.Errorf("behind another: %+v", e.Environment)
	}
	if r := e.reached(t.Context()); len(r.Upstream) != 1 || r.Upstream[0].Err == "" {
		t.Errorf("nobody listens there: %+v", r)
	}
}
