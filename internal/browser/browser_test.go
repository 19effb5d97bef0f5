package browser

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestFind_onEachSystemWhereInstallersPutThem(t *testing.T) {
	for _, tc := range []struct {
		goos, choice, there, want string
	}{
		{"linux", "auto", "chromium", "/bin/chromium"},
		{"linux", "chrome", "google-chrome-stable", "/bin/google-chrome-stable"},
		{"darwin", "auto", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"},
		{"windows", "edge", `C:\PF86\Microsoft\Edge\Application\msedge.exe`, `C:\PF86\Microsoft\Edge\Application\msedge.exe`},
		{"linux", "/opt/b", "/opt/b", "/bin//opt/b"},
	} {
		m := machine{
			goos: tc.goos,
			env: func(name string) string {
				return map[string]string{"DISPLAY": ":0", "ProgramFiles(x86)": `C:\PF86`, "HOME": "/Users/x"}[name]
			},
			lookPath: func(name string) (string, error) {
				if name == tc.there {
					return "/bin/" + name, nil
				}
				return "", exec.ErrNotFound
			},
			exists: func(path string) bool { return path == tc.there },
		}
		if got, err := m.find(tc.choice); err != nil || got != tc.want {
			t.Errorf("%s %s: %q %v, want %q", tc.goos, tc.choice, got, err, tc.want)
		}
	}
}

func TestFind_saysWhyThereIsNone(t *testing.T) {
	m := machine{
		goos: "linux", env: func(string) string { return "" },
		lookPath: func(string) (string, error) { return "", exec.ErrNotFound },
		exists:   func(string) bool { return false },
	}
	if _, err := m.find("auto"); !errors.Is(err, ErrNoDisplay) {
		t.Errorf("auto without a display: %v", err)
	}
	for _, choice := range []string{"chromium", "nonsense"} {
		if _, err := m.find(choice); !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: %v", choice, err)
		}
	}
}

func TestArguments_isolateAndTrustThisRunOnly(t *testing.T) {
	args := arguments(Options{ProxyURL: "http://127.0.0.1:1", SPKI: "pin="}, "/profile", true)
	for _, want := range []string{
		"--proxy-server=http://127.0.0.1:1", "--ignore-certificate-errors-spki-list=pin=", "--user-data-dir=/profile", "--no-sandbox",
	} {
		if !slices.Contains(args, want) {
			t.Errorf("%s is missing in %v", want, args)
		}
	}
	if args[len(args)-1] != ConsoleURL {
		t.Errorf("opens %s", args[len(args)-1])
	}
	if slices.Contains(arguments(Options{}, "", false), "--no-sandbox") {
		t.Error("the sandbox is off for an ordinary user")
	}
	for _, a := range args {
		if a == "--ignore-certificate-errors" || strings.HasPrefix(a, "--disable-web-security") {
			t.Errorf("%s weakens the browser", a)
		}
	}
}

// script makes a stand-in for a browser.
func script(t *testing.T, body string) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("needs a shell")
	}
	path := filepath.Join(t.TempDir(), "browser")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+body), 0o700); err != nil { //nolint:gosec // a program has to be executable
		t.Fatal(err)
	}
	return path
}

func started(t *testing.T, path, flag string) string {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if b, err := os.ReadFile(flag); err == nil && len(b) > 0 {
			return string(b)
		}
	}
	t.Fatalf("%s did not start", path)
	return ""
}

func TestProcess_closeEndsEvenWhoWontListenAndRemovesTheProfile(t *testing.T) {
	flag := filepath.Join(t.TempDir(), "flag")
	path := script(t, `trap '' TERM
for a in "$@"; do case $a in --user-data-dir=*) dir=${a#*=};; esac; done
echo "$dir" > `+flag+`
while :; do sleep 0.05; done`)
	p, err := Start(t.Context(), Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	profile := strings.TrimSpace(started(t, path, flag))
	if info, err := os.Stat(profile); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("profile %v %v", info, err)
	}
	p.Close()
	p.Close() // again does no harm
	if _, err := os.Stat(profile); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the profile stays: %v", err)
	}
}

func TestProcess_endsWithItsContextAndByItself(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	p, err := Start(ctx, Options{Path: script(t, "exec sleep 60")})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	<-p.Done()
	p, err = Start(t.Context(), Options{Path: script(t, "exit 0"), ProfileDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	<-p.Done()
	p.Close()
}
