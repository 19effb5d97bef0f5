package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"detour/internal/demo"
	"detour/internal/flow"
	"detour/internal/lab"
)

func TestLab_firefoxShowsThePageAndItsCallsAreDirect(t *testing.T) {
	t.Parallel()
	t.Run("trusting by certutil", func(t *testing.T) {
		if _, err := exec.LookPath("certutil"); err != nil {
			t.Skip("certutil is not installed")
		}
		firefoxInLab(t)
	})
	t.Run("trusting by itself", func(t *testing.T) { firefoxInLab(t, "PATH="+t.TempDir()) })
}

func firefoxInLab(t *testing.T, env ...string) {
	t.Helper()
	home, err := os.MkdirTemp("", "detour-test-") //nolint:usetesting // Firefox's helpers may still write when the test ends
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(home) })
	l, args := openLabWith(t, lab.CaseHealthy, "firefox-headless", "firefox-esr", `--headless "$@"`)
	r := launchLab(t, l, args, append(env, "HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home, "TMPDIR="+home)...)
	r.wait(t, 0, func(rs []flow.Record) bool { return len(rs) > 0 }) // it takes a while to start
	got := r.wait(t, 0, hasAll("GetMetricData", "DescribeInstances"))
	for _, rec := range named(got, "GetMetricData") {
		checkHealthy(t, rec)
	}
	for _, rec := range got {
		checkFirefox(t, rec)
	}
	r.stop(t)
	if left, _ := filepath.Glob(filepath.Join(home, "detour-profile-*")); left != nil {
		t.Errorf("profiles are left: %v", left)
	}
}

// checkFirefox checks the requests that Firefox sent on its own, and for the page.
func checkFirefox(t *testing.T, rec flow.Record) {
	t.Helper()
	if len(rec.Findings) > 0 {
		t.Errorf("%s has findings %v", rec.Request.URL, rec.Findings)
	}
	itself := slices.Contains(rec.Why, flow.EvidenceBrowser)
	if rec.Origin == flow.OriginOther {
		if !itself {
			t.Logf("nobody is known to ask for %s", rec.Request.URL) // a newer Firefox may send others
		}
		return
	}
	agent := slices.ContainsFunc(rec.Request.Headers, func(h [2]string) bool {
		return strings.EqualFold(h[0], "User-Agent") && strings.Contains(h[1], "Firefox/")
	})
	if itself || !agent || rec.Response == nil || rec.Response.Status/100 != 2 { // 204 for the icon, if it is requested in time
		t.Errorf("%s %s %v: %+v", rec.Origin, rec.Request.URL, rec.Why, rec.Response)
	}
	if rec.Origin == flow.OriginDirect && !strings.Contains(rec.Page, demo.ConsoleHost) {
		t.Errorf("%s is of the page %q", rec.Request.URL, rec.Page)
	}
}
