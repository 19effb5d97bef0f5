package parentshell

import (
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
)

func TestNearest_isTheShellThatStartedIt(t *testing.T) {
	all := map[uint32]process{
		1: {0, "explorer.exe"}, 2: {1, "WindowsTerminal.exe"}, 3: {2, "PowerShell.exe"}, 4: {3, "detour.exe"},
		5: {3, "cmd.exe"}, 6: {5, "make.exe"}, 7: {6, "detour.exe"}, 8: {1, "detour.exe"}, 9: {9, "detour.exe"}, 10: {99, "detour.exe"},
	}
	for pid, want := range map[uint32]string{4: "powershell", 7: "cmd", 8: "", 9: "", 10: "", 11: ""} {
		if got := nearest(all, pid); got != want {
			t.Errorf("%d: %q, want %q", pid, got, want)
		}
	}
}

func TestName_ofTheShellOnWindows(t *testing.T) {
	if os.Getenv("DETOUR_TEST_CHILD") != "" {
		os.Stdout.WriteString("shell: " + Name() + "\n")
		return
	}
	if runtime.GOOS != "windows" {
		if Name() != "" {
			t.Errorf("%q", Name())
		}
		return
	}
	cmd := exec.CommandContext(t.Context(), "cmd.exe", "/c", os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), "DETOUR_TEST_CHILD=1")
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "shell: cmd\n") {
		t.Errorf("%v\n%s", err, out)
	}
}
