package main

import (
	"fmt"
	"io"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"detour/internal/nearest"
	"detour/internal/typed"
)

// rootCommand is `detour`, which is `detour run`, with its subcommands.
func rootCommand(stdout, stderr io.Writer) *cobra.Command {
	set := newSettings()
	root := runCommand()
	root.Use = "detour [URL]"
	root.Long = `detour is a local proxy for the AWS Management Console. It shows which requests of
a console page go through the console's servers and which go straight to a service
endpoint, and where they fail: DNS, TCP, TLS or the response.

  detour                     start the proxy, an isolated browser and the live table
  detour demo                the same on a simulated network: no AWS account needed
  detour ca                  show, trust or untrust the signing chain
  eval "$(detour env)"       send this terminal's AWS CLI and SDKs through detour
  detour doctor              check this machine, and say how to fix what is wrong
  detour --ui none --json    flow records as JSON Lines on stdout
  detour probe HOST          test DNS, every address and TLS of a host, without a browser
  detour watch HOST          probe what failed until it works, and say since when
  detour open [FILE]         show a capture or a HAR in the table
  detour attach [RUN|LINK]   watch a run in another terminal, or by its link
  detour captures            list the captures of earlier runs, and remove old ones
  detour diagnose FILE       print the findings for a capture or a HAR
  detour diff A B            compare two captures: what changed, and what got worse
  detour account collect DIR collect the AWS account's configuration, which proves findings (--account DIR)
  detour classify            identify AWS requests: JSON Lines in, JSON Lines out
  detour help TOPIC          browsers, privacy, filters and more; the topics are below`
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
	root.AddCommand(
		run, demoCommand(), probeCommand(), watchCommand(), scanCommand(), diagnoseCommand(), diffCommand(), exportCommand(),
		openCommand(), attachCommand(), capturesCommand(),
		classifyCommand(), accountCommand(), caCommand(), doctorCommand(set), envCommand(), completionCommand(), versionCommand(),
	)
	root.AddCommand(topicCommands(root)...)
	root.SetHelpCommand(helpCommand())
	withCompletion(root)
	withSettings(root, set)
	return root
}

// oneURL accepts at most one argument, an http or https URL or one without a scheme.
func oneURL(c *cobra.Command, args []string) error {
	if len(args) > 1 {
		return usage("detour --help", "at most one URL is allowed, got %d", len(args))
	}
	for _, a := range args {
		if _, ok := typed.PageURL(a); !ok {
			return usage(meant(c.Root(), a), "%q is neither a command nor a URL", a)
		}
	}
	return nil
}

// meant is what to do about a word that is neither a command nor a URL.
func meant(root *cobra.Command, word string) string {
	_, _, hostAndPort := strings.Cut(word, ":")
	switch {
	case typed.Readable(word) || typed.IsFile(word):
		return "detour open " + word + " shows it, detour diagnose " + word + " prints its findings"
	case strings.Contains(word, "://"):
		return "detour opens https:// and http:// addresses"
	case hostAndPort:
		return "a URL starts with https:// or http://: detour http://" + word
	}
	hint := "detour --help lists the commands"
	if near := nearest.Word(word, commandsOf(root)); near != "" {
		return "did you mean detour " + near + "? " + hint
	}
	if near := nearest.Word(word, helped(root)); near != "" { // a topic
		return "detour help " + near + " is about something similar; " + hint
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
