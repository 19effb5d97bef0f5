package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"detour/internal/browser"
	"detour/internal/diagnose"
	"detour/internal/shellenv"
	"detour/internal/upstream"
	"detour/ui"
)

// browsersText says where the browsers of this machine are.
func browsersText(*cobra.Command) string {
	return browsersTopic(func(kind string) string {
		path, err := browser.Find(kind)
		if err != nil {
			return "not found: it is looked for as " + strings.Join(browser.Places(kind), ", ")
		}
		if browser.StartsTwice(path, "") {
			return path + ", which starts twice: see below"
		}
		return path
	})
}

// browsersAnywhere says where they are looked for.
func browsersAnywhere(*cobra.Command) string {
	return browsersTopic(func(kind string) string { return "looked for as " + strings.Join(browser.Places(kind), ", ") })
}

func browsersTopic(where func(kind string) string) string {
	var b strings.Builder
	b.WriteString(`detour starts a browser of its own: with a profile that nothing else uses, the
proxy, and trust in this run alone. Your browser, its profile and the system's
trust stores stay as they are. Closing the browser does not end the run; ending
the run closes the browser, even if detour is killed.

One that ends within 3 seconds couldn't start, or handed its page to another one that
has its profile open: the table says after how long, its last words, and what to do;
--log FILE has all that it says. auto takes the next browser then, unless a profile is
kept: that is one browser's, and one run's at a time.

b in the table, or :browse URL, opens a page in it, and starts it again if it was
closed; a profile that isn't kept is a new one then. Firefox on Linux takes pages
where there is a session bus, as on every desktop; without one, or headless, a
browser takes none, and the table says so.

--browser takes one of these, auto (the first that is there), none, or a path:

`)
	for _, kind := range browser.Kinds() {
		fmt.Fprintf(&b, "  %-10s  %s\n", kind, where(kind))
	}
	fmt.Fprintf(&b, `
Profiles are thrown away at the end. --profile NAME keeps one, with its sign-in, in
the directory below; remove it to forget it.

  %s

A snap can't use that directory and has its profiles in ~/snap/APP/common, a flatpak
in ~/.var/app/APP; those that are kept are in detour-profiles there.

Firefox trusts by its profile. NSS's certutil puts the run's certificate into it, if
it is installed (Debian and Ubuntu libnss3-tools, Fedora nss-tools, Homebrew nss).
If not, as on Windows, Firefox does so itself: it starts twice, at first without a
window, which takes 4 to 10 seconds longer. For some tenths of a second another user
of the same machine could get at it then: on a machine that you share, install
certutil. Both ways are tried with Firefox ESR on Linux; Windows and macOS go the
same way, untried. A kept profile stays with the second way once it was taken.

Your own browser, by hand: detour --browser none, then open the address that it
prints. The page there has the certificate, a PAC file and the steps for each
system. The PAC file sends the console and the endpoints through detour, both: a
browser asks leave before a page of one network calls an address of another, and
with one of them alone behind the proxy that is what it would see.
`, shown(profilesDir())+string(filepath.Separator)+"NAME")
	return b.String()
}

func tableText(*cobra.Command) string {
	return `A row is a request. Selected, it stays selected whatever arrives; otherwise the
newest row stays in sight. In the table, ? lists the keys that work where you are,
and says of those that don't why.

Views that you save, and the columns that you choose, are kept in
` + shown(stateDir()) + ` and are there in the next run.
` + ui.Guide()
}

func captureText(root *cobra.Command) string {
	return `Every run keeps its flows in one SQLite file that its owner alone can read. It
never overwrites one, loses at most the last 200 ms if it is killed, and can be
read while it is written. By default it is a new file in

  ` + shown(capturesDir()) + `

` + flagList(root, "capture", "bodies", "privacy", "keep-secrets") + `
  detour open FILE                    the screen of the live table
  detour diagnose FILE                what it is consistent with
  detour export FILE -o ticket.html   a report; also md, har, jsonl, csv, bundle
  detour diff BEFORE AFTER            what changed: VPN on and off, two laptops

In the table, d compares what is there with a file in the same way, and e exports it.

Old ones are never removed by detour: remove the files that you don't need, or
all of the directory. detour doctor says how much they take.
`
}

func configText(*cobra.Command) string {
	return `A setting is a flag: a line of the file is the flag's name without its dashes, an
equals sign, and its value. A flag that may be given more than once may have more than one
line. # begins a comment. A mistake is named with its line.

  # the VPC's resolver, and another one after it
  resolver = 10.0.0.2
  resolver = 10.0.1.2
  browser  = chromium

Keys of the table are settings, too: the action, and a character, Ctrl-X or F1 to F12.
A key that another action has is a mistake. ? in the table shows which do what.

  keys.mark = M
  keys.note = Ctrl-N

  ` + wrap(ui.KeyNames(), 76, "\n  ") + `

A setting that a command has no such flag for doesn't concern it: json = all is for
run and demo. detour doctor says what a run would refuse.

What is on the command line goes before DETOUR_ and the flag's name in the
environment (DETOUR_BROWSER), and that before the file. --config names another
file, or none. By default it is

  ` + shown(configFile()) + `
`
}

func environmentText(root *cobra.Command) string {
	var b strings.Builder
	b.WriteString(`Every flag can be given as a variable. What is on the command line goes before it,
and it goes before the file of settings (detour help config).

`)
	names := append(keys(settable(root)), "config")
	slices.Sort(names)
	for _, name := range names {
		f, of := flagOf(root, name)
		if f == nil {
			continue // of a command that is about the command line
		}
		_, does := pflag.UnquoteUsage(f)
		fmt.Fprintf(&b, "  %-26s  %s (%s)\n", variable(name), does, of)
	}
	b.WriteString("\nOf others, it reads\n\n")
	for _, v := range [][2]string{
		{"HTTPS_PROXY and the like", "the upstream proxy; detour help upstream"},
		{"NO_PROXY", "what goes past the upstream proxy"},
		{"auto_proxy", "on Linux: a PAC file, which detour doctor tells of and nothing reads"},
		{"NO_COLOR", "the table, without colours"},
		{"TERM, COLORTERM, LANG", "what the terminal can show"},
		{"DISPLAY, WAYLAND_DISPLAY", "on Linux: without one of them, auto starts no browser"},
		{"XDG_STATE_HOME", "on Linux: where captures, profiles and the signing chain are"},
		{"XDG_CONFIG_HOME", "on Linux: where the file of settings is"},
		{"LocalAppData, AppData", "on Windows: the same"},
		{"SHELL", "what detour env writes for"},
	} {
		fmt.Fprintf(&b, "  %-26s  %s\n", v[0], v[1])
	}
	b.WriteString("\ndetour env has a terminal set\n\n  " + wrap(shellenv.Names(false), 76, "\n  ") + "\n")
	b.WriteString("\nNode.js reads the proxy's from 22.21 and 24.0 on, as NODE_USE_ENV_PROXY asks; before, fetch and https go past it.\n")
	return b.String()
}

func exitCodesText(*cobra.Command) string {
	var b strings.Builder
	for _, e := range exitCodes {
		fmt.Fprintf(&b, "  %3d  %s\n", e.code, e.meaning)
	}
	b.WriteString("\nAn error is one sentence on stderr, and what to do about it on the next line, after\nhint:. stdout is data alone.\n")
	return b.String()
}

func findingsText(*cobra.Command) string {
	var b strings.Builder
	b.WriteString(`A finding says what a pattern is consistent with, what it rests on, what else has
the same look, and what to try. A problem keeps something from working, and makes
probe, scan, diagnose, diff and doctor exit with 3; a notice is worth knowing.

`)
	for _, r := range diagnose.Rules() {
		fmt.Fprintf(&b, "%s (%s)\n    %s\n", r.Code, r.Level, r.Meaning)
	}
	return b.String()
}

func privacyText(root *cobra.Command) string {
	return `detour listens on loopback only. It decrypts AWS's hosts and passes all others on
unread. Its signing chain can sign for what it decrypts and nothing else.

` + flagList(root, "decrypt", "ca-dir") + `
Secrets are taken out before a request is kept, shown or exported: cookies, tokens,
signatures, passwords, what looks like a credential, and all of the bodies that
carry them. Names stay, values become pseudonyms such as redacted:token:4f1c9a07b2,
the same for the same value within one capture.

` + flagList(root, "privacy", "keep-secrets", "bodies", "capture", "presenter") + `
For a screen that others see, p in the table or --presenter masks account ids, ARNs,
hosts but for AWS's own names, addresses but for AWS's own at AWS's endpoints, ids of
what is in a VPC, and e-mail addresses, wherever they are shown. p again asks before it
shows them. What is copied or exported is not masked: that is --privacy strict.

detour itself talks to nobody but the servers that are asked for and the nameservers
of this machine, or those that you name with the flags below. detour doctor asks one
server of AWS for the time.

` + flagList(root, "resolver", "reference-resolver") + `
It has no telemetry and looks for no updates.
`
}

func upstreamText(root *cobra.Command) string {
	var b strings.Builder
	b.WriteString(`Behind a company's proxy, detour sends what it gets on to that proxy, over HTTP,
HTTPS or SOCKS 5, as curl would. The proxy then resolves names and connects; the
record says so, and keeps what it answered to a call that it refused.

` + flagList(root, "upstream-proxy", "upstream-ca", "client-cert") + `
With env, the first of these that is set counts:

`)
	for _, v := range upstream.Variables() {
		fmt.Fprintf(&b, "  %-6s  %s\n", v.Scheme, strings.Join(v.Names, ", "))
	}
	b.WriteString(`
no_proxy, or NO_PROXY, lists what is reached without it: hosts, .suffixes, networks.
A proxy that asks for a password has it in the URL: http://user:password@proxy:3128.
The password is never shown or kept. A variable that leads to detour itself, or to
one that runs already (of a terminal behind detour env), is not used, and that is
said; what it was before detour env is. --upstream-proxy with the address of one that
runs sends calls through it all the same.

detour reads no PAC file. Where the system has one, find the proxy that it gives AWS's
hosts, and name it. detour doctor says whether there is one.

A proxy that reads along answers with certificates of the company's own. Where this
machine trusts them they are a notice; where it doesn't, ask IT for the CA's
certificate as PEM and name it:

  detour --upstream-proxy http://proxy.example:3128 --upstream-ca company.pem
`)
	return b.String()
}

// flagList lists flags as --help does.
func flagList(root *cobra.Command, names ...string) string {
	var b strings.Builder
	for _, name := range names {
		f, _ := flagOf(root, name)
		_, does := pflag.UnquoteUsage(f)
		fmt.Fprintf(&b, "  --%-20s  %s\n", name, does+byDefault(f))
	}
	return b.String()
}

func byDefault(f *pflag.Flag) string {
	if f.DefValue == "" || f.DefValue == "false" || f.DefValue == "[]" {
		return ""
	}
	return " (default " + f.DefValue + ")"
}

// flagOf is a flag as the first command has it, and the commands that have it; nil
// if none has.
func flagOf(root *cobra.Command, name string) (f *pflag.Flag, of string) {
	if name == "config" {
		return root.PersistentFlags().Lookup(name), "all"
	}
	if f = root.Flags().Lookup(name); f != nil {
		of = "run"
	}
	for _, c := range root.Commands() {
		got := flagBelow(c, name)
		if got == nil || c.Name() == "run" || c.Name() == "help" {
			continue
		}
		if f == nil {
			f = got
		}
		of += ", " + c.Name()
	}
	return f, strings.TrimPrefix(of, ", ")
}

// flagBelow is the flag of a command, or of the first one below it that has it.
func flagBelow(c *cobra.Command, name string) *pflag.Flag {
	f := c.LocalFlags().Lookup(name)
	for _, sub := range c.Commands() {
		if f == nil {
			f = flagBelow(sub, name)
		}
	}
	return f
}
