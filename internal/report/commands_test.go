package report

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"detour/internal/report/reporttest"
)

// commands are those of a capture's findings, as they are.
func commands() []string {
	var out []string
	for _, f := range reporttest.Story().Findings {
		for _, s := range f.Try {
			if s.Command != "" {
				out = append(out, s.Command)
			}
		}
	}
	return out
}

// TestReport_commandsCanBeCopied: what stands in a fence of the ticket is byte for byte
// what a shell takes.
func TestReport_commandsCanBeCopied(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("needs a POSIX shell")
	}
	got, want := fences(written(t, "md", reporttest.Story())), commands()
	if len(got) != len(want) {
		t.Errorf("it has %d commands, want each of %d once", len(got), len(want))
	}
	for _, c := range got {
		if !slices.Contains(want, c) {
			t.Errorf("it has %q, which is no command of a finding", c)
		}
		if out, err := exec.Command("sh", "-n", "-c", c).CombinedOutput(); err != nil {
			t.Errorf("%s: %v %s", c, err, out)
		}
	}
}

func fences(md string) (out []string) {
	for _, part := range strings.Split(md, "\n```sh\n")[1:] {
		command, _, _ := strings.Cut(part, "\n```\n")
		out = append(out, command)
	}
	return out
}
