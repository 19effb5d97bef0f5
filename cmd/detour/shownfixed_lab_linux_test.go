package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"detour/internal/demo"
	"detour/internal/flow"
	"detour/internal/lab"
)

// TestLab_brokenFixedShown: a person sees the problem in the table, tests it again, watches, and the
// security group is opened while calls hang. The screen, the capture and each report then say since
// when, with the same figures, and that is still so when the calls that missed it have timed out.
func TestLab_brokenFixedShown(t *testing.T) {
	t.Parallel()
	l, args, _ := openLab(t, lab.CaseSGDrop)
	dir := t.TempDir()
	capture := filepath.Join(dir, "run.detour")
	cmd := l.Command(t.Context(), buildDetour(t), append(args, "--connect-timeout", "50s", "--capture", capture, demo.Pages()[1].URL())...)
	m := openTerminal(t, "160", "50", "TZ=UTC "+strings.Join(cmd.Args, " "))
	m.wait("the provisional finding", contains("PROBLEM so far", "fails: 1 private host", "connecting"))
	m.keys("!")
	m.wait("the finding", contains("Finding 1 of 1", "still waiting"))
	m.keys("r")
	m.wait("that nothing answers, while the calls hang", contains("checked again at", "0 of 2 addresses responded", "still waiting"))
	broken := filepath.Join(dir, "broken.jsonl")
	if err := os.WriteFile(broken, []byte(exportedText(t, capture, "jsonl")), 0o600); err != nil {
		t.Fatal(err)
	}
	m.keys("W")
	m.wait("the watch", contains("watching "))
	opened := time.Now()
	if err := l.SetCase(lab.CaseHealthy); err != nil {
		t.Fatal(err)
	}
	step := "step: fixed: " + demo.MetricsHost + ":443"
	waitUntil(t, "the watch ends", func() bool { return strings.Contains(exportedText(t, capture, "md"), step) })
	m.wait("the fix, and the end of all calls", func(s string) bool {
		return strings.Contains(unwrapped(s), "checked again: 2 of 2 addresses respond since ") && strings.Contains(s, "resolved since ") &&
			!strings.Contains(s, "connecting") && !strings.Contains(s, "pending")
	})
	screen := m.tmux("capture-pane", "-p")
	if strings.Contains(screen, "fails: ") || !strings.Contains(screen, "works: ") {
		t.Errorf("beside a fixed problem, the screen says that hosts fail:\n%s", screen)
	}
	m.keys("q") // back to the table
	m.keys("Q")
	m.quits()

	f := checkFixed(t, capture, opened)
	resolved := "resolved since "
	if at := resolved + f.ResolvedAt.UTC().Format("15:04:05 UTC"); strings.Count(screen, at) != strings.Count(screen, resolved) {
		t.Errorf("the screen has another time than %v:\n%s", f.ResolvedAt, screen)
	}
	for _, line := range f.Because {
		if strings.Contains(line, "SYNs") && !strings.Contains(unwrapped(screen), line) {
			t.Errorf("the screen doesn't say %q:\n%s", line, screen)
		}
	}
	// The watch's time is later than the first response if a call was quicker than a try.
	since := respondedSince.FindString(unwrapped(exportedText(t, capture, "md")))
	if since < "every address has responded since "+f.ResolvedAt.UTC().Format(time.DateTime) {
		t.Errorf("the report says %q of a problem that was resolved at %v", since, f.ResolvedAt)
	}
	for _, format := range []string{"md", "txt", "slack", "jira", "html"} {
		text := exportedText(t, capture, format)
		for _, want := range append([]string{"nobody has to act: " + since, "still 0 of 2 addresses answer"}, f.Because[0]) {
			if !strings.Contains(unwrapped(text), want) {
				t.Errorf("%s doesn't say %q:\n%s", format, want, text)
			}
		}
	}

	t.Run("and a second run is better than what was broken", func(t *testing.T) {
		r := launchLab(t, l, args)
		r.wait(t, 0, hasAll("GetMetricData"))
		r.stop(t)
		for _, c := range []struct {
			a, b string
			code int
			says string
		}{{broken, r.capture, exitDone, "better"}, {r.capture, broken, exitProblems, "worse"}} {
			var out, errs bytes.Buffer
			code := run([]string{"diff", c.a, c.b}, &out, &errs)
			_, section, _ := strings.Cut(out.String(), "\n"+c.says+"\n")
			section, _, _ = strings.Cut(section, "\n\n")
			if code != c.code || !strings.Contains("\n"+section+"\n", "\n  "+demo.MetricsHost+"\n") {
				t.Errorf("%d, want %s:\n%s%s", code, c.says, out.String(), errs.String())
			}
		}
	})
}

// checkFixed checks that a file has the finding, resolved after an instant.
func checkFixed(t *testing.T, file string, opened time.Time) flow.Finding {
	t.Helper()
	found, err := diagnosedFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 || found[0].Code != "private-endpoint-unreachable" {
		t.Fatalf("%+v", found)
	}
	f := found[0]
	if !f.Resolved || f.ResolvedAt == nil || f.ResolvedAt.Before(opened) || len(f.Flows) == 0 {
		t.Fatalf("resolved %v at %v, the group was opened at %v: %+v", f.Resolved, f.ResolvedAt, opened, f)
	}
	return flow.Finding{Because: f.Because, ResolvedAt: *f.ResolvedAt}
}

func exportedText(t *testing.T, file, format string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if code := run([]string{"export", file, "--format", format, "-o", "-"}, &out, &errs); code != exitDone {
		t.Fatalf("%s: %s", format, errs.String())
	}
	return out.String()
}

var respondedSince = regexp.MustCompile(`every address has responded since [-0-9]{10} [:0-9]{8} UTC`)

var spaces = regexp.MustCompile(`\s+`)

// unwrapped is a text with each run of spaces and line ends as one space.
func unwrapped(text string) string { return spaces.ReplaceAllString(text, " ") }

// TestLab_aKilledRunTellsAsMuch: detour is killed before the finding, with it, and after the fix.
func TestLab_aKilledRunTellsAsMuch(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("curl is not installed")
	}
	l, program, ca := labFor(t, lab.CaseSGDrop)
	for _, c := range []struct {
		name string
		wait time.Duration // from the first SYN to the kill, or to the fix
		fix  bool
		says string // by diagnose
		top  string // of the report
		code int
	}{
		{"before the finding", 500 * time.Millisecond, false, "and 1 request had no response yet", "no problem was found", exitDone},
		{"with the finding", 5 * time.Second, false, "problem so far: ", "**What fails so far:**", exitProblems},
		{"after the fix", 9 * time.Second, true, "notice, resolved since ", "nobody has to act: what failed has responded since ", exitDone},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := l.SetCase(lab.CaseSGDrop); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(t.TempDir(), "run.detour")
			r := proxyIn(t, l, program, ca, "--capture", file)
			call := l.Command(t.Context(), "curl", "-sS", "--max-time", "40", "-x", "http://127.0.0.1:8080", "--cacert", r.ca,
				"-H", "Origin: https://"+demo.ConsoleHost, "-H", "X-Amz-Target: Logs_20140328.DescribeLogGroups", "-d", "{}", "https://"+demo.LogsHost+"/")
			if err := call.Start(); err != nil {
				t.Fatal(err)
			}
			begun := time.Now()
			for n := 0; n == 0 || time.Since(begun) < c.wait; time.Sleep(50 * time.Millisecond) {
				if n, _ = l.Packets(); n == 0 && time.Since(begun) > 20*time.Second {
					t.Fatal("no SYN is dropped")
				}
			}
			if c.fix {
				if err := l.SetCase(lab.CaseHealthy); err != nil {
					t.Fatal(err)
				}
				if err := call.Wait(); err != nil {
					t.Fatalf("the call fails: %v", err)
				}
			}
			inFile := func() bool { // once it was answered, with the answer
				text := exportedYet(file)
				return strings.Contains(text, demo.LogsHost) && strings.Contains(text, `"response":{`) == c.fix
			}
			for deadline := time.Now().Add(time.Minute); !inFile(); time.Sleep(50 * time.Millisecond) {
				if time.Now().After(deadline) {
					t.Fatalf("the call isn't in the file: %s", exportedYet(file))
				}
			}
			_ = r.cmd.Process.Signal(os.Kill)
			_ = r.cmd.Wait()
			_ = call.Wait()
			var out, errs bytes.Buffer
			if code := run([]string{"diagnose", file}, &out, &errs); code != c.code || !strings.Contains(out.String(), c.says) {
				t.Errorf("%d, no %q in\n%s%s", code, c.says, out.String(), errs.String())
			}
			if md := exportedText(t, file, "md"); !strings.Contains(md, c.top) {
				t.Errorf("no %q in\n%s", c.top, md)
			}
			if n := strings.Count(exportedText(t, file, "jsonl"), "\n"); n != 1 {
				t.Errorf("%d flows", n)
			}
		})
	}
}

// exportedYet is a file's flows; "" if it can't be read yet.
func exportedYet(file string) string {
	var out, errs bytes.Buffer
	run([]string{"export", file, "--format", "jsonl", "-o", "-"}, &out, &errs)
	return out.String()
}
