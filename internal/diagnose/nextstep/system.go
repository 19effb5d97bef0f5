package nextstep

import (
	"net/netip"
	"slices"

	"detour/internal/flow"
	"detour/internal/wording"
)

// A System is what a machine has of commands. The zero value is a machine of which nothing is
// known: it gets the forms of every system.
type System struct {
	os     string // as GOOS has it; "" if it isn't one of those with commands of their own
	tools  []string
	unused *flow.SystemProxy // that its settings have and no connection used; nil: none is known
}

// SystemOf is the system of the machine that recorded the flows; env may be nil.
func SystemOf(env *flow.Environment) System {
	switch {
	case env == nil:
		return System{}
	case names[env.OS] == "":
		return System{unused: env.UnusedProxy}
	}
	return System{env.OS, env.DNSTools, env.UnusedProxy}
}

const (
	linux   = "linux"
	macOS   = "darwin"
	windows = "windows"
)

// names are what the systems are called.
var (
	systems = []string{linux, macOS, windows}
	names   = map[string]string{linux: "Linux", macOS: "macOS", windows: "Windows"}
)

// has reports whether the machine was seen to have a tool.
func (s System) has(tool string) bool { return slices.Contains(s.tools, tool) }

// lacks reports whether the machine was searched for tools, and this one wasn't there.
func (s System) lacks(tool string) bool { return len(s.tools) > 0 && !s.has(tool) }

// A Forms is a command as each system has it; "" if a system has none.
type Forms struct {
	Linux, MacOS, Windows string
	PowerShell            bool // Windows's is one of PowerShell's, and not of cmd
}

// alike is a command of Linux and macOS, and that of Windows.
func alike(unix, windows string) Forms { return Forms{Linux: unix, MacOS: unix, Windows: windows} }

// Steps are the system's form of a command, or all of them if the system isn't known.
func (s System) Steps(text string, f Forms) (out []flow.NextStep) {
	commands := []string{f.Linux, f.MacOS, f.Windows}
	var on []string // the systems before with the same command
	for i, c := range commands {
		if c == "" || s.os != "" && s.os != systems[i] {
			continue
		}
		if on = append(on, names[systems[i]]); s.os == "" && i+1 < len(commands) && commands[i+1] == c {
			continue
		}
		does := text
		switch {
		case s.os != "":
		case len(out) == 0:
			does += ", on " + wording.List(on)
		default:
			does = "On " + wording.List(on)
		}
		if f.PowerShell && systems[i] == windows {
			does += inPowerShell
		}
		out, on = append(out, flow.NextStep{Text: does, Command: c}), nil
	}
	return out
}

const inPowerShell = " (PowerShell)"

// Nameservers show which nameserver is used for which link or domain.
func (s System) Nameservers() []flow.NextStep {
	f := Forms{Linux: "resolvectl status", MacOS: "scutil --dns", Windows: "Get-DnsClientServerAddress", PowerShell: true}
	if s.lacks("resolvectl") {
		f.Linux = "cat /etc/resolv.conf"
	}
	return s.Steps("Show which link or domain uses which nameserver", f)
}

// route shows the route to an address.
func (s System) route(text, to string) []flow.NextStep {
	f := Forms{Linux: "ip route get " + to, MacOS: "route -n get " + to, Windows: "Find-NetRoute -RemoteIPAddress " + to, PowerShell: true}
	if a, err := netip.ParseAddr(to); err == nil && a.Is6() {
		f.MacOS = "route -n get -inet6 " + to
	}
	return s.Steps(text, f)
}

// query is a DNS query for a name, without the hosts file, of a type ("AAAA"; "" stands for an
// address) to a server ("" stands for the system's). A machine of which nothing is known has
// nslookup: dig isn't part of Windows, and of few Linux systems.
func (s System) query(text, name, kind, server string) flow.NextStep {
	var c string
	switch {
	case s.os == windows:
		text += inPowerShell
		c = "Resolve-DnsName " + name + " -DnsOnly -NoHostsFile" + option(" -Type ", kind) + option(" -Server ", server)
	case s.has("dig"):
		c = "dig" + option(" @", server) + " " + name + option(" ", kind)
	case s.has("resolvectl") && s.lacks("nslookup") && server == "":
		c = "resolvectl query" + option(" --type=", kind) + " " + name
	default:
		c = "nslookup" + option(" -type=", kind) + " " + name + option(" ", server)
	}
	return flow.NextStep{Text: text, Command: c}
}

// resolve asks the system for a name's addresses, as programs do.
func (s System) resolve(text, name string) flow.NextStep {
	switch s.os {
	case macOS: // dig and nslookup don't know the nameservers of a VPN's domains
		return flow.NextStep{Text: text, Command: "dscacheutil -q host -a name " + name}
	case windows:
		return flow.NextStep{Text: text + inPowerShell, Command: "Resolve-DnsName " + name}
	}
	return s.query(text, name, "", "")
}

func option(before, value string) string {
	if value == "" {
		return ""
	}
	return before + value
}
