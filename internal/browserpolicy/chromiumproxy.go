package browserpolicy

import (
	"maps"
	"slices"
	"strings"
)

// proxyPolicies are the policies for the proxy, and what each is called in ProxySettings.
func proxyPolicies() []string {
	return []string{"ProxyMode", "ProxyServerMode", "ProxyServer", "ProxyPacUrl", "ProxyPacMandatory", "ProxyBypassList"}
}

// proxy judges the policies for the proxy. The highest level that has any of them decides
// alone, and there ProxySettings overrides the others. Those of recommended sources lose
// to the command line, which names detour.
func (b Browser) proxy(sources []Source) []Effect {
	for i, level := range levels(sources) {
		set := make(map[string]setting)
		for _, s := range level {
			for name, v := range s.Values {
				if name == "ProxySettings" || slices.Contains(proxyPolicies(), name) {
					set[name] = setting{v, s.Place}
				}
			}
		}
		switch {
		case len(set) == 0:
			continue
		case i >= 2:
			names := slices.Sorted(maps.Keys(set))
			return []Effect{{Harmless, names, subject(names, set[names[0]].place) + " " + verb(names, "is", "are") +
				" recommended only, which detour's command line overrides"}}
		}
		return []Effect{b.proxyEffect(set)}
	}
	return nil
}

// proxyEffect judges the policies of one level.
func (b Browser) proxyEffect(set map[string]setting) Effect {
	names, values := slices.Sorted(maps.Keys(set)), make(map[string]any)
	place := set[names[0]].place
	if s, ok := set["ProxySettings"]; ok {
		names, place = []string{"ProxySettings"}, s.place
		values, _ = s.value.(map[string]any)
	} else {
		for name, s := range set {
			values[name] = s.value
		}
	}
	does, target := chromiumProxy(values)
	switch {
	case does == "":
		return Effect{Harmless, names, subject(names, place) + " " + verb(names, "is", "are") +
			" incomplete or contradictory, and the browser ignores " + verb(names, "it", "them")}
	case target != "" && b.Proxy != "" && sameAddress(target, b.Proxy):
		return Effect{Harmless, names, subject(names, place) + " " + verb(names, "points", "point") + " to detour"}
	}
	return Effect{Bypass, names, subject(names, place) + " " + verb(names, "makes", "make") + " it " + does + " instead of detour"}
}

// chromiumProxy returns what a set of proxy policies makes the browser do, and the proxy
// if it is one for all requests; "" if the browser ignores the set, as it does if a value
// is missing, or is set that the mode doesn't have.
func chromiumProxy(values map[string]any) (does, target string) {
	text := func(name string) string { s, _ := values[name].(string); return s }
	server, pac, bypass := text("ProxyServer"), text("ProxyPacUrl"), text("ProxyBypassList")
	mode, hasMode := values["ProxyMode"].(string)
	if old, ok := number(values["ProxyServerMode"]); !hasMode && ok {
		mode = oldMode(old, pac)
	}
	switch {
	case mode == "fixed_servers" && server != "" && pac == "":
		return "use the proxy " + withoutUser(server), strings.TrimPrefix(server, "http://")
	case mode == "pac_script" && pac != "" && server == "" && bypass == "":
		if len(pac) > maxURL {
			pac = pac[:maxURL] + "…"
		}
		return "use the PAC file " + withoutUser(pac), ""
	case server != "" || pac != "" || bypass != "":
		return "", ""
	case mode == "direct":
		return "connect without a proxy", ""
	case mode == "system":
		return "use the system's proxy settings", ""
	case mode == "auto_detect":
		return "search for a proxy (WPAD)", ""
	}
	return "", ""
}

// maxURL is how much is shown of a URL, which may be a whole script (data:).
const maxURL = 100

// oldMode is the ProxyMode for a ProxyServerMode, which came before it.
func oldMode(old int, pac string) string {
	switch {
	case old == 0:
		return "direct"
	case old == 1:
		return "auto_detect"
	case old == 2 && pac != "":
		return "pac_script"
	case old == 2:
		return "fixed_servers"
	case old == 3:
		return "system"
	}
	return ""
}

// number reads a whole number, which is a float64 in JSON.
func number(v any) (int, bool) {
	switch n := v.(type) {
	case float64:
		return int(n), true
	case uint64:
		return int(n), true //nolint:gosec // a mode has one digit
	}
	return 0, false
}

// truth reads a boolean, which is a number in the registry.
func truth(v any) (on, ok bool) {
	if on, ok := v.(bool); ok {
		return on, true
	}
	n, ok := number(v)
	return n != 0, ok
}

// sameAddress reports whether two host:port are the same one.
func sameAddress(a, b string) bool {
	local := func(at string) string { return strings.Replace(strings.ToLower(at), "localhost:", "127.0.0.1:", 1) }
	return local(a) == local(b)
}
