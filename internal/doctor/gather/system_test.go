package gather

import (
	"strings"
	"testing"

	"detour/internal/doctor"
)

func TestReadPAC_knowsEachSystemsWords(t *testing.T) {
	const (
		mac = "<dictionary> {\n  HTTPEnable : 0\n  ProxyAutoConfigEnable : 1\n  ProxyAutoConfigURLString : http://pac.corp.example/proxy.pac\n  ProxyAutoDiscoveryEnable : 1\n}\n"
		win = "\r\nHKEY_CURRENT_USER\\Software\\Microsoft\\Windows\\CurrentVersion\\Internet Settings\r\n    ProxyEnable    REG_DWORD    0x0\r\n    AutoConfigURL    REG_SZ    http://pac.corp.example/proxy.pac\r\n"
	)
	const url = "http://pac.corp.example/proxy.pac"
	for _, tc := range []struct {
		goos, printed string
		want          doctor.PAC
	}{
		{"darwin", mac, doctor.PAC{URL: url, Auto: true}},
		{"darwin", strings.Replace(mac, "Enable : 1", "Enable : 0", 1), doctor.PAC{Auto: true}},
		{"windows", win, doctor.PAC{URL: url}},
		{"windows", "ERROR: The system was unable to find the specified registry key or value.", doctor.PAC{}},
		{"linux", "org.gnome.system.proxy autoconfig-url '" + url + "'\norg.gnome.system.proxy mode 'auto'\n", doctor.PAC{URL: url}},
		{"linux", "org.gnome.system.proxy autoconfig-url '" + url + "'\norg.gnome.system.proxy mode 'none'\n", doctor.PAC{}},
		{"linux", "org.gnome.system.proxy autoconfig-url ''\norg.gnome.system.proxy mode 'auto'\n", doctor.PAC{Auto: true}},
	} {
		if got := readPAC(tc.goos, tc.printed); got != tc.want {
			t.Errorf("%s: %+v, want %+v", tc.goos, got, tc.want)
		}
	}
}
