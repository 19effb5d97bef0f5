package main

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// managedHost is what the browser under test requests.
const managedHost = "managed.test"

// TestManaged_aPolicyBeatsTheCommandLineAndDetourSaysSo runs detour with a real Chromium
// for which this machine has policies: in a mount namespace, so that no other browser has
// them.
func TestManaged_aPolicyBeatsTheCommandLineAndDetourSaysSo(t *testing.T) {
	needFull(t)
	program, err := exec.LookPath("chromium")
	if err != nil || os.Geteuid() != 0 {
		t.Skip("needs root, for a mount namespace, and Chromium")
	}
	var mu sync.Mutex
	asked := 0
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host == managedHost {
			mu.Lock()
			defer mu.Unlock()
			asked++
		}
		_, _ = w.Write([]byte("ok"))
	}))
	defer other.Close()
	at := strings.TrimPrefix(other.URL, "http://")
	detour := buildDetour(t)
	fixed := `{"ProxyMode":"fixed_servers","ProxyServer":"` + at + `",}`
	for name, tc := range map[string]struct {
		managed, recommended string
		other                bool   // whether the policy's proxy gets the requests
		says                 string // by detour, before the browser opens
	}{
		"none":        {},
		"recommended": {recommended: fixed},
		"mandatory":   {fixed, "", true, "detour: the browser bypasses detour: the policies ProxyMode and ProxyServer (/etc/chromium/policies/managed/company.json) make it use the proxy " + at},
		"ignored":     {managed: `{"ProxyServer":"` + at + `"}`},
	} {
		t.Run(name, func(t *testing.T) {
			mu.Lock()
			asked = 0
			mu.Unlock()
			said, requested := runManaged(t, detour, program, tc.managed, tc.recommended, tc.other)
			mu.Lock()
			defer mu.Unlock()
			if (asked > 0) != tc.other || requested == tc.other {
				t.Errorf("%d requests at the policy's proxy, through detour: %v\n%s", asked, requested, said)
			}
			if strings.Contains(said, "bypasses detour") != (tc.says != "") || !strings.Contains(said, tc.says) {
				t.Errorf("detour said\n%s", said)
			}
			if tc.other != strings.Contains(said, "detour: the browser started 8 s ago and has requested nothing through detour\nhint: the browser bypasses") {
				t.Errorf("of the silence detour said\n%s", said)
			}
		})
	}
}

// runManaged runs detour until it reports a silent browser, or a request, and returns what
// it said, and whether it had the request.
func runManaged(t *testing.T, detour, program, managed, recommended string, silent bool) (said string, requested bool) {
	t.Helper()
	dir := t.TempDir()
	for level, text := range map[string]string{"managed": managed, "recommended": recommended} {
		if err := os.MkdirAll(filepath.Join(dir, "etc/policies", level), 0o755); err != nil { //nolint:gosec // the browser reads it
			t.Fatal(err)
		}
		if text == "" {
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, "etc/policies", level, "company.json"), []byte(text), 0o644); err != nil { //nolint:gosec // the browser reads it
			t.Fatal(err)
		}
	}
	browser := filepath.Join(dir, "chromium")
	if err := os.WriteFile(browser, []byte("#!/bin/sh\nexec "+program+" --headless --disable-gpu \"$@\" 2>/dev/null\n"), 0o700); err != nil { //nolint:gosec // it is executed
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "unshare", "--mount", "--propagation", "private", "sh", "-c", //nolint:gosec // our own program
		`mount --bind "$1" /etc/chromium && shift && exec "$@"`, "sh", filepath.Join(dir, "etc"), detour,
		"run", "--ui", "none", "--json", "--listen", "127.0.0.1:0", "--upstream-proxy", "none", "--capture", "none",
		"--map", managedHost+"=127.0.0.1", "--browser", browser, "http://"+managedHost+"/")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var reading sync.WaitGroup
	reading.Go(func() {
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			if strings.Contains(lines.Text(), managedHost) && !requested {
				requested = true
				cancel()
			}
		}
	})
	reading.Go(func() {
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			said += lines.Text() + "\n"
			if silent && (strings.HasPrefix(lines.Text(), "hint: choose") || strings.HasPrefix(lines.Text(), "hint: install")) {
				cancel()
			}
		}
	})
	reading.Wait()
	_ = cmd.Wait()
	return said, requested
}

// needFull skips a test that is too slow for every run of CI.
func needFull(t *testing.T) {
	t.Helper()
	if os.Getenv("DETOUR_FULL_TESTS") == "" {
		t.Skip("part of make full (DETOUR_FULL_TESTS=1)")
	}
}
