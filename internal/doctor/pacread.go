package doctor

import "strings"

// PACCommand is the command that prints a system's automatic proxy configuration,
// for ReadPAC.
func PACCommand(goos string) []string {
	switch goos {
	case "darwin":
		return []string{"/usr/sbin/scutil", "--proxy"}
	case "windows":
		return []string{"reg", "query", `HKCU\Software\Microsoft\Windows\CurrentVersion\Internet Settings`}
	}
	return []string{"gsettings", "list-recursively", "org.gnome.system.proxy"}
}

// ReadPAC reads what PACCommand's command printed.
func ReadPAC(goos, printed string) (p PAC) {
	mode, url := "", ""
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
			url = value
		case "ProxyAutoDiscoveryEnable":
			p.Auto = value == "1"
		}
	}
	switch {
	case goos == "windows":
		p.URL = url
	case goos == "darwin" && mode == "1":
		p.URL = url
	case mode == "auto":
		p.URL, p.Auto = url, url == ""
	}
	return p
}
