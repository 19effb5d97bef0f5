package doctor

import (
	"strings"

	"detour/internal/wording"
)

// An Environment is what the proxy variables say.
type Environment struct {
	Proxies  []string // upstream proxies in use, as "http://proxy:3128 for https", without passwords
	Err      string   // why one can't be used
	Own      []string // variables that point to a running detour
	OwnAt    string   // its proxy
	Self     []string // variables that point to where this detour would listen, and nothing does
	SelfAt   string   // that address
	Past     []string // entries of NO_PROXY that are AWS's
	Upstream []Reach  // whether the proxies accept connections
}

// A Reach is whether an address accepts connections.
type Reach struct {
	Name string
	Here bool   // it is on this machine
	Next bool   // a PAC file names another way, which is tried then
	Err  string // "": it does
}

func (e Environment) checks() (out []Check) {
	const (
		code   = "proxy"
		direct = "--upstream-proxy none connects without one"
		undo   = "detour env --unset prints the commands that undo it"
	)
	switch {
	case e.Err != "":
		out = append(out, fail(code, "correct the variable; "+direct, "%s", e.Err))
	case len(e.Proxies) > 0:
		out = append(out, ok(code, "requests go through %s", strings.Join(e.Proxies, ", ")))
	case len(e.Own)+len(e.Self) == 0:
		out = append(out, ok(code, "no upstream proxy is set"))
	}
	if len(e.Own) > 0 {
		out = append(out, ok(code, "%s to a running detour (%s): this terminal uses it, and another detour ignores it", point(e.Own), e.OwnAt))
	}
	if len(e.Self) > 0 {
		out = append(out, warn(code, undo+"; until then, programs in this terminal have no network while no detour runs",
			"%s to %s, where detour itself would listen and nothing does now; ignored", point(e.Self), e.SelfAt))
	}
	for _, r := range e.Upstream {
		if r.Err != "" {
			fix := "check that the VPN is up; " + direct
			if r.Next {
				out = append(out, warn(code, "the PAC file names another way, which detour takes",
					"can't reach the upstream proxy %s: %s", r.Name, r.Err))
				continue
			}
			if r.Here {
				fix = "if a detour that has exited was there, " + undo + "; " + direct
			}
			out = append(out, fail(code, fix, "can't reach the upstream proxy %s: %s", r.Name, r.Err))
		}
	}
	if len(e.Past) > 0 && len(e.Proxies)+len(e.Own)+len(e.Self) > 0 {
		out = append(out, warn(code, "this is right if AWS's endpoints are in your VPC; detour env leaves these entries out for its own proxy",
			"NO_PROXY excludes AWS hosts from the proxy: %s", strings.Join(e.Past, " ")))
	}
	return out
}

// point is "a points", or "a and b point".
func point(names []string) string {
	if len(names) == 1 {
		return names[0] + " points"
	}
	return wording.List(names) + " point"
}

// A PAC is the proxy configuration that a browser would use on its own.
type PAC struct {
	URL      string // of a PAC file; "": none is set
	Auto     bool   // it is discovered (WPAD)
	Proxy    string // the fixed proxy of the system's settings, in words; "": there is none, or detour has another one
	Variable string // the variable that says so; "": the system does
	Used     bool   // --upstream-proxy says what detour uses
}

func (p PAC) check() Check {
	const code, fix = "pac", "--upstream-proxy system uses it"
	source := "the system"
	if p.Variable != "" {
		source = "the environment (" + p.Variable + ")"
	}
	switch {
	case p.URL != "" && p.Used:
		return ok(code, "%s has a proxy auto-configuration file (PAC): %s", source, p.URL)
	case p.URL != "":
		fix := fix
		if p.Variable != "" {
			fix = "--upstream-proxy pac+" + p.URL + " uses it"
		}
		return warn(code, fix, "%s has a proxy auto-configuration file (PAC), which detour doesn't use: %s", source, p.URL)
	case p.Proxy != "" && !p.Used:
		return warn(code, fix, "%s has %s, which detour doesn't use", source, p.Proxy)
	case p.Auto && !p.Used:
		return warn(code, "--upstream-proxy wpad uses it", "%s uses proxy auto-discovery (WPAD), which detour doesn't use", source)
	}
	return ok(code, "the system has no proxy settings that detour doesn't use")
}
