package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// writeManual writes a page of section 1 for each command below root, and one of
// section 7 for each topic, into a directory, which is made if absent.
func writeManual(root *cobra.Command, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // manuals are for everybody
		return err
	}
	save := func(name, page string) error {
		return os.WriteFile(filepath.Join(dir, name), []byte(page), 0o644) //nolint:gosec // see above
	}
	var write func(c *cobra.Command) error
	write = func(c *cobra.Command) error {
		if c.Hidden || c.IsAdditionalHelpTopicCommand() {
			return nil
		}
		if err := save(manName(c)+".1", manPage(c, homely)); err != nil {
			return err
		}
		for _, sub := range c.Commands() {
			if err := write(sub); err != nil {
				return err
			}
		}
		return nil
	}
	if err := write(root); err != nil {
		return err
	}
	for _, t := range topics() {
		if err := save(manName(root)+"-"+t.name+".7", topicPage(root, t, homely)); err != nil {
			return err
		}
	}
	return nil
}

// topicPage is a topic's page.
func topicPage(root *cobra.Command, t topic, tidy func(string) string) string {
	m := &manual{tidy: tidy}
	name := manName(root) + "-" + t.name
	m.title(name, "7")
	m.request("SH", "NAME")
	m.line(name + " - " + t.short)
	m.request("SH", "DESCRIPTION")
	m.text(strings.Trim(t.anywhere(root), "\n"))
	m.request("SH", "SEE ALSO")
	m.see(root)
	return m.b.String()
}

// manName is the name of a command's page: detour-ca-trust.
func manName(c *cobra.Command) string { return strings.ReplaceAll(c.CommandPath(), " ", "-") }

// homely takes the home directory of whoever writes the manual out of a text.
func homely(text string) string {
	home, err := os.UserHomeDir()
	if err != nil || len(home) < 2 {
		return text
	}
	return strings.ReplaceAll(text, home+string(filepath.Separator), "~/")
}

// manPage is a command's page in the macros of man(7). tidy has the last word on
// every text.
func manPage(c *cobra.Command, tidy func(string) string) string {
	m := &manual{tidy: tidy}
	m.title(manName(c), "1")
	m.request("SH", "NAME")
	m.line(manName(c) + " - " + c.Short)
	m.request("SH", "SYNOPSIS")
	m.synopsis(c)
	m.request("SH", "DESCRIPTION")
	if c.Long == "" {
		m.text(c.Short + ".")
	}
	m.text(c.Long)
	if c.Example != "" {
		m.request("SH", "EXAMPLES")
		m.text(c.Example)
	}
	m.request("SH", "OPTIONS")
	c.InitDefaultHelpFlag()
	c.LocalFlags().VisitAll(m.option)
	c.InheritedFlags().VisitAll(m.option)
	m.below(c)
	m.request("SH", "EXIT STATUS")
	for _, e := range exitCodes {
		m.item(fmt.Sprint(e.code), e.meaning)
	}
	m.request("SH", "ENVIRONMENT")
	m.text("Every flag can be given as DETOUR_ and its name: " + variable("connect-timeout") + " for --connect-timeout. " + manName(c.Root()) + "-environment(7) lists all that is read.")
	if !c.HasParent() {
		m.request("SH", "FILES")
		for _, f := range files() {
			m.item(shown(f.path), f.what)
		}
	}
	if c.HasParent() {
		m.request("SH", "SEE ALSO")
		m.see(c.Parent())
	}
	return m.b.String()
}

// below lists subcommands and topics.
func (m *manual) below(c *cobra.Command) {
	for _, part := range []struct {
		head  string
		topic bool
	}{{"COMMANDS", false}, {"TOPICS", true}} {
		headed := false
		for _, sub := range c.Commands() {
			if sub.Hidden || sub.IsAdditionalHelpTopicCommand() != part.topic {
				continue
			}
			if !headed {
				m.request("SH", part.head)
				headed = true
			}
			section := "(1)"
			if part.topic {
				section = "(7)"
			}
			m.item(manName(sub)+section, sub.Short)
		}
	}
}

// option is a flag's entry.
func (m *manual) option(f *pflag.Flag) {
	if f.Hidden {
		return
	}
	kind, does := pflag.UnquoteUsage(f)
	name := "--" + f.Name
	if f.Shorthand != "" {
		name = "-" + f.Shorthand + ", " + name
	}
	switch {
	case f.NoOptDefVal != "" && kind != "":
		name += "[=" + kind + "]"
	case kind != "":
		name += " " + kind
	}
	m.item(name, does+byDefault(f))
}

// files are what detour keeps, and where.
func files() []struct{ path, what string } {
	return []struct{ path, what string }{
		{configFile(), "The settings, if there are any; detour-config(7)."},
		{capturesDir(), "A capture of each run, until you remove it; detour-capture(7)."},
		{profilesDir(), "The browser profiles of --profile, with their sign-ins."},
		{stateFile("ca"), "The signing chain, where one is on disk; detour-ca(1)."},
		{stateFile("runs"), "What detour env needs of a run, as long as it lasts."},
		{columnFile(), "The columns that were chosen in the table."},
		{string(savedViews()), "The views that were saved in the table."},
	}
}

// builtOn is the day of the commit that this program was built from. A build that
// doesn't know has SOURCE_DATE_EPOCH (reproducible-builds.org) or today: a page has to
// have a date.
func builtOn() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if day, _, ok := strings.Cut(s.Value, "T"); ok && s.Key == "vcs.time" {
				return day
			}
		}
	}
	at := time.Now()
	if sec, err := strconv.ParseInt(os.Getenv("SOURCE_DATE_EPOCH"), 10, 64); err == nil {
		at = time.Unix(sec, 0)
	}
	return at.UTC().Format(time.DateOnly)
}
