package main

import "github.com/spf13/cobra"

// fixedValues has the shell complete a flag with these words.
func fixedValues(c *cobra.Command, flag string, values ...string) {
	// The only error is a flag that isn't there, which a test of all flags finds.
	_ = c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
}
