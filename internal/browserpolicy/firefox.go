package browserpolicy

import (
	"slices"
	"strings"

	"detour/internal/wording"
)

// firefox judges Firefox's policies. detour's settings are user preferences: a policy that
// only changes a default loses to them (github.com/mozilla/policy-templates).
func (b Browser) firefox(sources []Source) (out []Effect) {
	set := make(map[string]setting)
	for _, s := range sources {
		for name, v := range s.Values {
			set[name] = setting{v, s.Place}
		}
	}
	out = append(out, b.firefoxProxy(set["Proxy"])...)
	if names := preferences(set["Preferences"].value); len(names) > 0 {
		out = append(out, Effect{Bypass, []string{"Preferences"}, subject([]string{"Preferences"}, set["Preferences"].place) +
			" overrides the proxy that detour sets (" + wording.Some(names, 3) + ")"})
	}
	if filter, _ := set["WebsiteFilter"].value.(map[string]any); len(texts(filter["Block"])) > 0 {
		names := []string{"WebsiteFilter"}
		out = append(out, Effect{Alters, names, subject(names, set[names[0]].place) +
			" blocks requests in the browser, so that they never reach detour: " + wording.Some(texts(filter["Block"]), 3)})
	}
	out = append(out, extensions(map[string]setting{"ExtensionSettings": set["ExtensionSettings"]})...)
	for _, name := range []string{"Certificates", "DNSOverHTTPS"} {
		if s := set[name]; s.value != nil {
			out = append(out, Effect{Harmless, []string{name}, subject([]string{name}, s.place) + " has no effect on detour"})
		}
	}
	return out
}

// firefoxProxy judges the policy Proxy. It overrides a profile's settings only if it is
// locked.
func (b Browser) firefoxProxy(s setting) []Effect {
	values, _ := s.value.(map[string]any)
	if len(values) == 0 {
		return nil
	}
	names := []string{"Proxy"}
	if locked, _ := truth(values["Locked"]); !locked {
		return []Effect{{Harmless, names, subject(names, s.place) + " isn't locked, so that detour's settings override it"}}
	}
	text := func(name string) string { v, _ := values[name].(string); return withoutUser(v) }
	does := "use other proxy settings than detour's"
	switch mode := text("Mode"); {
	case mode == "none":
		does = "connect without a proxy"
	case mode == "system":
		does = "use the system's proxy settings"
	case mode == "autoDetect":
		does = "search for a proxy (WPAD)"
	case mode == "autoConfig":
		does = "use the PAC file " + text("AutoConfigURL")
	case text("SSLProxy") != "":
		does = "use the proxy " + text("SSLProxy")
	case text("HTTPProxy") != "":
		does = "use the proxy " + text("HTTPProxy")
	case text("Passthrough") == "" && mode == "":
		return nil // it locks nothing that names a proxy
	}
	if target := text("SSLProxy"); b.Proxy != "" && sameAddress(target, b.Proxy) {
		return []Effect{{Harmless, names, subject(names, s.place) + " points to detour"}}
	}
	return []Effect{{Bypass, names, subject(names, s.place) + " makes it " + does + " instead of detour"}}
}

// preferences returns the preferences for the proxy that the policy Preferences puts above
// those of the profile: all but changed defaults.
func preferences(value any) (out []string) {
	all, _ := value.(map[string]any)
	for name, v := range all {
		one, isDict := v.(map[string]any)
		status, _ := one["Status"].(string)
		if strings.HasPrefix(name, "network.proxy.") && (!isDict || status != "default") {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}
