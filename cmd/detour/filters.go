package main

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"detour/internal/filter"
)

// parseFilter reads --filter.
func parseFilter(text string) (filter.Filter, error) {
	x, err := filter.Parse(text)
	var e *filter.Error
	if errors.As(err, &e) {
		hint := "detour help filters"
		if e.Hint != "" {
			hint = e.Hint + "; " + hint
		}
		return x, usage(hint, "--filter %q, column %d: %s", text, e.Column(), e.Msg)
	}
	return x, err
}

// filtersTopic is `detour help filters`. It can't be run: it is a text.
func filtersTopic() *cobra.Command {
	return &cobra.Command{
		Use:   "filters",
		Short: "The language of --filter, and of / in the table",
		Long:  strings.TrimSpace(filter.Text()),
	}
}

// configTopic is `detour help config`, a text like it.
func configTopic() *cobra.Command {
	return &cobra.Command{
		Use:   "config",
		Short: "The file of settings, and what goes before it",
		Long: `A setting is a flag: a line of the file is the flag's name without its dashes, =,
and its value. A flag that may be given more than once may have more than one
line. # begins a comment. A mistake is named with its line.

  # the VPC's resolver, and another one after it
  resolver = 10.0.0.2
  resolver = 10.0.1.2
  browser  = chromium

What is on the command line goes before DETOUR_ and the flag's name in the
environment (DETOUR_BROWSER), and that before the file. --config names another
file, or none. By default it is

  ` + configFile(),
	}
}
