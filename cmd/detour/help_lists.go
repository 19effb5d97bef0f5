package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"detour/internal/browser"
	"detour/internal/config"
	"detour/internal/diagnose"
	"detour/internal/diagnose/contradiction"
	"detour/internal/diagnose/unjudged"
	"detour/internal/helptext"
	"detour/internal/licences"
	"detour/internal/shellenv"
	"detour/internal/statedir"
	"detour/internal/upstream"
	"detour/ui"
)

// fillOf is what topics get from the program. where says of a kind of browser where it is.
func fillOf(root *cobra.Command, where func(kind string) string) helptext.Fill {
	return helptext.Fill{
		Words: map[string]string{
			"actions":  strings.Join(ui.KeyNames(), ", "),
			"captures": shown(capturesDir()),
			"config":   shown(configFile()),
			"env":      strings.Join(shellenv.Names(false), ", "),
			"profile":  shown(profilesDir()) + string(filepath.Separator) + "NAME",
			"state":    shown(statedir.Dir()),
		},
		List: func(name string) (helptext.List, bool) {
			name, args, _ := strings.Cut(name, " ")
			switch name {
			case "browsers":
				return browserList(where), true
			case "codes":
				return exitCodeList(), true
			case "findings":
				return findingList(), true
			case "flags":
				return flagList(root, strings.Fields(args)), true
			case "licences":
				return licences.List(), true
			case "proxies":
				return proxyList(), true
			case "variables":
				return variableList(root), true
			}
			return helptext.List{}, false
		},
	}
}

func browserList(where func(kind string) string) helptext.List {
	l := helptext.List{Name: "browser", Text: "where it is"}
	for _, kind := range browser.Kinds() {
		l.Entries = append(l.Entries, helptext.Entry{Name: kind, Text: where(kind)})
	}
	return l
}

// browserFound says where a browser of this machine is.
func browserFound(kind string) string {
	path, err := browser.Find(kind)
	if err != nil {
		return "not found; " + browserPlaces(kind)
	}
	if browser.StartsTwice(path, "") {
		return path + ", which starts twice: see below"
	}
	return path
}

// browserPlaces says where a browser is looked for.
func browserPlaces(kind string) string {
	return "searched for as " + strings.Join(browser.Places(kind), ", ")
}

func exitCodeList() helptext.List {
	l := helptext.List{Name: "code", Text: "meaning"}
	for _, e := range exitCodes {
		l.Entries = append(l.Entries, helptext.Entry{Name: fmt.Sprint(e.code), Text: e.meaning})
	}
	return l
}

func findingList() helptext.List {
	l := helptext.List{Name: "code (level)", Text: "meaning"}
	for _, r := range diagnose.Rules() {
		l.Entries = append(l.Entries, helptext.Entry{Name: fmt.Sprintf("%s (%s)", r.Code, r.Level), Text: r.Meaning})
	}
	l.Entries = append(l.Entries,
		helptext.Entry{Name: fmt.Sprintf("%s (%s)", contradiction.Code, contradiction.Level), Text: contradiction.Meaning},
		helptext.Entry{Name: fmt.Sprintf("%s (%s)", unjudged.Code, unjudged.Level), Text: unjudged.Meaning})
	return l
}

func proxyList() helptext.List {
	l := helptext.List{Name: "requests", Text: "variables"}
	for _, v := range upstream.Variables() {
		l.Entries = append(l.Entries, helptext.Entry{Name: v.Scheme, Text: strings.Join(v.Names, ", ")})
	}
	return l
}

// flagList lists flags as --help does.
func flagList(root *cobra.Command, names []string) helptext.List {
	l := helptext.List{Name: "flag", Text: "what it does"}
	for _, name := range names {
		if f, _ := flagOf(root, name); f != nil {
			_, does := pflag.UnquoteUsage(f)
			l.Entries = append(l.Entries, helptext.Entry{Name: "--" + name, Text: does + byDefault(f)})
		}
	}
	return l
}

// variableList lists the flags as variables, with the commands that have them.
func variableList(root *cobra.Command) helptext.List {
	l := helptext.List{Name: "variable", Text: "what it sets"}
	names := append(keys(settable(root)), "config")
	slices.Sort(names)
	for _, name := range names {
		f, of := flagOf(root, name)
		if f == nil {
			continue // of a command that is about the command line
		}
		l.Entries = append(l.Entries, helptext.Entry{Name: config.Variable(name), Text: fmt.Sprintf("%s (%s)", variableText(f), of)})
	}
	return l
}

// variableText says what the variable of a flag sets. A variable has one value, also that
// of a repeatable flag, and the one of --json serves flags of two types.
func variableText(f *pflag.Flag) string {
	if f.Name == "json" {
		return "write JSON to stdout: for run and demo, final (finished flow records) or all (every revision); for the others, true"
	}
	_, does := pflag.UnquoteUsage(f)
	return strings.NewReplacer(" (repeatable)", "", "; repeatable", "").Replace(does)
}

func byDefault(f *pflag.Flag) string {
	if f.DefValue == "" || f.DefValue == "false" || f.DefValue == "[]" {
		return ""
	}
	return " (default " + f.DefValue + ")"
}

// flagOf is the flag of a setting as the first command has it, and the commands that have it; nil
// if none has.
func flagOf(root *cobra.Command, name string) (f *pflag.Flag, of string) {
	if name == "config" {
		return root.PersistentFlags().Lookup(name), "all"
	}
	if f = flagSetBy(root.Flags(), name); f != nil {
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
	f := flagSetBy(c.LocalFlags(), name)
	for _, sub := range c.Commands() {
		if f == nil {
			f = flagBelow(sub, name)
		}
	}
	return f
}
