//go:build unix

package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

func TestTerminal_toTheBackgroundAndBackAndOtherSizes(t *testing.T) {
	bin := buildDetour(t)
	m := openTerminal(t, "100", "30", "sh -i")
	m.keys("-l", bin+" demo --healthy")
	m.keys("Enter")
	m.wait("the table", contains("DEMO", "q quit"))
	m.keys("C-z")
	m.wait("the shell", func(s string) bool { return strings.Contains(s, "Stopped") && !strings.Contains(s, "q quit") })
	m.keys("fg", "Enter")
	m.wait("the table again", func(s string) bool { return contains("DEMO", "q quit")(s) && !strings.Contains(s, "Stopped") })
	m.tmux("resize-window", "-x", "70", "-y", "20")
	m.wait("a smaller table", func(s string) bool {
		lines := strings.Split(strings.TrimRight(s, "\n"), "\n")
		return len(lines) == 20 && strings.Contains(lines[19], "q quit") && strings.Contains(lines[0], "DEMO")
	})
	m.keys("C-c")
	m.wait("the shell", func(s string) bool { return !strings.Contains(s, "q quit") })
}

// TestTerminal_aHangupLeavesTheTerminalInOrder, and the run ends as by Ctrl-C.
func TestTerminal_aHangupLeavesTheTerminalInOrder(t *testing.T) {
	m := openTerminal(t, "80", "24", "sh -c '"+buildDetour(t)+" demo; echo code=$?; read x'")
	m.wait("the table", contains("DEMO"))
	shell := strings.TrimSpace(m.tmux("list-panes", "-F", "#{pane_pid}"))
	b, err := os.ReadFile(fmt.Sprintf("/proc/%s/task/%[1]s/children", shell))
	if err != nil {
		t.Skip("who its child is can't be read here")
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	m.wait("a tidy end", contains("code=0"))
}
