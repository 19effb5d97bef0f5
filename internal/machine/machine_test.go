package machine

import (
	"context"
	"maps"
	"runtime"
	"strings"
	"testing"

	"detour/internal/flow"
)

func TestProxies_haveNoPasswords(t *testing.T) {
	env := map[string]string{
		"HTTPS_PROXY": "http://user:s3cr3t@corp.example:3128/", "http_proxy": "user:s3cr3t@corp.example:80", "ALL_PROXY": "socks5://corp.example:1080",
		"HTTP_PROXY": "http://us@er:s3cr3t%zz@corp.example:1", "all_proxy": "http://1234:5678#s3cr3t@corp.example:1", "NO_PROXY": "localhost,.internal",
	}
	got := Proxies(func(name string) string { return env[name] })
	want := map[string]string{
		"HTTPS_PROXY": "http://corp.example:3128/", "http_proxy": "corp.example:80", "ALL_PROXY": "socks5://corp.example:1080",
		"HTTP_PROXY": "http://corp.example:1", "all_proxy": "http://corp.example:1", "NO_PROXY": "localhost,.internal",
	}
	if !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestPrettyName_isThatOfTheSystem(t *testing.T) {
	if got := prettyName([]byte("ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n")); got != "Debian GNU/Linux 12 (bookworm)" {
		t.Errorf("got %q", got)
	}
}

func TestLines_areBounded(t *testing.T) {
	if got := lines([]byte(strings.Repeat("default via 10.0.0.1\n\n", maxRoutes+9))); len(got) != maxRoutes {
		t.Errorf("%d lines", len(got))
	}
}

func TestDescribe_knowsThisMachine(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("it is written for the machine of the tests")
	}
	var e flow.Environment
	Describe(context.Background(), &e)
	if e.OS != "linux" || e.Kernel == "" || e.System == "" || e.Arch == "" {
		t.Errorf("%+v", e)
	}
}
