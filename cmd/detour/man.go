package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// writeManual writes a page of section 1 for each command below root into a
// directory, which is made if absent.
func writeManual(root *cobra.Command, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // manuals are for everybody
		return err
	}
	var write func(c *cobra.Command) error
	write = func(c *cobra.Command) error {
		if c.Hidden || c.IsAdditionalHelpTopicCommand() {
			return nil
		}
		file := filepath.Join(dir, manName(c)+".1")
		if err := os.WriteFile(file, []byte(manPage(c, homely)), 0o644); err != nil { //nolint:gosec // see above
			return err
		}
		for _, sub := range c.Commands() {
			if err := write(sub); err != nil {
				return err
			}
		}
		return nil
	}
	return write(root)
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
	m.request("TH", strings.ToUpper(manName(c)), "1", builtOn(), "detour "+version(), "detour")
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
	m.text("Every flag can be given as DETOUR_ and its name: " + variable("connect-timeout") + " for --connect-timeout. detour help environment lists all that is read.")
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
	}{{"COMMANDS", false}, {"TOPICS OF DETOUR HELP", true}} {
		headed := false
		for _, sub := range c.Commands() {
			if sub.Hidden || sub.IsAdditionalHelpTopicCommand() != part.topic {
				continue
			}
			if !headed {
				m.request("SH", part.head)
				headed = true
			}
			name := sub.Name()
			if !part.topic {
				name = manName(sub) + "(1)"
			}
			m.item(name, sub.Short)
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

// builtOn is the day of the commit that this program was built from; "" if it
// doesn't know.
func builtOn() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, s := range info.Settings {
		if day, _, ok := strings.Cut(s.Value, "T"); ok && s.Key == "vcs.time" {
			return day
		}
	}
	return ""
}
