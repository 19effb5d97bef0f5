package main

import (
	"strings"

	"detour/internal/browser"
	"detour/internal/shellenv"
)

// The systems that steps differ by.
const (
	onLinux   = "Linux"
	onMac     = "macOS"
	onWindows = "Windows"
)

// A chapter of the landing page is one way to get something behind detour.
type chapter struct {
	Title string
	Why   string
	Steps []step
}

// A step is what to do, and where.
type step struct {
	System string // the one that it is for; "": any
	Where  string // a system, browser or shell
	Do     string // in words; "": Type says all
	Type   string // what to type or to paste; "": nothing
}

// firefoxChapter is the title of the one for Firefox.
const firefoxChapter = "Firefox"

// guide are the steps by hand, for a proxy at url whose certificates have the keys
// spki. The commands are those of the systems' makers: Chromium's
// docs/linux/proxy.md, networksetup(8), security(1), GNOME's
// org.gnome.system.proxy, Microsoft's certutil, update-ca-certificates(8),
// update-ca-trust(8). A profile is in a directory that no other user can make
// first, since it will have a sign-in: Windows' %TEMP% is the user's own.
func guide(url, spki string) []chapter {
	switches := "--proxy-server=" + url + " --ignore-certificate-errors-spki-list=" + spki
	pac := url + "/proxy.pac"
	return []chapter{
		{
			"Chrome, Edge, Brave or Chromium with a profile of its own",
			"Nothing has to be trusted and no setting changed: the switches hold for this profile alone. It is in a new directory, which is yours to remove.",
			[]step{
				{onLinux, onLinux, "google-chrome, chromium, microsoft-edge or brave-browser:", `google-chrome --user-data-dir="$(mktemp -d)" ` + switches + " " + browser.ConsoleURL},
				{onMac, onMac, "“Google Chrome”, “Microsoft Edge” or “Brave Browser”:", `open -na "Google Chrome" --args --user-data-dir="$(mktemp -d)" ` + switches + " " + browser.ConsoleURL},
				{onWindows, onWindows, "Press Windows+R; chrome, msedge or brave:", `chrome --user-data-dir=%TEMP%\detour-profile ` + switches + " " + browser.ConsoleURL},
			},
		},
		{
			firefoxChapter,
			"It has a proxy and trust of its own, for each profile; about:profiles makes a new one.",
			[]step{
				{"", "Proxy", "Settings, General, Network Settings, Automatic proxy configuration URL:", pac},
				{"", "Trust", "Settings, Privacy & Security, View Certificates, Authorities, Import: detour-ca.pem from this page; tick “identify websites”.", ""},
				{"", "When you are done", "Set the proxy back, and delete “detour” among the Authorities.", ""},
			},
		},
		{
			"The browser that you use, by the system's settings",
			"The PAC file has to stay as it is: it sends the console and the endpoints here, both. With the endpoints alone behind a proxy on this machine, the browser asks leave before the console's pages may call them.",
			[]step{
				{onLinux, "Linux (GNOME)", "", "gsettings set org.gnome.system.proxy autoconfig-url " + pac + "\ngsettings set org.gnome.system.proxy mode auto"},
				{onLinux, "Linux (GNOME), when you are done", "", "gsettings set org.gnome.system.proxy mode none"},
				{onMac, onMac, "System Settings, Network, Details, Proxies, Automatic proxy configuration; or:", "networksetup -setautoproxyurl Wi-Fi " + pac},
				{onMac, "macOS, when you are done", "", "networksetup -setautoproxystate Wi-Fi off"},
				{onWindows, onWindows, "Settings, Network & internet, Proxy, Use setup script:", pac},
				{onWindows, "Windows, when you are done", "Switch the setup script off.", ""},
			},
		},
		{
			"Trust in the certificate",
			"For what isn't started with the switches above. detour ca trust does it on each system and detour ca untrust takes back exactly that. By hand, with detour-ca.pem from this page:",
			[]step{
				{"", "Any system", "", "detour ca trust"},
				{onLinux, "Debian, Ubuntu", "", "sudo cp detour-ca.pem /usr/local/share/ca-certificates/detour-ca.crt && sudo update-ca-certificates"},
				{onLinux, "Fedora, RHEL", "", "sudo cp detour-ca.pem /etc/pki/ca-trust/source/anchors/ && sudo update-ca-trust"},
				{onLinux, "Chrome on Linux", "It has a store of its own:", "certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n detour -i detour-ca.pem"},
				{onMac, onMac, "", "security add-trusted-cert -r trustRoot -p ssl -k ~/Library/Keychains/login.keychain-db detour-ca.pem"},
				{onWindows, onWindows, "", "certutil -user -addstore Root detour-ca.pem"},
			},
		},
		{"Terminals: AWS CLI, SDKs, curl", "The lines hold for that shell alone; --unset takes them back. Node.js heeds them from 22.21 and 24.0 on.", terminals()},
	}
}

// terminals are the shells that detour env writes for.
func terminals() (out []step) {
	names := map[shellenv.Shell]string{shellenv.Sh: "bash, zsh, sh", shellenv.Fish: "fish", shellenv.PowerShell: "PowerShell", shellenv.Cmd: "cmd"}
	for _, sh := range shellenv.Shells() {
		system := ""
		if sh == shellenv.Cmd {
			system = onWindows
		}
		out = append(out, step{System: system, Where: names[sh], Type: sh.Use("detour env --shell " + strings.ToLower(string(sh)))})
	}
	return out
}
