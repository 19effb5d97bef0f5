package netif

import (
	"net"
	"os"
	"path/filepath"
	"testing"

	"detour/internal/flow"
)

func TestInterfaceKind_isReadFromSysfs(t *testing.T) {
	for name, tc := range map[string]struct {
		files map[string]string
		want  flow.InterfaceKind
	}{
		"lo":        {map[string]string{"type": "772\n"}, flow.KindLoopback},
		"tun0":      {map[string]string{"type": "65534\n", "tun_flags": "0x1001\n"}, flow.KindTunnel},
		"tap0":      {map[string]string{"type": "1\n", "tun_flags": "0x1002\n"}, flow.KindTunnel},
		"wg0":       {map[string]string{"type": "65534\n"}, flow.KindTunnel},
		"ppp0":      {map[string]string{"type": "512\n"}, flow.KindTunnel},
		"wlp1s0":    {map[string]string{"type": "1\n", "device": "", "phy80211": ""}, flow.KindWiFi},
		"eth0":      {map[string]string{"type": "1\n", "device": ""}, flow.KindEthernet},
		"docker0":   {map[string]string{"type": "1\n"}, flow.KindVirtual},
		"not there": {nil, ""},
	} {
		dir := t.TempDir()
		for f, content := range tc.files {
			if err := os.WriteFile(filepath.Join(dir, f), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if got := kindIn(dir); got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
	if got, _ := systemKind(net.Interface{Name: "../../etc"}); got != "" {
		t.Errorf("a name with a path: %q", got)
	}
}
