package doctor

import "detour/internal/wsl"

// wslChecks say whose traffic is seen under the Windows Subsystem for Linux; none elsewhere.
func wslChecks(v wsl.Version) []Check {
	const code = "wsl"
	switch text, fix := v.Network(); {
	case text == "":
		return nil
	case fix == "":
		return []Check{ok(code, "%s", text)}
	default:
		return []Check{warn(code, fix, "%s", text)}
	}
}
