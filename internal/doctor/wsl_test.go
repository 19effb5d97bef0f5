package doctor

import (
	"strings"
	"testing"
)

func TestWSL_saysWhoseNetworkABrowserOnWindowsUses(t *testing.T) {
	if c := wslChecks(0); c != nil {
		t.Errorf("of no WSL: %v", c)
	}
	if c := wslChecks(1); len(c) != 1 || c[0].Level != OK {
		t.Errorf("of WSL 1: %v", c)
	}
	if c := wslChecks(2); len(c) != 1 || c[0].Level != Warn || !strings.Contains(c[0].Fix, "detour.exe") {
		t.Errorf("of WSL 2: %v", c)
	}
}
