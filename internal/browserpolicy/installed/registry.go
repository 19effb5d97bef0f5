package installed

import (
	"path"
	"strings"

	"detour/internal/browserpolicy"
)

// registryPath is a family's key below HKLM and HKCU.
func registryPath(f browserpolicy.Family) string {
	return `Software\Policies\` + map[browserpolicy.Family]string{
		browserpolicy.Chrome: `Google\Chrome`, browserpolicy.Chromium: "Chromium", browserpolicy.Edge: `Microsoft\Edge`,
		browserpolicy.Brave: `BraveSoftware\Brave`, browserpolicy.Firefox: `Mozilla\Firefox`,
	}[f]
}

// fromRegistry reads the keys of the user and of the machine, whose policies come last and
// so override. Chromium's have those that are only recommended in a key below. For
// Firefox, its file comes first: what is in the registry overrides it.
func (m machine) fromRegistry(f browserpolicy.Family, program string) (out []browserpolicy.Source) {
	if f == browserpolicy.Firefox {
		dir := path.Dir(strings.ReplaceAll(program, `\`, "/"))
		out = m.firefoxFile(path.Join(dir, "distribution"))
	}
	for _, user := range []bool{true, false} {
		place := `HKLM\` + registryPath(f)
		if user {
			place = `HKCU\` + registryPath(f)
		}
		k, err := m.registry(user, registryPath(f))
		if err != nil {
			out = append(out, browserpolicy.Source{Place: place, User: user, Err: err.Error()})
			continue
		}
		if below, ok := k.Keys["Recommended"]; ok {
			delete(k.Keys, "Recommended")
			out = append(out, browserpolicy.Source{Place: place + `\Recommended`, User: user, Recommended: true, Values: below.Policies()})
		}
		if len(k.Keys)+len(k.Values) > 0 {
			out = append(out, browserpolicy.Source{Place: place, User: user, Values: k.Policies()})
		}
	}
	return out
}
