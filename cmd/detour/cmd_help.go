package main

import (
	"embed"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"detour/internal/diagnose"
	"detour/internal/filter"
	"detour/internal/flow"
	"detour/internal/helptext"
	"detour/internal/licences"
	"detour/internal/nearest"
	"detour/ui"
)

// A topic is a text of `detour help`. It is written in topics/NAME.md, from which the
// pages of the documentation have it, too; what it lists comes from the program.
type topic struct{ name, short string }

func topics() []topic {
	return []topic{
		{"browsers", "The browser that detour starts, and how to use your own"},
		{"capture", "What a run saves, where, and what to do with it"},
		{"concepts", "Interface endpoints, private DNS, preflights and detour's own terms"},
		{"config", "The configuration file, and what overrides it"},
		{"environment", "Every environment variable that detour reads"},
		{"exit-codes", "What the exit codes mean"},
		{"filters", "The language of --filter, and of / in the table"},
		{"findings", "Every finding's code, and what it means"},
		{"licences", "The licences of detour and of what is part of it"},
		{"privacy", "What is decrypted, saved, redacted and masked"},
		{"sharing", "Letting others watch: by a link, in a browser or a terminal"},
		{"table", "The live table: its keys, views, commands and columns"},
		{"upstream", "Corporate proxies and TLS inspection"},
	}
}

//go:embed topics/*.md
var topicSources embed.FS

// source is the topic's Markdown; "" for filters, which has none.
func (t topic) source() string {
	b, err := topicSources.ReadFile("topics/" + t.name + ".md")
	if err != nil {
		return ""
	}
	return strings.Replace(string(b), "{{guide}}\n", helptext.GuideMarkdown(ui.Guide()), 1)
}

// concepts are what the table's help says about findings, as the topic has it: first what the first
// one uses, then the rest.
func concepts(found []flow.Finding) (out []ui.Concept) {
	for _, e := range helptext.Table(topic{name: "concepts"}.source(), "on the way") {
		out = append(out, ui.Concept{Name: e.Name, Text: e.Text})
	}
	var used []string
	for _, r := range diagnose.Rules() {
		if len(found) > 0 && r.Code == found[0].Code {
			used = r.Concepts
		}
	}
	place := func(c ui.Concept) int {
		if i := slices.Index(used, c.Name); i >= 0 {
			return i
		}
		return len(used)
	}
	slices.SortStableFunc(out, func(a, b ui.Concept) int { return place(a) - place(b) })
	return out
}

// topicWidth is that of the narrowest terminal that is of use.
const topicWidth = 80

// page is the text as it is printed, of this machine.
func (t topic) page(root *cobra.Command) string {
	text := t.text(fillOf(root, browserFound))
	if t.name == "licences" {
		text += "\n" + licences.Texts()
	}
	return text
}

func (t topic) text(fill helptext.Fill) string {
	if source := t.source(); source != "" {
		return helptext.Terminal(source, fill, topicWidth)
	}
	return helptext.Columns(strings.Trim(filter.Text(), "\n"), topicWidth) + "\n"
}

// topicCommands are the topics as cobra has them: commands that can't be run.
func topicCommands(root *cobra.Command) (out []*cobra.Command) {
	for _, t := range topics() {
		c := &cobra.Command{Use: t.name, Short: t.short}
		c.SetHelpFunc(func(c *cobra.Command, _ []string) { fmt.Fprint(c.OutOrStdout(), t.page(root)) })
		out = append(out, c)
	}
	return out
}

// helpCommand is `detour help`.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND|TOPIC]",
		Short: "Help about a command or a topic",
		ValidArgsFunction: func(c *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
			at, rest, err := c.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return words(helped(at))(c, args, word)
		},
		RunE: func(c *cobra.Command, args []string) error {
			at, rest, err := c.Root().Find(args)
			if err == nil && len(rest) == 0 {
				at.InitDefaultHelpFlag()
				return at.Help()
			}
			word := args[len(args)-max(len(rest), 1)]
			hint := "detour help lists them"
			if near := nearest.Word(word, helped(at)); near != "" {
				hint = "did you mean " + near + "? " + hint
			}
			return usage(hint, "%q is neither a command nor a topic", word)
		},
	}
}

// commandsOf are the commands below c that can be run.
func commandsOf(c *cobra.Command) (out []string) {
	for _, sub := range c.Commands() {
		if !sub.Hidden && sub.Runnable() {
			out = append(out, sub.Name())
		}
	}
	return out
}

// helped are the names below c that there is help about.
func helped(c *cobra.Command) (out []string) {
	for _, sub := range c.Commands() {
		if !sub.Hidden {
			out = append(out, sub.Name())
		}
	}
	return out
}
