package systemproxy

import (
	"reflect"
	"testing"
)

const scutil = `<dictionary> {
  ExceptionsList : <array> {
    0 : *.local
    1 : 169.254/16
  }
  ExcludeSimpleHostnames : 1
  HTTPEnable : 1
  HTTPPort : 3128
  HTTPProxy : proxy.corp.example
  HTTPSEnable : 1
  HTTPSPort : 3129
  HTTPSProxy : proxy.corp.example
  ProxyAutoConfigEnable : 0
  ProxyAutoConfigURLString : http://pac.corp.example/p.pac
  ProxyAutoDiscoveryEnable : 0
  SOCKSEnable : 0
  SOCKSPort : 1080
  SOCKSProxy : socks.corp.example
}
`

// scoped is what scutil prints of a Mac with a VPN: after the settings in use, those of each
// interface.
const scoped = `<dictionary> {
  ExceptionsList : <array> {
    0 : *.local
  }
  FTPPassive : 1
  HTTPEnable : 0
  HTTPSEnable : 1
  HTTPSPort : 8080
  HTTPSProxy : proxy.corp.example
  __SCOPED__ : <dictionary> {
    en0 : <dictionary> {
      ExceptionsList : <array> {
        0 : *.home.example
      }
      FTPPassive : 1
      HTTPSEnable : 0
      ProxyAutoConfigEnable : 1
      ProxyAutoConfigURLString : http://home.example/p.pac
    }
    utun3 : <dictionary> {
      HTTPSEnable : 1
      HTTPSPort : 8081
      HTTPSProxy : other.corp.example
    }
  }
}
`

const gnome = `org.gnome.system.proxy autoconfig-url 'http://pac.corp.example/p.pac'
org.gnome.system.proxy ignore-hosts ['localhost', '127.0.0.0/8', '::1', '*.corp.example']
org.gnome.system.proxy mode 'manual'
org.gnome.system.proxy use-same-proxy true
org.gnome.system.proxy.http host 'proxy.corp.example'
org.gnome.system.proxy.http port 3128
org.gnome.system.proxy.https host 'secure.corp.example'
org.gnome.system.proxy.https port 3129
org.gnome.system.proxy.socks host ''
org.gnome.system.proxy.socks port 0
`

const kde = `[Other]
ProxyType=3
[Proxy Settings][Warnings]
x=y
[Proxy Settings]
NoProxyFor=corp.example,10.0.0.0/8, .other.example
Proxy Config Script=http://pac.corp.example/p.pac
ProxyType[$i]=1
httpProxy=http://proxy.corp.example 3128
httpsProxy=http://proxy.corp.example:3129/
socksProxy=socks://socks.corp.example 1080
`

func TestParsers_knowEachSystemsWords(t *testing.T) {
	const pac = "http://pac.corp.example/p.pac"
	for name, tc := range map[string]struct{ got, want Settings }{
		"macOS": {fromScutil(scutil), Settings{
			Source: "macOS", HTTP: "proxy.corp.example:3128", HTTPS: "proxy.corp.example:3129", Bypass: []string{"*.local", "169.254/16", "<local>"},
		}},
		"macOS, with settings of each interface": {
			fromScutil(scoped), Settings{Source: "macOS", HTTPS: "proxy.corp.example:8080", Bypass: []string{"*.local"}},
		},
		"macOS, a PAC file and WPAD": {
			fromScutil("<dictionary> {\n  ProxyAutoConfigEnable : 1\n  ProxyAutoConfigURLString : " + pac + "\n  ProxyAutoDiscoveryEnable : 1\n}\n"),
			Settings{Source: "macOS", PAC: pac, Discover: true},
		},
		"macOS, none": {fromScutil("<dictionary> {\n}\n"), Settings{Source: "macOS"}},
		"GNOME": {fromGSettings(gnome), Settings{
			Source: "GNOME", HTTP: "proxy.corp.example:3128", HTTPS: "secure.corp.example:3129",
			Bypass: []string{"localhost", "127.0.0.0/8", "::1", "*.corp.example"},
		}},
		"GNOME, none": {
			fromGSettings("org.gnome.system.proxy mode 'none'\norg.gnome.system.proxy ignore-hosts @as []\norg.gnome.system.proxy.http host 'p'\norg.gnome.system.proxy.http port 1\n"),
			Settings{Source: "GNOME"},
		},
		"GNOME, a PAC file": {fromGSettings("org.gnome.system.proxy mode 'auto'\norg.gnome.system.proxy autoconfig-url '" + pac + "'\n"), Settings{Source: "GNOME", PAC: pac}},
		"GNOME, WPAD":       {fromGSettings("org.gnome.system.proxy mode 'auto'\norg.gnome.system.proxy autoconfig-url ''\n"), Settings{Source: "GNOME", Discover: true}},
		"KDE": {fromKDE(kde), Settings{
			Source: "KDE", HTTP: "http://proxy.corp.example:3128", HTTPS: "http://proxy.corp.example:3129", SOCKS: "socks.corp.example:1080",
			Bypass: []string{".corp.example", "10.0.0.0/8", ".other.example"},
		}},
		"KDE, a PAC file": {fromKDE("[Proxy Settings]\nProxyType=2\nProxy Config Script=" + pac + "\n"), Settings{Source: "KDE", PAC: pac}},
		"KDE, WPAD":       {fromKDE("[Proxy Settings]\nProxyType=3\n"), Settings{Source: "KDE", Discover: true}},
		"Windows": {fromRegistry(nil, nil, Values{"ProxyEnable": uint64(1), "ProxyServer": "proxy.corp.example:8080", "ProxyOverride": "*.corp.example;10.*;<local>"}), Settings{
			Source: "Windows", HTTP: "proxy.corp.example:8080", HTTPS: "proxy.corp.example:8080", Bypass: []string{"*.corp.example", "10.*", "<local>"},
		}},
		"Windows, by scheme": {fromRegistry(nil, Values{"ProxyEnable": uint64(1), "ProxyServer": "http=a;https=http://b:2;socks=c:3;ftp=d:4"}), Settings{
			Source: "Windows", HTTP: "a:80", HTTPS: "http://b:2", SOCKS: "c:3",
		}},
		"Windows, off":    {fromRegistry(nil, Values{"ProxyEnable": uint64(0), "ProxyServer": "a:1"}), Settings{Source: "Windows"}},
		"Windows, policy": {fromRegistry(nil, Values{"AutoConfigURL": pac}, Values{"AutoConfigURL": "http://own/"}), Settings{Source: "Windows", PAC: pac}},
		"Windows, WPAD":   {fromRegistry([]byte{70, 0, 0, 0, 1, 0, 0, 0, 9}), Settings{Source: "Windows", Discover: true}},
	} {
		if !reflect.DeepEqual(tc.got, tc.want) {
			t.Errorf("%s:\ngot  %+v\nwant %+v", name, tc.got, tc.want)
		}
	}
}

func TestSettings_forASchemeAndInWords(t *testing.T) {
	for _, tc := range []struct {
		s                 Settings
		https, http, says string
	}{
		{Settings{}, "", "", "no proxy"},
		{Settings{HTTPS: "p:1", HTTP: "q:2"}, "http://p:1", "http://q:2", "the proxy http://p:1"},
		{Settings{HTTPS: "https://u:secret@p:1"}, "https://u:secret@p:1", "", "the proxy https://p:1"},
		{Settings{SOCKS: "s:1"}, "socks5h://s:1", "socks5h://s:1", "the proxy socks5h://s:1"},
		{Settings{SOCKS: "socks://s:1"}, "socks5h://s:1", "socks5h://s:1", "the proxy socks5h://s:1"},
		{Settings{HTTP: "q:2"}, "", "http://q:2", "the proxy http://q:2, for http only"},
		{Settings{PAC: "http://u:secret@p/x"}, "", "", "the PAC file http://p/x"},
		{Settings{HTTPS: "p:1", Discover: true}, "http://p:1", "", "the proxy http://p:1"},
		{Settings{Discover: true}, "", "", "a PAC file that is searched for (WPAD)"},
	} {
		if a, b, c := tc.s.For("https"), tc.s.For("http"), tc.s.String(); a != tc.https || b != tc.http || c != tc.says {
			t.Errorf("%+v: %q, %q, %q", tc.s, a, b, c)
		}
	}
}

func TestDirect_asEachSystemWritesIt(t *testing.T) {
	for entry, hosts := range map[string]struct{ in, out string }{
		"<local>": {"intranet", "a.example"}, "*.corp.example": {"a.corp.example", "corp.example"}, "10.*": {"10.1.2.3", "110.1.2.3"},
		"*corp*": {"x.corp.y", "x.y"}, "169.254/16": {"169.254.1.1", "169.253.1.1"}, "10.0.0.0/8": {"10.9.9.9", "a.example"},
		".corp.example": {"a.corp.example", "acorp.example"}, "A.Example": {"a.example.", "b.a.example"}, "::1": {"::1", "::2"},
		"https://a.example": {"a.example", "b.example"}, "fd00::/8": {"fd00::1", "fe80::1"}, "": {"", "x"}, "nonsense/x": {"", "10.0.0.1"},
	} {
		s := Settings{Bypass: []string{"first.example", entry}}
		if hosts.in != "" && !s.Direct(hosts.in) || s.Direct(hosts.out) {
			t.Errorf("%q: %s %v, %s %v", entry, hosts.in, s.Direct(hosts.in), hosts.out, s.Direct(hosts.out))
		}
	}
}

func FuzzParsers(f *testing.F) {
	for _, s := range []string{scutil, scoped, gnome, kde, "http=a;https=b:1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, s := range []Settings{
			fromScutil(text), fromGSettings(text), fromKDE(text), fromRegistry([]byte(text), Values{"ProxyEnable": uint64(1), "ProxyServer": text, "ProxyOverride": text}),
		} {
			_, _, _ = s.String(), s.For("http"), s.Direct(text)
		}
	})
}
