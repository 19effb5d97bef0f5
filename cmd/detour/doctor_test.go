package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"detour/internal/aws"
	"detour/internal/demo"
	"detour/internal/doctor"
	"detour/internal/flow"
	"detour/internal/resolve"
)

func TestAskServer_readsTheClockAndTheIssuer(t *testing.T) {
	made, err := demo.New(demo.Options{Healthy: true})
	if err != nil {
		t.Fatal(err)
	}
	defer made.Close()
	n := network{
		resolver: resolve.New(resolve.Config{Nameservers: []netip.AddrPort{made.Nameserver()}, Dial: made.ResolverDial}),
		connect:  made.Connect, rootCAs: made.RootCAs(),
	}
	s := askServer(t.Context(), n, demo.ConsoleHost)
	if off := s.Now.Sub(s.Date).Abs(); s.Err != "" || s.TLS != flow.TLSOK || off > 5*time.Second || s.Issuer == "" {
		t.Errorf("got %+v, %v off", s, off)
	}
	n.rootCAs = nil
	if s := askServer(t.Context(), n, demo.ConsoleHost); s.TLS != flow.TLSUntrusted || s.Err == "" || !s.Date.IsZero() || s.Issuer == "" {
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
	for code, want := range map[string]doctor.Level{"resolver": doctor.Fail, "clock": doctor.Warn, "aws": doctor.Fail, "port": doctor.OK, "ca": doctor.OK} {
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

func TestDoctor_aProfileIsOpenAsLongAsItsBrowserRuns(t *testing.T) {
	privateHome(t)
	o := &doctorOptions{}
	o.profile = "work"
	if err := os.MkdirAll(o.profileDir(), 0o700); err != nil {
		t.Fatal(err)
	}
	if s := o.state(); s.OpenBy != "" || s.Err != "" || s.Profile != o.profileDir() {
		t.Errorf("nobody uses it: %+v", s)
	}
	lock := filepath.Join(o.profileDir(), "lock")
	if err := os.Symlink(fmt.Sprintf("127.0.1.1:+%d", os.Getpid()), lock); err != nil {
		t.Skip(err)
	}
	if s := o.state(); s.OpenBy != fmt.Sprintf("process %d", os.Getpid()) || s.Away {
		t.Errorf("a Firefox that runs: %+v", s)
	}
	ended := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	if err := ended.Run(); err != nil {
		t.Fatal(err)
	}
	host, _ := os.Hostname()
	for link, to := range map[string]string{"lock": "127.0.1.1:+%d", "SingletonLock": host + "-%d"} {
		_ = os.Remove(lock)
		lock = filepath.Join(o.profileDir(), link)
		if err := os.Symlink(fmt.Sprintf(to, ended.Process.Pid), lock); err != nil {
			t.Fatal(err)
		}
		if s := o.state(); s.OpenBy != "" {
			t.Errorf("%s of a browser that was killed: %+v", link, s)
		}
	}
}

func TestDoctor_whatCantBeWrittenToIsNamedWithoutItsOwnProbe(t *testing.T) {
	file := filepath.Join(t.TempDir(), "notes.txt")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	why := notWritable(filepath.Join(file, "state"))
	if why == "" || strings.Contains(why, ".detour-doctor") || !strings.Contains(why, "("+file+")") {
		t.Errorf("got %q", why)
	}
}

func TestDoctor_aSigningChainsDirectoryIsADirectory(t *testing.T) {
	file := filepath.Join(t.TempDir(), "passwd")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	tables, err := aws.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, decrypt := range []string{"aws", "aws,.corp.example", "all"} {
		o := &doctorOptions{}
		o.decrypt, o.caDir = decrypt, file
		for _, ch := range o.lookAtChains(t.Context(), tables) {
			if ch.NoDir != file {
				t.Errorf("%s: %+v", decrypt, ch)
			}
		}
	}
}

func TestDoctor_readsThePACOfTheEnvironment(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("Chromium reads the variable on Linux")
	}
	for value, want := range map[string]doctor.PAC{
		"http://u:s3cr3t@x.example/p.pac": {URL: "http://x.example/p.pac", Variable: "auto_proxy"},
		"":                                {Auto: true, Variable: "auto_proxy"},
	} {
		t.Setenv("auto_proxy", value)
		if got := pacFound(t.Context()); got != want {
			t.Errorf("auto_proxy=%s: %+v, want %+v", value, got, want)
		}
	}
}

func TestDoctor_refusesThePortThatARunRefuses(t *testing.T) {
	for listen, refused := range map[string]bool{"0.0.0.0:0": true, "127.0.0.1": true, "127.0.0.1:0": false, "[::1]:0": false} {
		o := &doctorOptions{}
		o.listen = listen
		if p := o.port(true, func() []string { return nil }); (p.Wrong != nil) != refused || p.Wrong != nil && p.Wrong.Fix == "" {
			t.Errorf("%s: %+v", listen, p)
		}
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	at := taken.Addr().(*net.TCPAddr)
	o := &doctorOptions{}
	o.listen = fmt.Sprintf("localhost:%d", at.Port)
	if p := o.port(false, func() []string { return []string{at.String()} }); p.Own != at.String() || !p.Default || strings.Contains(p.Err, "listen tcp") {
		t.Errorf("a detour has it: %+v", p)
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

func TestEnvironment_aDetourIsNoUpstreamProxy(t *testing.T) {
	privateHome(t)
	for _, v := range []string{"HTTPS_PROXY", "http_proxy"} {
		t.Setenv(v, "http://127.0.0.1:9")
	}
	t.Setenv("NO_PROXY", ".corp.example,.amazonaws.com")
	o := &doctorOptions{}
	o.upstreamProxy, o.listen = "env", "127.0.0.1:8"
	both := []string{"HTTPS_PROXY", "http_proxy"}
	e := o.environment(doctor.Port{}, func() []string { return []string{"127.0.0.1:9"} }, nil)
	if !slices.Equal(e.Own, both) || e.OwnAt != "127.0.0.1:9" || len(e.Self)+len(e.Proxies) != 0 || e.policy.Via("https", "a.example:443") != nil {
		t.Errorf("behind one that runs: %+v", e.Environment)
	}
	e = o.environment(doctor.Port{}, func() []string { return nil }, []string{"amazonaws.com"})
	if len(e.Own)+len(e.Self) != 0 || len(e.Proxies) != 2 || len(e.Past) != 1 || e.policy.Via("https", "a.example:443") == nil {
		t.Errorf("behind another proxy: %+v", e.Environment)
	}
	if r := e.reached(t.Context()); len(r.Upstream) != 1 || r.Upstream[0].Err == "" {
		t.Errorf("nobody listens there: %+v", r)
	}
	o.listen = "127.0.0.1:9"
	e = o.environment(doctor.Port{}, func() []string { return nil }, nil)
	if !slices.Equal(e.Self, both) || e.SelfAt != "127.0.0.1:9" || len(e.Proxies) != 0 || len(e.reached(t.Context()).Upstream) != 0 {
		t.Errorf("behind one that has ended, whose port is to be had: %+v", e.Environment)
	}
	if e = o.environment(doctor.Port{Err: "in use"}, func() []string { return nil }, nil); len(e.Self) != 0 || len(e.Proxies) != 2 {
		t.Errorf("another program has the port: %+v", e.Environment)
	}
}

func TestDoctor_refusesTheFilesThatARunCantWrite(t *testing.T) {
	dir := t.TempDir()
	there := filepath.Join(dir, "there")
	if err := os.WriteFile(there, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		capture, log string
		refused      bool
	}{
		{"auto", "", false},
		{filepath.Join(dir, "new"), filepath.Join(dir, "new.log"), false},
		{"none", there, false},
		{there, "", true},
		{filepath.Join(dir, "nowhere", "new"), "", true},
		{"none", dir, true},
	} {
		o := &runOptions{log: tc.log}
		o.capture = tc.capture
		if err := errors.Join(o.captureFree(), o.logWritable()); (err != nil) != tc.refused {
			t.Errorf("%+v: %v", tc, err)
		}
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("it left %v", left)
	}
}
