package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"detour/internal/manualsetup"
	"detour/internal/typed"
	"detour/internal/usererr"
)

func TestPageURL_aHostNeedsNoScheme(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "a.example")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for word, want := range map[string]string{
		"https://a.example/x": "https://a.example/x", "http://localhost:8080": "http://localhost:8080",
		"eu-west-1.console.aws.amazon.com/ec2": "https://eu-west-1.console.aws.amazon.com/ec2",
		"console.aws.amazon.com":               "https://console.aws.amazon.com",
		"a.example:8443/x?y=1#z":               "https://a.example:8443/x?y=1#z", "10.0.0.1": "https://10.0.0.1", "10.0.0.1:8443": "https://10.0.0.1:8443",
		"[::1]:8443": "https://[::1]:8443",
		"demmo":      "", "localhost": "", "localhost:8080": "", "console.har": "", "x.detour": "", "./console": "", "../a.example": "", "/etc/hosts": "",
		"a..example": "", ".example": "", "-a.example": "", "a.example:x": "", "a b.example": "", "1.2": "", "ftp://a.example": "", "": "", file: "",
	} {
		if got, ok := typed.PageURL(word); got != want || ok != (want != "") {
			t.Errorf("%q is %q (%v), want %q", word, got, ok, want)
		}
	}
	for word, hint := range map[string]string{
		"demmo": "did you mean detour demo?", "console.har": "detour open console.har shows it", "localhost:8080": "detour http://localhost:8080",
		"ftp://a.example": "detour opens https:// and http:// addresses", file: "detour open " + file,
	} {
		err := oneURL(rootCommand(nil, nil), []string{word})
		if got := usererr.As(err); got == nil || !strings.Contains(got.Hint, hint) {
			t.Errorf("%q: %v, want the hint %q", word, err, hint)
		}
	}
}

func TestSSHForward_onlyForARemoteTerminalWithoutADisplay(t *testing.T) {
	const connection = "198.51.100.7 50000 192.0.2.1 22"
	for name, v := range map[string]struct {
		env  map[string]string
		want string
	}{
		"remote":           {map[string]string{"SSH_CONNECTION": connection, "USER": "ann"}, "ssh -L 8080:127.0.0.1:8080 ann@192.0.2.1"},
		"another port":     {map[string]string{"SSH_CONNECTION": "::1 5 2001:db8::1 2222", "USER": "ann"}, "ssh -L 8080:127.0.0.1:8080 -p 2222 ann@2001:db8::1"},
		"no user":          {map[string]string{"SSH_CONNECTION": connection}, "ssh -L 8080:127.0.0.1:8080 USER@192.0.2.1"},
		"a hostile user":   {map[string]string{"SSH_CONNECTION": connection, "USER": "-oProxyCommand=x"}, "ssh -L 8080:127.0.0.1:8080 USER@192.0.2.1"},
		"a display":        {map[string]string{"SSH_CONNECTION": connection, "DISPLAY": "localhost:10.0"}, ""},
		"local":            {nil, ""},
		"not of this form": {map[string]string{"SSH_CONNECTION": "a b $(c) 22"}, ""},
	} {
		if got := manualsetup.SSHForward(func(k string) string { return v.env[k] }, "127.0.0.1:8080"); got != v.want {
			t.Errorf("%s: %q, want %q", name, got, v.want)
		}
	}
	steps := manualsetup.Setup{Proxy: "http://127.0.0.1:8080", SSH: "ssh -L x"}.Steps()
	if !strings.Contains(steps[0], "run ssh -L x") || !strings.Contains(steps[1], "as the HTTP and HTTPS proxy") {
		t.Errorf("%q", steps)
	}
}
