package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"detour/internal/demo"
	"detour/internal/lab"
)

// browseAlone opens the demo's pages with a Chromium that uses no proxy, and returns the
// HAR that its Network panel saves.
func browseAlone(t *testing.T, l *faultLab, flags ...string) string {
	t.Helper()
	// The system's own timeout is 130 s. This one has the same effect, sooner.
	if out, err := l.Command(t.Context(), "sysctl", "-qw", "net.ipv4.tcp_syn_retries=1").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	har, err := l.savedByChromium(t.Context(), time.Second, func(tab chromiumTab) error {
		for _, p := range demo.Pages() {
			if err := tab.open(p.URL()); err != nil {
				return err
			}
			if err := tab.done(p.Path); err != nil {
				return err
			}
		}
		return nil
	}, flags...)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "console.har")
	if err := os.WriteFile(path, har, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestLab_theStorysOwnHAR diagnoses a HAR that a browser saved, without detour in between.
func TestLab_theStorysOwnHAR(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("chromium"); err != nil {
		t.Skip("chromium is not installed")
	}
	l, program, ca := labFor(t, lab.CaseSGDrop)
	alone := &faultLab{Lab: l, program: program, ca: ca, dir: t.TempDir()}
	allowed := "--disable-features=LocalNetworkAccessChecks" // as a company's policy sets it
	for _, tc := range []struct {
		name  string
		state lab.Case
		flags []string
		code  string // of the first finding; "": there is no problem
		says  []string
	}{
		{"the security group drops", lab.CaseSGDrop, []string{allowed}, "direct-calls-unanswered", []string{"monitoring.", "logs.", "net::ERR_CONNECTION_TIMED_OUT", "EC2 › Monitoring tab: GetMetricData", "CloudWatch › log groups: DescribeLogGroups", "detour probe"}},
		{"all is well", lab.CaseHealthy, []string{allowed}, "", nil},
		{"the browser refuses to ask a private address", lab.CaseHealthy, nil, "local-network-access-blocked", []string{"ERR_BLOCKED_BY_LOCAL_NETWORK_ACCESS_CHECKS"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if err := l.SetCase(tc.state); err != nil {
				t.Fatal(err)
			}
			l.DropConnections()
			file := browseAlone(t, alone, tc.flags...)
			var said bytes.Buffer
			cmd := exec.CommandContext(t.Context(), program, "diagnose", "--json", file) //nolint:gosec // our own program
			cmd.Stderr = &said
			out, _ := cmd.Output() // exit code 3 if a problem was found
			var d diagnosis
			if err := json.Unmarshal(out, &d); err != nil {
				t.Fatalf("%v: %s%s", err, out, said.String())
			}
			var problems []string
			for _, f := range d.Findings {
				if f.Level == "problem" {
					problems = append(problems, f.Code)
				}
			}
			if strings.Join(problems, " ") != tc.code {
				t.Errorf("the problems are %q, want %q alone:\n%s", problems, tc.code, out)
			}
			for _, want := range tc.says {
				if !strings.Contains(string(out), want) {
					t.Errorf("nothing says %q:\n%s", want, out)
				}
			}
		})
	}
}
