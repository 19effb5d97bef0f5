package main

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "make the pictures in docs anew")

// A terminal is a tmux session of a fixed size that runs one program.
type terminal struct {
	t      *testing.T
	socket string
}

func openTerminal(t *testing.T, width, height, command string) *terminal {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("tmux is not for Windows")
	}
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Skip("tmux is not installed")
	}
	term := &terminal{t: t, socket: filepath.Join(t.TempDir(), "s")}
	term.tmux("new-session", "-d", "-x", width, "-y", height, command)
	t.Cleanup(func() { _ = exec.Command("tmux", "-S", term.socket, "kill-server").Run() })
	return term
}

func (m *terminal) tmux(args ...string) string {
	m.t.Helper()
	out, err := exec.Command("tmux", append([]string{"-S", m.socket}, args...)...).CombinedOutput()
	if err != nil {
		m.t.Fatalf("tmux %v: %v: %s", args, err, out)
	}
	return string(out)
}

func (m *terminal) keys(keys ...string) { m.tmux(append([]string{"send-keys"}, keys...)...) }

// wait waits for a screen that satisfies want.
func (m *terminal) wait(what string, want func(screen string) bool) {
	m.t.Helper()
	for deadline := time.Now().Add(3 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		screen := m.tmux("capture-pane", "-p")
		if want(screen) {
			return
		}
		if time.Now().After(deadline) {
			m.t.Fatalf("%s doesn't come; the screen is\n%s", what, screen)
		}
	}
}

func contains(words ...string) func(string) bool {
	return func(screen string) bool {
		for _, w := range words {
			if !strings.Contains(screen, w) {
				return false
			}
		}
		return true
	}
}

// quits waits for the program, and with it the session, to end.
func (m *terminal) quits() {
	m.t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if exec.Command("tmux", "-S", m.socket, "has-session").Run() != nil {
			return
		}
		if time.Now().After(deadline) {
			m.t.Fatalf("it doesn't end:\n%s", m.tmux("capture-pane", "-p"))
		}
	}
}

func TestTerminal_thePersonSeesTheStoryAndQuits(t *testing.T) {
	bin := buildDetour(t)
	m := openTerminal(t, "150", "48", bin+" demo")
	m.wait("a call that is connecting", contains("DEMO", "CloudWatch preflight", "connecting"))
	m.wait("the provisional finding", contains("PROBLEM so far", "consistent with"))
	m.wait("the end of the story", func(s string) bool {
		return strings.Count(s, "TIMEOUT") >= 4 && !strings.Contains(s, "connecting") && !strings.Contains(s, "so far")
	})
	m.keys("/")
	m.keys("-l", "service:logs")
	m.wait("the filtered row", func(s string) bool {
		return strings.Contains(s, "1 of 8") && strings.Contains(s, "CloudWatch Logs preflight") && !strings.Contains(s, "DescribeInstances")
	})
	m.keys("Enter", "Escape")
	m.wait("all rows again", contains("DescribeInstances"))
	m.keys("G", "Enter")
	m.wait("the detail of a stuck call", func(s string) bool {
		if strings.Contains(s, "preflight of GetMetricData ──") {
			return strings.Contains(s, "no TCP connection") && strings.Contains(s, "[Overview]")
		}
		m.keys("k") // rows of one page come in any order
		return false
	})
	m.draw("table.svg", 150)
	m.keys("]", "]", "]")
	m.wait("DNS as dig has it", contains("[DNS]", "Queries @10.0.0.2:53"))
	m.keys("p")
	m.wait("a masked screen", func(s string) bool { return strings.Contains(s, "PRESENTER") && !strings.Contains(s, "10.0.0.2") })
	m.keys("p")
	m.keys("y")
	m.wait("the screen as it is", func(s string) bool { return !strings.Contains(s, "PRESENTER") })
	m.keys("Escape")
	m.keys("q")
	m.quits()
}

// draw makes a picture of the documentation of the screen, with -update.
func (m *terminal) draw(name string, width int) {
	m.t.Helper()
	if !*update {
		return
	}
	svg := ansiToSVG(m.tmux("capture-pane", "-p", "-e"), width)
	if err := os.WriteFile(filepath.Join("..", "..", "docs", name), []byte(svg), 0o644); err != nil {
		m.t.Fatal(err)
	}
}

func TestTerminal_theAccountProvesTheStory(t *testing.T) {
	m := openTerminal(t, "130", "40", buildDetour(t)+" demo --account")
	m.wait("the end of the story", func(s string) bool {
		return strings.Count(s, "TIMEOUT") >= 4 && !strings.Contains(s, "connecting") && !strings.Contains(s, "so far")
	})
	m.keys("!")
	m.wait("the proof", func(s string) bool {
		proof := contains("Proof from the account's configuration", "security group sg-faa8b71829420961e (denies)", "route table rtb-")
		return proof(s) && !strings.Contains(s, "still") // the last judgement is on the screen
	})
	m.draw("proof.svg", 130)
	m.keys("Q")
	m.quits()
}

func TestTerminal_ctrlCLeavesTheTerminalInOrder(t *testing.T) {
	m := openTerminal(t, "80", "24", "sh -c '"+buildDetour(t)+" demo; echo code=$?; read x'")
	m.wait("the table", contains("DEMO"))
	m.keys("C-c")
	m.wait("a tidy end", contains("code=0"))
}
