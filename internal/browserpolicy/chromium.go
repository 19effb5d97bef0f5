package browserpolicy

import (
	"detour/internal/wording"
)

// A setting is the value of a policy in force, and where it comes from.
type setting struct {
	value any
	place string
}

// levels returns the sources by precedence: mandatory before recommended, then those for
// the machine before those for the user (chromium.org, policy precedence).
func levels(sources []Source) [4][]Source {
	var out [4][]Source
	for _, s := range sources {
		i := 0
		if s.User {
			i++
		}
		if s.Recommended {
			i += 2
		}
		out[i] = append(out[i], s)
	}
	return out
}

// inForce returns the mandatory policies.
func inForce(sources []Source) map[string]setting {
	out := make(map[string]setting)
	by := levels(sources)
	for _, level := range [][]Source{by[1], by[0]} { // the machine's overwrite the user's
		for _, s := range level {
			for name, v := range s.Values {
				out[name] = setting{v, s.Place}
			}
		}
	}
	return out
}

// harmless are policies that concern what detour uses, and don't interfere with it: behind
// a proxy the browser resolves no names itself; detour doesn't use DevTools; and
// Certificate Transparency is required of public CAs only.
func harmless() []string {
	return []string{
		"DnsOverHttpsMode", "DnsOverHttpsTemplates", "RemoteDebuggingAllowed",
		"CertificateTransparencyEnforcementDisabledForUrls", "CertificateTransparencyEnforcementDisabledForCas",
	}
}

// chromium judges a browser of Chromium's kind.
func (b Browser) chromium(sources []Source) (out []Effect) {
	set := inForce(sources)
	out = append(out, b.proxy(sources)...)
	if dir, ok := set["UserDataDir"].value.(string); ok {
		out = append(out, b.userDataDir(dir, set["UserDataDir"].place))
	}
	if on, ok := truth(set["CAPlatformIntegrationEnabled"].value); ok && !on && b.System == "linux" {
		names := []string{"CAPlatformIntegrationEnabled"}
		out = append(out, Effect{Breaks, names, subject(names, set[names[0]].place) +
			" keeps it from trusting the certificates in its NSS database, where the run's root is"})
	}
	if list := texts(set["URLBlocklist"].value); len(list) > 0 {
		names := []string{"URLBlocklist"}
		out = append(out, Effect{Alters, names, subject(names, set[names[0]].place) +
			" blocks requests in the browser, so that they never reach detour: " + wording.Some(list, 3)})
	}
	out = append(out, extensions(set)...)
	if token := set["CloudManagementEnrollmentToken"]; token.value != nil {
		out = append(out, Effect{Unread, nil, "it is enrolled in cloud management (" + token.place +
			"), whose policies detour can't read: its page chrome://policy lists them"})
	}
	for _, name := range harmless() {
		if s := set[name]; s.value != nil {
			out = append(out, Effect{Harmless, []string{name}, subject([]string{name}, s.place) + " has no effect on detour"})
		}
	}
	return out
}

// userDataDir judges the policy that overrides the switch for the profile's directory,
// which only Windows and macOS have (chromeenterprise.google/policies, UserDataDir).
func (b Browser) userDataDir(dir, place string) Effect {
	names := []string{"UserDataDir"}
	if b.System == "linux" {
		return Effect{Harmless, names, subject(names, place) + " has no effect on Linux"}
	}
	return Effect{Bypass, names, subject(names, place) + " makes it use the profile " + dir +
		" instead of the isolated one; if a browser has that profile open, it shows the page, without detour"}
}

// extensions judges what is installed into every profile.
func extensions(set map[string]setting) (out []Effect) {
	const does = " to be installed in the isolated browser, too: it can set another proxy, and its requests are recorded like the page's"
	if list := texts(set["ExtensionInstallForcelist"].value); len(list) > 0 {
		names := []string{"ExtensionInstallForcelist"}
		out = append(out, Effect{Alters, names, subject(names, set[names[0]].place) + " has " +
			wording.Count(len(list), "extension") + does})
	}
	if n := forced(set["ExtensionSettings"].value); n > 0 {
		names := []string{"ExtensionSettings"}
		out = append(out, Effect{Alters, names, subject(names, set[names[0]].place) + " has " +
			wording.Count(n, "extension") + does})
	}
	return out
}

// forced counts the extensions of an ExtensionSettings that are installed by it; Firefox
// has the same form.
func forced(value any) (n int) {
	all, _ := value.(map[string]any)
	for _, v := range all {
		one, _ := v.(map[string]any)
		if mode := one["installation_mode"]; mode == "force_installed" || mode == "normal_installed" {
			n++
		}
	}
	return n
}
