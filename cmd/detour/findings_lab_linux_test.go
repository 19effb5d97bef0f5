package main

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"detour/internal/demo"
	"detour/internal/lab"
)

// TestLab_everyCaseEndsInItsFinding: in each state of the network, requests through the
// proxy lead to the right finding, as the first one, and to no wrong problem. The run's
// capture is diagnosed.
func TestLab_everyCaseEndsInItsFinding(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("curl is not installed")
	}
	l, program, ca := labFor(t, lab.CaseHealthy)
	for _, tc := range []struct {
		state    lab.Case
		problems string // by rank
	}{
		{lab.CaseHealthy, ""},
		{lab.CaseSGDrop, "private-endpoint-unreachable"},
		{lab.CaseRST, "connect-refused"},
		{lab.CaseProhibited, "connect-unreachable"},
		{lab.CaseOneDead, "address-unanswered"},
		{lab.CaseOneOfThree, "address-unanswered"},
		{lab.CaseSilent, "tls-failed"},
		{lab.CaseBlackHole, "tls-failed"},
		{lab.CaseShadow, "dns-failed"},
		{lab.CaseNoData, "dns-failed"},
		{lab.CaseServFail, "dns-failed"},
		{lab.CaseDNSSilent, "dns-failed"},
		{lab.CaseTruncated, ""},
		{lab.CaseDeadAAAA, ""}, // IPv4 is tried first, and works
		{lab.CaseNoRoute, "connect-unreachable"},
		{lab.CaseHosts, ""}, // the addresses of the file work; that it overrides DNS is a notice
		{lab.CaseDisagree, ""},
		{lab.CaseWrongEndpoint, "tls-failed"},
		{lab.CaseResetData, "tls-failed"},
		{lab.CaseBrief, ""},
		{lab.CasePublic, ""},
	} {
		t.Run(string(tc.state), func(t *testing.T) {
			if err := l.SetCase(tc.state); err != nil {
				t.Fatal(err)
			}
			l.DropConnections()
			file := filepath.Join(t.TempDir(), "case.detour")
			run1 := proxyIn(t, l, program, ca, "--capture", file, "--connect-timeout", "3500ms")
			var asking sync.WaitGroup
			for _, host := range []string{demo.ConsoleHost, demo.EC2Host, demo.MetricsHost, demo.LogsHost} {
				asking.Go(func() { _, _ = run1.curl(t, host) })
			}
			asking.Wait()
			// An address that lost a race is probed again later.
			found, problems := judgedCapture(t, file)
			for deadline := time.Now().Add(time.Minute); (problems != tc.problems || found.Flows != 4) && time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
				found, problems = judgedCapture(t, file)
			}
			said := run1.end()
			if problems != tc.problems {
				t.Errorf("the problems are %q, want %q:\n%+v\n%s", problems, tc.problems, found, said)
			}
			if len(found.Findings) > 0 && tc.problems != "" && found.Findings[0].Level != "problem" {
				t.Errorf("the first finding is %s", found.Findings[0].Code)
			}
			if found.Flows != 4 {
				t.Errorf("%d flows", found.Flows)
			}
		})
	}
}

// judgedCapture is the diagnosis of a capture, and its problems by rank.
func judgedCapture(t *testing.T, file string) (d diagnosis, problems string) {
	t.Helper()
	var out, errs bytes.Buffer
	_ = run([]string{"diagnose", "--json", file}, &out, &errs)
	if err := json.Unmarshal(out.Bytes(), &d); err != nil {
		t.Fatalf("%v: %s%s", err, out.String(), errs.String())
	}
	var all []string
	for _, f := range d.Findings {
		if f.Level == "problem" {
			all = append(all, f.Code)
		}
	}
	return d, strings.Join(all, " ")
}
