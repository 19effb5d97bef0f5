package main

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"detour/internal/config"
	"detour/internal/filter"
	"detour/internal/usererr"
)

// A topic is a text of `detour help`. What it lists is made from what the program
// goes by, so that it can't say otherwise.
type topic struct {
	name  string
	short string
	text  func(root *cobra.Command) string
	// anywhere is the text without what is so on this machine, for a manual that is read
	// on others; nil: text says nothing of that.
	anywhere func(root *cobra.Command) string
}

func topics() []topic {
	return []topic{
		{"browsers", "Which browsers are found where, profiles, Firefox, and yours set by hand", browsersText, browsersAnywhere},
		{"capture", "What is kept of a run, where, and what can be done with it", captureText, nil},
		{"config", "The file of settings, and what goes before it", configText, nil},
		{"environment", "Every variable that detour reads", environmentText, nil},
		{"exit-codes", "What the exit codes mean", exitCodesText, nil},
		{"filters", "The language of --filter, and of / in the table", func(*cobra.Command) string { return filter.Text() }, nil},
		{"findings", "Every finding's code, and what it says", findingsText, nil},
		{"privacy", "What is decrypted, kept and taken out, and what never leaves", privacyText, nil},
		{"table", "The live table: its keys, views, commands and columns", tableText, nil},
		{"upstream", "Behind a company's proxy, or one that reads along", upstreamText, nil},
	}
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

// topicWidth is that of the narrowest terminal that is of use.
const topicWidth = 80

// page is the text as it is printed.
func (t topic) page(root *cobra.Command) string {
	return narrow(strings.Trim(t.text(root), "\n"), topicWidth) + "\n"
}

// helpCommand is `detour help`.
func helpCommand() *cobra.Command {
	manual := ""
	help := &cobra.Command{
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
			if manual != "" {
				if err := writeManual(c.Root(), manual); err != nil {
					return usererr.CantWrite(manual, err)
				}
				return nil
			}
			at, rest, err := c.Root().Find(args)
			if err == nil && len(rest) == 0 {
				at.InitDefaultHelpFlag()
				return at.Help()
			}
			word := args[len(args)-max(len(rest), 1)]
			hint := "detour help lists them"
			if near := config.Nearest(word, helped(at)); near != "" {
				hint = "did you mean " + near + "? " + hint
			}
			return usage(hint, "%q is neither a command nor a topic", word)
		},
	}
	help.Flags().StringVar(&manual, "man", "", "write the manual, a page for each command and topic, into this `directory`")
	return help
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

// narrow folds what is wider than width at spaces: prose as paragraphs, and other
// lines so that columns stay columns, what goes on standing below what it goes on.
func narrow(text string, width int) string {
	var out, prose []string
	end := func() {
		if len(prose) > 0 {
			out = append(out, wrap(prose, width, "\n"))
		}
		prose = nil
	}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \n")
		if line != "" && line[0] != ' ' {
			prose = append(prose, strings.Fields(line)...)
			continue
		}
		end()
		if utf8.RuneCountInString(line) > width {
			at := column(line, width/2)
			line = line[:at] + wrap(strings.Fields(line[at:]), width-at, "\n"+strings.Repeat(" ", at))
		}
		out = append(out, line)
	}
	end()
	return strings.Join(out, "\n")
}

// column is where the last column of a line begins, if that is before limit.
func column(line string, limit int) int {
	at := 0
	for i := range min(len(line), limit) {
		if line[i] != ' ' && (i == 0 || strings.HasSuffix(line[:i], "  ")) {
			at = i
		}
	}
	return at
}
