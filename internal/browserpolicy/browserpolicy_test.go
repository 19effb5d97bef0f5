package browserpolicy

import (
	"strings"
	"testing"
)

// machine is a mandatory source for all users.
func machine(values string) Source { return source("/etc/m.json", values) }

func source(place, values string) Source {
	v, err := JSON([]byte(values))
	if err != nil {
		panic(err)
	}
	return Source{Place: place, Values: v}
}

func recommended(s Source) Source { s.Recommended = true; return s }

func user(s Source) Source { s.User = true; return s }

// TestJudge_proxyOfChromium has what Chromium 156 did with each of these on Linux, behind
// --proxy-server: only a bypass kept its requests from that proxy.
func TestJudge_proxyOfChromium(t *testing.T) {
	for name, tc := range map[string]struct {
		sources []Source
		kind    Kind // 0: no effect
		says    string
	}{
		"nothing":                      {nil, 0, ""},
		"a fixed one":                  {[]Source{machine(`{"ProxyMode":"fixed_servers","ProxyServer":"p:3128"}`)}, Bypass, "the policies ProxyMode and ProxyServer (/etc/m.json) make it use the proxy p:3128 instead of detour"},
		"one with a password":          {[]Source{machine(`{"ProxyMode":"fixed_servers","ProxyServer":"http://u:secret@p:3128"}`)}, Bypass, "use the proxy http://p:3128 "},
		"with exceptions":              {[]Source{machine(`{"ProxyMode":"fixed_servers","ProxyServer":"p:3128","ProxyBypassList":"*.x"}`)}, Bypass, "use the proxy p:3128"},
		"detour's own":                 {[]Source{machine(`{"ProxyMode":"fixed_servers","ProxyServer":"http://localhost:8080"}`)}, Harmless, "point to detour"},
		"direct":                       {[]Source{machine(`{"ProxyMode":"direct"}`)}, Bypass, "the policy ProxyMode (/etc/m.json) makes it connect without a proxy instead of detour"},
		"the system's":                 {[]Source{machine(`{"ProxyMode":"system"}`)}, Bypass, "the system's proxy settings"},
		"WPAD":                         {[]Source{machine(`{"ProxyMode":"auto_detect"}`)}, Bypass, "search for a proxy (WPAD)"},
		"a PAC file":                   {[]Source{machine(`{"ProxyMode":"pac_script","ProxyPacUrl":"http://u:secret@pac/p.pac"}`)}, Bypass, "the PAC file http://pac/p.pac"},
		"a PAC file without its URL":   {[]Source{machine(`{"ProxyMode":"pac_script"}`)}, Harmless, "incomplete"},
		"a server without a mode":      {[]Source{machine(`{"ProxyServer":"p:3128"}`)}, Harmless, "incomplete"},
		"exceptions without a mode":    {[]Source{machine(`{"ProxyBypassList":"*"}`)}, Harmless, "incomplete"},
		"a mode without its server":    {[]Source{machine(`{"ProxyMode":"fixed_servers"}`)}, Harmless, "incomplete"},
		"no such mode":                 {[]Source{machine(`{"ProxyMode":"nonsense","ProxyServer":"p:3128"}`)}, Harmless, "ignores them"},
		"direct with a server":         {[]Source{machine(`{"ProxyMode":"direct","ProxyServer":"p:3128"}`)}, Harmless, "contradictory"},
		"a PAC file and a server":      {[]Source{machine(`{"ProxyMode":"pac_script","ProxyServer":"p:1","ProxyPacUrl":"http://pac/"}`)}, Harmless, "contradictory"},
		"a server and an empty PAC":    {[]Source{machine(`{"ProxyMode":"fixed_servers","ProxyServer":"p:1","ProxyPacUrl":""}`)}, Bypass, "p:1"},
		"a mode against an old one":    {[]Source{machine(`{"ProxyMode":"direct","ProxyServerMode":2,"ProxyServer":"p:1"}`)}, Harmless, "contradictory"},
		"an old mode: none":            {[]Source{machine(`{"ProxyServerMode":0}`)}, Bypass, "without a proxy"},
		"an old mode: a fixed one":     {[]Source{machine(`{"ProxyServerMode":2,"ProxyServer":"p:1"}`)}, Bypass, "p:1"},
		"an old mode: the system's":    {[]Source{machine(`{"ProxyServerMode":3}`)}, Bypass, "system's"},
		"ProxySettings":                {[]Source{machine(`{"ProxySettings":{"ProxyMode":"fixed_servers","ProxyServer":"p:1"}}`)}, Bypass, "the policy ProxySettings (/etc/m.json) makes it use the proxy p:1"},
		"ProxySettings above others":   {[]Source{machine(`{"ProxyMode":"direct","ProxySettings":{"ProxyMode":"fixed_servers","ProxyServer":"q:1"}}`)}, Bypass, "q:1"},
		"an incomplete ProxySettings":  {[]Source{machine(`{"ProxyMode":"direct","ProxySettings":{"ProxyServer":"q:1"}}`)}, Harmless, "incomplete"},
		"an empty ProxySettings":       {[]Source{machine(`{"ProxySettings":{}}`)}, Harmless, "incomplete"},
		"contradictory ProxySettings":  {[]Source{machine(`{"ProxySettings":{"ProxyMode":"direct","ProxyServer":"q:1"}}`)}, Harmless, "contradictory"},
		"recommended":                  {[]Source{recommended(machine(`{"ProxyMode":"fixed_servers","ProxyServer":"p:1"}`))}, Harmless, "recommended only"},
		"of two files":                 {[]Source{machine(`{"ProxyMode":"fixed_servers"}`), source("/etc/n.json", `{"ProxyServer":"p:1"}`)}, Bypass, "p:1"},
		"the last file wins":           {[]Source{machine(`{"ProxyMode":"fixed_servers","ProxyServer":"p:1"}`), source("/etc/n.json", `{"ProxyMode":"fixed_servers","ProxyServer":"q:1"}`)}, Bypass, "q:1"},
		"a recommended server":         {[]Source{machine(`{"ProxyMode":"fixed_servers"}`), recommended(machine(`{"ProxyServer":"p:1"}`))}, Harmless, "incomplete"},
		"the machine's above a user's": {[]Source{user(source("/u", `{"ProxyMode":"direct"}`)), machine(`{"ProxyMode":"system"}`)}, Bypass, "(/etc/m.json) makes it use the system's"},
		"a user's":                     {[]Source{user(source("/u", `{"ProxyMode":"direct"}`))}, Bypass, "(/u)"},
	} {
		check(t, name, Browser{Chromium, "linux", "127.0.0.1:8080"}, tc.sources, tc.kind, tc.says)
	}
}

// check judges sources that have at most one effect.
func check(t *testing.T, name string, b Browser, sources []Source, kind Kind, says string) {
	t.Helper()
	got := Judge(b, sources)
	switch {
	case kind == 0 && len(got) == 0:
	case kind == 0 || len(got) != 1 || got[0].Kind != kind || !strings.Contains(got[0].Text, says):
		t.Errorf("%s: %+v, want kind %d with %q", name, got, kind, says)
	case strings.Contains(got[0].Text, "secret"):
		t.Errorf("%s: %s", name, got[0].Text)
	}
}

func TestJudge_otherPoliciesOfChromium(t *testing.T) {
	for name, tc := range map[string]struct {
		system, values string
		kind           Kind
		says           string
	}{
		"a profile on Windows":        {"windows", `{"UserDataDir":"C:\\p"}`, Bypass, `the profile C:\p instead of the isolated one`},
		"a profile on Linux":          {"linux", `{"UserDataDir":"/p"}`, Harmless, "no effect on Linux"},
		"extensions":                  {"linux", `{"ExtensionInstallForcelist":["a;u","b;u"]}`, Alters, "2 extensions to be installed"},
		"extension settings":          {"linux", `{"ExtensionSettings":{"*":{"installation_mode":"blocked"},"a":{"installation_mode":"force_installed"}}}`, Alters, "1 extension to be installed"},
		"extensions that are blocked": {"linux", `{"ExtensionSettings":{"*":{"installation_mode":"blocked"}}}`, 0, ""},
		"no NSS database":             {"linux", `{"CAPlatformIntegrationEnabled":false}`, Breaks, "NSS database"},
		"no keychain":                 {"darwin", `{"CAPlatformIntegrationEnabled":false}`, 0, ""},
		"blocked pages":               {"linux", `{"URLBlocklist":["*"]}`, Alters, "never reach detour: *"},
		"DNS over HTTPS":              {"linux", `{"DnsOverHttpsMode":"secure"}`, Harmless, "DnsOverHttpsMode"},
		"its server":                  {"linux", `{"DnsOverHttpsTemplates":"https://d/"}`, Harmless, "no effect"},
		"no DevTools from afar":       {"linux", `{"RemoteDebuggingAllowed":false}`, Harmless, "RemoteDebuggingAllowed"},
		"Certificate Transparency":    {"linux", `{"CertificateTransparencyEnforcementDisabledForUrls":["a"]}`, Harmless, "no effect"},
		"cloud management":            {"linux", `{"CloudManagementEnrollmentToken":"t0ken"}`, Unread, "can't read: its page chrome://policy"},
		"what doesn't concern us":     {"linux", `{"HomepageLocation":"https://x/"}`, 0, ""},
	} {
		check(t, name, Browser{Chrome, tc.system, ""}, []Source{machine(tc.values)}, tc.kind, tc.says)
	}
}

// TestJudge_firefox has what Firefox 153 did with each of these behind a profile that
// names a proxy in its user.js.
func TestJudge_firefox(t *testing.T) {
	for name, tc := range map[string]struct {
		policies string
		kind     Kind
		says     string
	}{
		"a locked proxy":       {`{"Proxy":{"Mode":"manual","Locked":true,"HTTPProxy":"p:1"}}`, Bypass, "use the proxy p:1 instead of detour"},
		"one that isn't":       {`{"Proxy":{"Mode":"manual","HTTPProxy":"p:1"}}`, Harmless, "isn't locked"},
		"locked without mode":  {`{"Proxy":{"Locked":true,"HTTPProxy":"p:1"}}`, Bypass, "p:1"},
		"locked to none":       {`{"Proxy":{"Locked":true,"Mode":"none"}}`, Bypass, "without a proxy"},
		"locked to a PAC file": {`{"Proxy":{"Locked":true,"Mode":"autoConfig","AutoConfigURL":"http://u:secret@p/"}}`, Bypass, "the PAC file http://p/"},
		"the registry's words": {`{"Proxy":{"Locked":1,"Mode":"system"}}`, Bypass, "system's"},
		"detour's own":         {`{"Proxy":{"Locked":true,"Mode":"manual","SSLProxy":"127.0.0.1:8080"}}`, Harmless, "points to detour"},
		"a locked preference":  {`{"Preferences":{"network.proxy.type":{"Value":0,"Status":"locked"}}}`, Bypass, "network.proxy.type"},
		"a user's preference":  {`{"Preferences":{"network.proxy.type":{"Value":0,"Status":"user"}}}`, Bypass, "network.proxy.type"},
		"a default":            {`{"Preferences":{"network.proxy.type":{"Value":0,"Status":"default"}}}`, 0, ""},
		"another preference":   {`{"Preferences":{"ui.x":{"Value":0,"Status":"locked"}}}`, 0, ""},
		"blocked pages":        {`{"WebsiteFilter":{"Block":["<all_urls>"]}}`, Alters, "<all_urls>"},
		"DNS over HTTPS":       {`{"DNSOverHTTPS":{"Enabled":true}}`, Harmless, "DNSOverHTTPS"},
		"the system's CAs":     {`{"Certificates":{"ImportEnterpriseRoots":true}}`, Harmless, "Certificates"},
		"extensions":           {`{"ExtensionSettings":{"a@b":{"installation_mode":"force_installed"}}}`, Alters, "1 extension"},
	} {
		values, err := FirefoxJSON([]byte(`{"policies":` + tc.policies + `}`))
		if err != nil {
			t.Fatal(err)
		}
		check(t, name, Browser{Firefox, "linux", "127.0.0.1:8080"}, []Source{{Place: "/p", Values: values}}, tc.kind, tc.says)
	}
}

func TestJudge_whatCannotBeReadIsNoAllClear(t *testing.T) {
	check(t, "a broken file", Browser{Family: Chrome}, []Source{{Place: "/p", Err: "permission denied"}}, Unread, "/p may have policies, but can't be read: permission denied")
}

func TestFamilyOf(t *testing.T) {
	for program, want := range map[string]Family{
		"/usr/bin/google-chrome-stable": Chrome, "/usr/bin/chromium": Chromium, "/snap/bin/chromium": Chromium,
		"/opt/microsoft/msedge/msedge": Edge, "/usr/bin/microsoft-edge": Edge, "/opt/brave.com/brave/brave": Brave,
		"/usr/lib/firefox-esr/firefox-esr": Firefox, `C:\Program Files\Google\Chrome\Application\chrome.exe`: Chrome,
		`C:\Program Files\Chromium\Application\chrome.exe`: Chromium, "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome": Chrome,
		"/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge": Edge, "/opt/vivaldi/vivaldi": Unknown,
	} {
		if got := FamilyOf(program); got != want {
			t.Errorf("%s: %q, want %q", program, got, want)
		}
	}
}
