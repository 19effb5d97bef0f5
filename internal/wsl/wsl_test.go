package wsl

import (
	"strings"
	"testing"
)

func TestOfKernel(t *testing.T) {
	for kernel, want := range map[string]Version{
		"5.15.167.4-microsoft-standard-WSL2\n": 2, "4.19.84-microsoft-standard": 2, "4.4.0-19041-Microsoft\n": 1,
		"6.1.0-18-amd64\n": 0, "": 0,
	} {
		if got := ofKernel(kernel); got != want {
			t.Errorf("%q: %d, want %d", kernel, got, want)
		}
	}
}

// TestVersion_saysWhoseNetworkABrowserOnWindowsUses: where there are two networks, also how to see
// the other one.
func TestVersion_saysWhoseNetworkABrowserOnWindowsUses(t *testing.T) {
	for v, want := range map[Version]string{0: "", 1: "uses the network of Windows", 2: "a browser on Windows uses the DNS, VPN and proxy of Windows"} {
		text, fix := v.Network()
		if (text == "") != (want == "") || !strings.HasSuffix(text, want) || (fix != "") != (v == 2) {
			t.Errorf("WSL %d: %q, %q", v, text, fix)
		}
		said := strings.Join(v.Notices(), "\n")
		if v != 2 && said != "" || v == 2 && (!strings.Contains(said, want) || !strings.Contains(said, "run detour.exe there")) {
			t.Errorf("WSL %d: a run says %q", v, said)
		}
	}
}
