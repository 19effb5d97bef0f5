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
