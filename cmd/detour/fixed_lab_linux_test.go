package main

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"detour/internal/capture/disk"
	"detour/internal/demo"
	"detour/internal/flow"
	"detour/internal/lab"
)

// TestLab_aFixWhileACallHangs: the security group is opened while a call waits for its connect. The
// call is answered, and the finding is resolved, live and in the file, and says since when; the
// report has the call.
func TestLab_aFixWhileACallHangs(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("curl is not installed")
	}
	l, program, ca := labFor(t, lab.CaseSGDrop)
	capture := filepath.Join(t.TempDir(), "run.detour")
	through := proxyIn(t, l, program, ca, "--capture", capture)
	call := l.Command(t.Context(), "curl", "-sS", "--max-time", "60", "-x", "http://127.0.0.1:8080", "--cacert", through.ca,
		"-H", "X-Amz-Target: Logs_20140328.DescribeLogGroups", "-H", "Origin: https://ap-northeast-1.console.aws.amazon.com",
		"-d", "{}", "https://"+demo.LogsHost+"/")
	if err := call.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		if foundIn(t, capture, "private-endpoint-unreachable") {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("there is no finding")
		}
	}
	if err := l.SetCase(lab.CaseHealthy); err != nil {
		t.Fatal(err)
	}
	fixed := time.Now()
	if err := call.Wait(); err != nil {
		t.Fatalf("the call fails: %v", err)
	}
	if rec := through.next(t); !rec.Final || rec.Response == nil || strings.Join(rec.Findings, " ") != "private-endpoint-unreachable" {
		t.Errorf("%+v", rec)
	}
	end := through.end()
	if !strings.Contains(end, "resolved since") {
		t.Errorf("the run ends with\n%s", end)
	}
	var report, errs bytes.Buffer
	if code := run([]string{"export", capture, "--format", "md", "-o", "-"}, &report, &errs); code != exitDone ||
		!strings.Contains(report.String(), "DescribeLogGroups") ||
		!strings.Contains(report.String(), "nobody has to act: what failed has responded since ") {
		t.Errorf("exit code %d, the report is\n%s%s", code, report.String(), errs.String())
	}
	got, err := diagnosedFile(capture)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range got {
		if f.Code != "private-endpoint-unreachable" {
			continue
		}
		if f.Level != flow.LevelNotice || !f.Resolved || f.ResolvedAt == nil || f.ResolvedAt.Before(fixed.Add(-time.Second)) || len(f.Flows) != 1 {
			t.Errorf("%+v", f)
		}
		return
	}
	t.Errorf("no finding in %+v", got)
}

// foundIn reports whether a run has written this finding to its capture.
func foundIn(t *testing.T, capture, code string) bool {
	t.Helper()
	file, err := disk.Open(capture)
	if err != nil {
		return false
	}
	defer file.Close()
	c, err := file.About(t.Context())
	return err == nil && slices.ContainsFunc(c.Findings, func(f flow.Finding) bool { return f.Code == code })
}
