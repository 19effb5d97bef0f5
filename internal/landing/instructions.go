package landing

import (
	"strings"

	"detour/internal/shellenv"
)

// The systems that steps differ for.
const (
	onLinux   = "Linux"
	onMac     = "macOS"
	onWindows = "Windows"
)

// A chapter of the page is one way to send a program through detour.
type chapter struct {
	Title string
	Why   string
	Steps []step
}

// A step is what to do, and where.
type step struct {
	System string // the system it is for; "": any
	Where  string // a system, browser or shell
	Do     string // in words; "": Type is enough
	Type   string // what to type or to paste; "": nothing
}

// firefoxChapter is the title of the one for Firefox.
const firefoxChapter = "Firefox"

// instructions returns the manual steps for a run. The commands are those that the vendors document: Chromium's
// docs/linux/proxy.md, networksetup(8), security(1), GNOME's org.gnome.system.proxy,
// Microsoft's certutil, update-ca-certificates(8), update-ca-trust(8). A profile will
// hold a sign-in, so it is in a directory that no other user can create first: on
// Windows, %TEMP% is the user's own.
func (r Run) instructions() []chapter {
	page := " " + r.Console
	switches := "--proxy-server=" + r.URL() + " --ignore-certificate-errors-spki-list=" + r.SPKI
	pac := r.URL() + "/proxy.pac"
	return []chapter{
		{
			"Chrome, Edge, Brave or Chromium with a separate profile",
			"No certificate to trust and no setting to change: the switches apply to this profile only, and work until detour ends. " +
				"They make the browser accept this run's key for every host. " +
				"The profile is in a new directory; remove it when you are done.",
			[]step{
				{
					onLinux, onLinux, "google-chrome, chromium, microsoft-edge or brave-browser:",
					`google-chrome --user-data-dir="$(mktemp -d)" ` + switches + page,
				},
				{
					onMac, onMac, "“Google Chrome”, “Microsoft Edge” or “Brave Browser”:",
					`open -na "Google Chrome" --args --user-data-dir="$(mktemp -d)" ` + switches + page,
				},
				{onWindows, onWindows, "Press Windows+R; chrome, msedge or brave:", `chrome --user-data-dir=%TEMP%\detour-profile ` + switches + page},
			},
		},
		{
			firefoxChapter,
			"Each Firefox profile has its own proxy setting and its own trusted certificates; about:profiles creates a new profile.",
			[]step{
				{"", "Proxy", "Settings, General, Network Settings, Automatic proxy configuration URL:", pac},
				{"", "Trust", "Settings, Privacy & Security, View Certificates, Authorities, Import: " +
					"detour-ca.pem from this page; tick “identify websites”.", ""},
				{"", "When you are done", "Reset the proxy, and delete “detour” from the Authorities.", ""},
			},
		},
		{
			"Your everyday browser, through the system's proxy settings",
			"Use the PAC file unchanged: it sends both the console and the endpoints through the proxy. " +
				"If only the endpoints went through a proxy on this machine, " +
				"the browser would ask for permission before the console's pages may call them.",
			[]step{
				{onLinux, "Linux (GNOME)", "", "gsettings set org.gnome.system.proxy autoconfig-url " + pac + "\n" +
					"gsettings set org.gnome.system.proxy mode auto"},
				{onLinux, "Linux (GNOME), when you are done", "", "gsettings set org.gnome.system.proxy mode none"},
				{
					onMac, onMac, "System Settings, Network, Details, Proxies, Automatic proxy configuration; or:",
					"networksetup -setautoproxyurl Wi-Fi " + pac,
				},
				{onMac, "macOS, when you are done", "", "networksetup -setautoproxystate Wi-Fi off"},
				{onWindows, onWindows, "Settings, Network & internet, Proxy, Use setup script:", pac},
				{onWindows, "Windows, when you are done", "Turn the setup script off.", ""},
			},
		},
		{
			"Trust the certificate",
			"For programs that aren't started with the switches above. " +
				"detour ca trust does it on every system, and detour ca untrust undoes exactly that. " +
				"To do it yourself, with detour-ca.pem from this page:",
			[]step{
				{"", "Any system", "", "detour ca trust"},
				{
					onLinux, "Debian, Ubuntu", "",
					"sudo cp detour-ca.pem /usr/local/share/ca-certificates/detour-ca.crt && sudo update-ca-certificates",
				},
				{onLinux, "Fedora, RHEL", "", "sudo cp detour-ca.pem /etc/pki/ca-trust/source/anchors/ && sudo update-ca-trust"},
				{
					onLinux, "Chrome on Linux", "It has its own certificate store:",
					"certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n detour -i detour-ca.pem",
				},
				{onMac, onMac, "", "security add-trusted-cert -r trustRoot -p ssl -k ~/Library/Keychains/login.keychain-db detour-ca.pem"},
				{onWindows, onWindows, "", "certutil -user -addstore Root detour-ca.pem"},
			},
		},
		{"Terminals: AWS CLI, SDKs, curl", "The variables apply to that shell only; detour env --unset restores the previous values. " +
			"Node.js honours them since versions 22.21 and 24.0.", terminals()},
	}
}

// terminals returns the step for each shell that detour env supports.
func terminals() (out []step) {
	names := map[shellenv.Shell]string{
		shellenv.Sh: "bash, zsh, sh", shellenv.Fish: "fish", shellenv.PowerShell: "PowerShell", shellenv.Cmd: "cmd",
	}
	for _, sh := range shellenv.Shells() {
		system := ""
		if sh == shellenv.Cmd {
			system = onWindows
		}
		out = append(out, step{System: system, Where: names[sh], Type: sh.Use("detour env --shell " + strings.ToLower(string(sh)))})
	}
	return out
}
