package gather

import (
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
	"detour/internal/decrypt"
	"detour/internal/demo"
	"detour/internal/dial"
	"detour/internal/doctor"
	"detour/internal/flow"
	"detour/internal/resolve"
	"detour/internal/systemproxy"
)

// env is an environment with these variables alone.
func env(vars map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		v, ok := vars[name]
		return v, ok
	}
}

func none() []string { return nil }

func TestServer_readsTheClockAndTheIssuer(t *testing.T) {
	made, err := demo.New(demo.Options{Healthy: true})
	if err != nil {
		t.Fatal(err)
	}
	defer made.Close()
	cfg := Config{Host: demo.ConsoleHost, Dial: dial.Config{
		Resolver: resolve.New(resolve.Config{Nameservers: []netip.AddrPort{made.Nameserver()}, Dial: made.ResolverDial}),
		Connect:  made.Connect, RootCAs: made.RootCAs(),
	}}
	s := cfg.server(t.Context())
	if off := s.Now.Sub(s.Date).Abs(); s.Err != "" || s.TLS != flow.TLSOK || off > time.Minute || s.Issuer == "" {
		t.Errorf("got %+v, %v off", s, off)
	}
	cfg.Dial.RootCAs = nil
	if s := cfg.server(t.Context()); s.TLS != flow.TLSUntrusted || s.Err == "" || !s.Date.IsZero() || s.Issuer == "" {
		t.Errorf("with a CA that isn't trusted: %+v", s)
	}
	cfg.Host = "nowhere.example"
	if s := cfg.server(t.Context()); s.TLS != "" || s.Err == "" {
		t.Errorf("where nobody is: %+v", s)
	}
}

func TestCaptures_areCountedAndItIsSaidWhenNoneCanBeSaved(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "captures")
	if c := (Config{CapturesDir: dir}).captures(); c.Err != "" || c.Files != 0 {
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
	if c := (Config{CapturesDir: dir}).captures(); c.Err != "" || c.Files != 2 || c.Bytes != 1230 {
		t.Errorf("got %+v", c)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); left != nil {
		t.Errorf("it left %v behind", left)
	}
	if c := (Config{CapturesDir: filepath.Join(dir, "notes.txt", "captures")}).captures(); c.Err == "" {
		t.Error("captures below a file")
	}
	if c := (Config{NoState: "no home"}).captures(); c.Err != "no home" {
		t.Errorf("without a state directory: %+v", c)
	}
}

func TestState_aProfileIsOpenAsLongAsItsBrowserRuns(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("browsers on Windows name no process in their profile")
	}
	dir := t.TempDir()
	cfg := Config{StateDir: dir, ProfileDir: filepath.Join(dir, "work")}
	if err := os.Mkdir(cfg.ProfileDir, 0o700); err != nil {
		t.Fatal(err)
	}
	if s := cfg.state(); s.OpenBy != "" || s.Err != "" || s.Profile != cfg.ProfileDir {
		t.Errorf("nobody uses it: %+v", s)
	}
	lock := filepath.Join(cfg.ProfileDir, "lock")
	if err := os.Symlink(fmt.Sprintf("127.0.1.1:+%d", os.Getpid()), lock); err != nil {
		t.Skip(err)
	}
	if s := cfg.state(); s.OpenBy != fmt.Sprintf("process %d", os.Getpid()) || s.Away {
		t.Errorf("a Firefox that runs: %+v", s)
	}
	ended := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	if err := ended.Run(); err != nil {
		t.Fatal(err)
	}
	host, _ := os.Hostname()
	for link, to := range map[string]string{"lock": "127.0.1.1:+%d", "SingletonLock": host + "-%d"} {
		_ = os.Remove(lock)
		lock = filepath.Join(cfg.ProfileDir, link)
		if err := os.Symlink(fmt.Sprintf(to, ended.Process.Pid), lock); err != nil {
			t.Fatal(err)
		}
		if s := cfg.state(); s.OpenBy != "" {
			t.Errorf("%s of a browser that was killed: %+v", link, s)
		}
	}
}

func TestNotWritable_namesTheDirectoryAndNotItsOwnProbe(t *testing.T) {
	file := filepath.Join(t.TempDir(), "notes.txt")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	why := notWritable(filepath.Join(file, "state"))
	if why == "" || strings.Contains(why, ".detour-doctor") || !strings.Contains(why, "("+file+")") {
		t.Errorf("got %q", why)
	}
}

func TestCheck_refusesTheFilesThatARunCantWrite(t *testing.T) {
	dir := t.TempDir()
	there := filepath.Join(dir, "there")
	if err := os.WriteFile(there, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		err     error
		refused bool
	}{
		"a new capture":       {CheckNew("capture", filepath.Join(dir, "new")), false},
		"a capture again":     {CheckNew("capture", there), true},
		"a capture nowhere":   {CheckNew("capture", filepath.Join(dir, "nowhere", "new")), true},
		"a new log":           {CheckAppend("log", filepath.Join(dir, "new.log")), false},
		"a log that goes on":  {CheckAppend("log", there), false},
		"a log in a file":     {CheckAppend("log", filepath.Join(there, "log")), true},
		"a directory for log": {CheckAppend("log", dir), true},
	} {
		if (c.err != nil) != c.refused {
			t.Errorf("%s: %v", name, c.err)
		}
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("it left %v", left)
	}
}

func TestChains_aSigningChainsDirectoryIsADirectory(t *testing.T) {
	file := filepath.Join(t.TempDir(), "passwd")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	tables, err := aws.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, value := range []string{"aws", "aws,.corp.example", "all"} {
		s, err := decrypt.Parse(value)
		if err != nil {
			t.Fatal(err)
		}
		for _, ch := range (Config{Chains: s.Chains(file, tables.Suffixes())}).chains(t.Context()) {
			if ch.NoDir != file {
				t.Errorf("%s: %+v", value, ch)
			}
		}
	}
}

func TestPAC_isThatOfTheEnvironmentFirst(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("Chromium reads the variable on Linux")
	}
	for value, want := range map[string]doctor.PAC{
		"http://u:s3cr3t@x.example/p.pac": {URL: "http://x.example/p.pac", Variable: "auto_proxy"},
		"":                                {Auto: true, Variable: "auto_proxy"},
	} {
		if got := (Config{Env: env(map[string]string{"auto_proxy": value})}).pac(false, never); got != want {
			t.Errorf("auto_proxy=%s: %+v, want %+v", value, got, want)
		}
	}
}

func never(systemproxy.Settings) bool { return false }

// TestPAC_isNotDetoursOwn: its landing page says how to have the system use that one.
func TestPAC_isNotDetoursOwn(t *testing.T) {
	s := systemproxy.Settings{Source: "GNOME", PAC: "http://127.0.0.1:8080/proxy.pac"}
	cfg := Config{
		Listen: "127.0.0.1:8080", UpstreamProxy: "env", Env: env(nil), System: func() systemproxy.Settings { return s }, Running: none,
	}
	if got := cfg.pac(false, cfg.upstream(doctor.Port{}).IsDetour); got != (doctor.PAC{}) {
		t.Errorf("%+v", got)
	}
	s.PAC = "http://pac.corp.example/p.pac"
	if got := cfg.pac(false, cfg.upstream(doctor.Port{}).IsDetour); got.URL != s.PAC {
		t.Errorf("%+v", got)
	}
}

func TestPort_knowsADetourByItsAddress(t *testing.T) {
	for _, free := range []string{"127.0.0.1:0", "[::1]:0"} {
		if p := (Config{Listen: free, Running: none}).port(); p.Err != "" || p.Wrong != nil {
			t.Errorf("%s: %+v", free, p)
		}
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	at := taken.Addr().(*net.TCPAddr)
	cfg := Config{Listen: fmt.Sprintf("localhost:%d", at.Port), DefaultListen: true, Running: func() []string { return []string{at.String()} }}
	if p := cfg.port(); p.Own != at.String() || !p.Default || strings.Contains(p.Err, "listen tcp") {
		t.Errorf("a detour has it: %+v", p)
	}
	cfg.Refused = &doctor.Mistake{Text: "no"}
	if p := cfg.port(); p.Wrong != cfg.Refused || p.Err != "" {
		t.Errorf("one that no run would take is tried: %+v", p)
	}
}

func TestBrowser_saysWhetherItStartsTwice(t *testing.T) {
	firefox := filepath.Join(t.TempDir(), "firefox-of-a-test")
	if err := os.WriteFile(firefox, []byte("#!/bin/sh\n"), 0o700); err != nil { //nolint:gosec // a program has to be executable
		t.Fatal(err)
	}
	t.Setenv("PATH", "")
	if b := (Config{FindBrowser: func() (string, error) { return firefox, nil }}).browser(); b.Path != firefox || b.Err != "" || !b.Twice && runtime.GOOS == "linux" {
		t.Errorf("Firefox without certutil: %+v", b)
	}
	if b := (Config{FindBrowser: func() (string, error) { return "", errors.New("none") }}).browser(); b.Err != "none" || b.Path != "" {
		t.Errorf("no browser: %+v", b)
	}
}

func TestEnvironment_aDetourIsNoUpstreamProxy(t *testing.T) {
	cfg := Config{
		Listen: "127.0.0.1:8", UpstreamProxy: "env", Running: none,
		Env: env(map[string]string{"HTTPS_PROXY": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9", "NO_PROXY": ".corp.example,.amazonaws.com"}),
	}
	both := []string{"HTTPS_PROXY", "http_proxy"}
	behind := cfg
	behind.Running = func() []string { return []string{"127.0.0.1:9"} }
	e, policy := behind.environment(behind.upstream(doctor.Port{}))
	if !slices.Equal(e.Own, both) || e.OwnAt != "127.0.0.1:9" || len(e.Self)+len(e.Proxies) != 0 || policy.Via("https", "a.example:443") != nil {
		t.Errorf("behind one that runs: %+v", e)
	}
	cfg.Suffixes = []string{"amazonaws.com"}
	e, policy = cfg.environment(cfg.upstream(doctor.Port{}))
	if len(e.Own)+len(e.Self) != 0 || len(e.Proxies) != 2 || len(e.Past) != 1 || policy.Via("https", "a.example:443") == nil {
		t.Errorf("behind another proxy: %+v", e)
	}
	if e = reach(t.Context(), e, policy, "a.example"); len(e.Upstream) != 1 || e.Upstream[0].Err == "" {
		t.Errorf("nobody listens there: %+v", e)
	}
	cfg.Listen = "127.0.0.1:9"
	e, policy = cfg.environment(cfg.upstream(doctor.Port{}))
	if !slices.Equal(e.Self, both) || e.SelfAt != "127.0.0.1:9" || len(e.Proxies) != 0 || len(reach(t.Context(), e, policy, "a.example").Upstream) != 0 {
		t.Errorf("behind one that has ended, whose port is to be had: %+v", e)
	}
	if e, _ = cfg.environment(cfg.upstream(doctor.Port{Err: "in use"})); len(e.Self) != 0 || len(e.Proxies) != 2 {
		t.Errorf("another program has the port: %+v", e)
	}
}
