package main

import (
	"github.com/spf13/cobra"

	"detour/ui"
)

// fixedValues has the shell complete a flag with these words.
func fixedValues(c *cobra.Command, flag string, values ...string) {
	// The only error is a flag that isn't there, which a test of all flags finds.
	_ = c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
}

// completeRun completes the words of run's flags that a command has.
func completeRun(c *cobra.Command) {
	for flag, values := range map[string][]string{
		"browser":            {"auto", "chrome", "chromium", "edge", "brave", "none"},
		"ui":                 {"tui", "none"},
		"json":               {"final", "all"},
		"theme":              ui.Themes(),
		"decrypt":            {"aws", "none", "all"},
		"upstream-proxy":     {"env", "none"},
		"connect-timeout":    {"native", "4s"},
		"reference-resolver": {"none"},
	} {
		if c.Flags().Lookup(flag) != nil {
			fixedValues(c, flag, values...)
		}
	}
}
