package main

import (
	"fmt"
	"io"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"detour/internal/config"
)

// rootCommand is `detour`, which is `detour run`, with its subcommands.
func rootCommand(stdout, stderr io.Writer) *cobra.Command {
	set := newSettings()
	root := runCommand()
	root.Use = "detour [URL]"
	root.Long = `detour sits between your browser and AWS. It tells which requests of a console
page go to the console and which go straight to a service's endpoint, what DNS
said for each, and what became of every connection.

  detour                     start the proxy, an isolated browser and the live table
  detour demo                the same on a simulated network: no AWS account needed
  detour ca                  the signing chain: show it, trust it, untrust it
  eval "$(detour env)"       this terminal's AWS CLI and SDKs go through it, too
  detour doctor              what of this machine would be in the way, and what to do
  detour --ui none --json    flow records as JSON Lines on stdout
  detour probe HOST          DNS, every address and TLS of a host, without a browser
  detour open FILE           the live table on a capture, or on a HAR that somebody sent
  detour diagnose FILE       what a capture or a HAR is consistent with
  detour diff A B            what differs between two of them, and what got worse
  detour classify            what AWS requests are: JSON Lines in, JSON Lines out
  detour help TOPIC          browsers, privacy, filters and more: the list is below`
	root.Example = `  detour https://ap-northeast-1.console.aws.amazon.com/cloudwatch/home
  detour --profile work --filter origin:direct
  detour --ui none --browser none --json > flows.jsonl
  detour probe monitoring.ap-northeast-1.amazonaws.com
  detour diff vpn-off.detour vpn-on.detour`
	root.Version = version()
	root.SetVersionTemplate("detour {{.Version}}\n")
	root.SilenceErrors, root.SilenceUsage = true, true
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.SetFlagErrorFunc(flagMistake)
	run := runCommand()
	run.Use = "run [URL]"
	root.AddCommand(run, demoCommand(), probeCommand(), scanCommand(), diagnoseCommand(), diffCommand(), exportCommand(), openCommand(), classifyCommand(), caCommand(), doctorCommand(set), envCommand(), completionCommand(), versionCommand())
	root.AddCommand(topicCommands(root)...)
	root.SetHelpCommand(helpCommand())
	withCompletion(root)
	withSettings(root, set)
	return root
}

// oneURL accepts at most one argument, an http or https URL.
func oneURL(c *cobra.Command, args []string) error {
	if len(args) > 1 {
		return usage("detour --help", "one URL at most, got %d", len(args))
	}
	for _, a := range args {
		if !strings.HasPrefix(a, "https://") && !strings.HasPrefix(a, "http://") {
			return usage(meant(c.Root(), a), "%q is neither a command nor a URL", a)
		}
	}
	return nil
}

// meant is what to do about a word that is neither a command nor a URL.
func meant(root *cobra.Command, word string) string {
	switch ext := strings.ToLower(filepath.Ext(word)); {
	case ext == ".har" || ext == ".detour":
		return "detour open " + word + " shows it, detour diagnose " + word + " says what is wrong"
	case strings.Contains(word, "://"):
		return "detour opens https:// and http:// addresses"
	case strings.Contains(word, "."):
		return "a URL begins with https://: detour https://" + word
	}
	hint := "detour --help lists the commands"
	if near := config.Nearest(word, helped(root)); near != "" {
		hint = "did you mean detour " + near + "? " + hint
	}
	return hint
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  noArguments,
		Run: func(c *cobra.Command, _ []string) {
			fmt.Fprintln(c.OutOrStdout(), "detour "+version())
		},
	}
}

// version is what the build knows of itself.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(unknown)"
	}
	return info.Main.Version
}
