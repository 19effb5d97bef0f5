package gather

import (
	"context"
	"net/url"
	"os/exec"
	"runtime"
	"strings"

	"detour/internal/doctor"
)

// pac is the automatic proxy configuration that a browser would use: that of the
// environment, which Chromium reads on Linux (empty means discovery), or the system's.
func (cfg Config) pac(ctx context.Context) doctor.PAC {
	const variable = "auto_proxy"
	if at, set := cfg.Env(variable); set && runtime.GOOS == "linux" {
		at = withoutUser(at)
		return doctor.PAC{URL: at, Auto: at == "", Variable: variable}
	}
	args := pacCommand(runtime.GOOS)
	out, err := exec.CommandContext(ctx, args[0], args[1:]...).Output()
	if err != nil {
		return doctor.PAC{} // without GNOME, for example, there is no such setting
	}
	return readPAC(runtime.GOOS, string(out))
}

// pacCommand returns the command that prints a system's automatic proxy configuration, for
// readPAC.
func pacCommand(goos string) []string {
	switch goos {
	case "darwin":
		return []string{"/usr/sbin/scutil", "--proxy"}
	case "windows":
		return []string{"reg", "query", `HKCU\Software\Microsoft\Windows\CurrentVersion\Internet Settings`}
	}
	return []string{"gsettings", "list-recursively", "org.gnome.system.proxy"}
}

// readPAC reads what the command of pacCommand printed.
func readPAC(goos, printed string) (p doctor.PAC) {
	mode, at := "", ""
	for line := range strings.Lines(printed) {
		f := strings.Fields(line)
		if len(f) < 3 {
			continue
		}
		key, value := f[0], strings.Trim(strings.Join(f[2:], " "), "'")
		if goos != "darwin" && goos != "windows" {
			key = f[1] // "org.gnome.system.proxy mode 'auto'"
		}
		switch key {
		case "ProxyAutoConfigEnable", "mode": // "ProxyAutoConfigEnable : 1"
			mode = value
		case "ProxyAutoConfigURLString", "AutoConfigURL", "autoconfig-url": // Windows: "AutoConfigURL    REG_SZ    http://…"
			at = value
		case "ProxyAutoDiscoveryEnable":
			p.Auto = value == "1"
		}
	}
	at = withoutUser(at)
	switch {
	case goos == "windows":
		p.URL = at
	case goos == "darwin" && mode == "1":
		p.URL = at
	case mode == "auto":
		p.URL, p.Auto = at, at == ""
	}
	return p
}

// withoutUser returns a URL without user and password. One that can't be read is as
// good as none, but for that it is there.
func withoutUser(at string) string {
	u, err := url.Parse(at)
	if err != nil {
		return "(unreadable)"
	}
	u.User = nil
	return u.String()
}
