package systemproxy

import (
	"net"
	"strconv"
	"strings"
)

// fromScutil reads what scutil --proxy prints on macOS: "  HTTPSEnable : 1", and lists as
// "    0 : *.local" below "ExceptionsList : <array> {". What is below any other key, such as the
// settings of each interface below __SCOPED__, isn't what programs use.
func fromScutil(printed string) Settings {
	values := make(map[string]string)
	s := Settings{Source: "macOS"}
	var within []string // the keys of the lists and dictionaries around the line
	for line := range strings.Lines(printed) {
		line = strings.TrimSpace(line)
		key, value, ok := strings.Cut(line, " : ")
		switch {
		case line == "}":
			within = within[:max(0, len(within)-1)]
		case strings.HasSuffix(line, "{"):
			within = append(within, key)
		case !ok:
		case len(within) == 1:
			values[key] = value
		case len(within) == 2 && within[1] == "ExceptionsList":
			s.Bypass = append(s.Bypass, value)
		}
	}
	at := func(kind string) string {
		if values[kind+"Enable"] != "1" {
			return ""
		}
		return hostPort(values[kind+"Proxy"], values[kind+"Port"])
	}
	s.HTTP, s.HTTPS, s.SOCKS = at("HTTP"), at("HTTPS"), at("SOCKS")
	if values["ProxyAutoConfigEnable"] == "1" {
		s.PAC = values["ProxyAutoConfigURLString"]
	}
	s.Discover = values["ProxyAutoDiscoveryEnable"] == "1"
	if values["ExcludeSimpleHostnames"] == "1" {
		s.Bypass = append(s.Bypass, "<local>")
	}
	return s
}

// hostPort joins a host and a port; "" if one is missing.
func hostPort(host, port string) string {
	if host == "" || port == "" || port == "0" {
		return ""
	}
	return net.JoinHostPort(strings.Trim(host, "[]"), port)
}

// fromGSettings reads what gsettings list-recursively org.gnome.system.proxy prints:
// "org.gnome.system.proxy.https host 'proxy'".
func fromGSettings(printed string) Settings {
	values := make(map[string]string)
	for line := range strings.Lines(printed) {
		f := strings.SplitN(strings.TrimSpace(line), " ", 3)
		if len(f) == 3 {
			values[strings.TrimPrefix(strings.TrimPrefix(f[0], "org.gnome.system.proxy"), ".")+"/"+f[1]] = f[2]
		}
	}
	text := func(key string) string { return strings.Trim(values[key], "'") }
	s := Settings{Source: "GNOME"}
	for word := range strings.SplitSeq(strings.Trim(values["/ignore-hosts"], "@as []"), ",") {
		if word = strings.Trim(strings.TrimSpace(word), "'"); word != "" {
			s.Bypass = append(s.Bypass, word)
		}
	}
	switch text("/mode") {
	case "manual":
		at := func(kind string) string { return hostPort(text(kind+"/host"), values[kind+"/port"]) }
		s.HTTP, s.HTTPS, s.SOCKS = at("http"), at("https"), at("socks")
		if values["/use-same-proxy"] == "true" && s.HTTPS == "" {
			s.HTTPS = s.HTTP
		}
	case "auto":
		s.PAC = text("/autoconfig-url")
		s.Discover = s.PAC == ""
	}
	return s
}

// fromKDE reads the section [Proxy Settings] of kioslaverc. ProxyType is 0 none, 1 manual,
// 2 a PAC file, 3 WPAD, 4 the environment, which detour reads itself. A proxy is
// "http://proxy 3128", or with a colon.
func fromKDE(file string) Settings {
	values := make(map[string]string)
	section := ""
	for line := range strings.Lines(file) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			section = withoutBlanks(line)
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if ok && section == "[ProxySettings]" {
			key, _, _ = strings.Cut(key, "[") // "ProxyType[$i]": it can't be changed
			values[withoutBlanks(key)] = value
		}
	}
	s := Settings{Source: "KDE"}
	at := func(key string) string {
		scheme, rest, ok := strings.Cut(values[key], "://")
		if !ok {
			scheme, rest = "http", scheme
		}
		rest = strings.TrimSuffix(strings.Replace(strings.TrimSpace(rest), " ", ":", 1), "/")
		if rest == "" || key == "socksProxy" {
			return rest
		}
		return scheme + "://" + rest
	}
	switch values["ProxyType"] {
	case "1":
		s.HTTP, s.HTTPS, s.SOCKS = at("httpProxy"), at("httpsProxy"), at("socksProxy")
		for word := range strings.FieldsFuncSeq(values["NoProxyFor"], func(r rune) bool { return r == ',' || r == ' ' }) {
			if strings.Trim(word, ".0123456789/:*") != "" && !strings.HasPrefix(word, ".") {
				word = "." + word // KDE takes a name for a domain
			}
			s.Bypass = append(s.Bypass, word)
		}
	case "2":
		s.PAC = values["ProxyConfigScript"]
	case "3":
		s.Discover = true
	}
	return s
}

func withoutBlanks(s string) string { return strings.ReplaceAll(s, " ", "") }

// Values are those of a registry key: text, numbers and bytes.
type Values = map[string]any

// fromRegistry reads the keys Internet Settings of Windows, those of policies first: of
// two that have a value, the first counts. connections is DefaultConnectionSettings, whose
// ninth byte has 8 if a PAC file is searched for.
func fromRegistry(connections []byte, keys ...Values) Settings {
	get := func(name string) any {
		for _, k := range keys {
			if v, ok := k[name]; ok {
				return v
			}
		}
		return nil
	}
	text := func(name string) string { s, _ := get(name).(string); return strings.TrimSpace(s) }
	s := Settings{Source: "Windows", PAC: text("AutoConfigURL"), Discover: len(connections) > 8 && connections[8]&8 != 0}
	if on, _ := get("ProxyEnable").(uint64); on == 0 {
		return s
	}
	for part := range strings.FieldsFuncSeq(text("ProxyServer"), func(r rune) bool { return r == ';' || r == ' ' }) {
		kind, at, ok := strings.Cut(part, "=")
		switch {
		case !ok:
			s.HTTP, s.HTTPS = withPort(part), withPort(part)
		case kind == "http":
			s.HTTP = withPort(at)
		case kind == "https":
			s.HTTPS = withPort(at)
		case kind == "socks":
			s.SOCKS = at
		}
	}
	for entry := range strings.SplitSeq(text("ProxyOverride"), ";") {
		if entry != "" {
			s.Bypass = append(s.Bypass, entry)
		}
	}
	return s
}

// withPort adds the port that Windows and browsers assume, which curl doesn't.
func withPort(at string) string {
	host := at[strings.Index(at, "//")+1:]
	if i := strings.LastIndex(host, ":"); i >= 0 {
		if _, err := strconv.Atoi(strings.Trim(host[i+1:], "/")); err == nil {
			return at
		}
	}
	return at + ":80"
}
