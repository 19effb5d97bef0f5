package main

import (
	"bytes"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"detour/internal/bashscript"
)

// completingShells are the shells that there is a script for.
func completingShells() []string { return []string{"bash", "fish", "powershell", "zsh"} }

func completionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print a completion script for a shell: commands, flags and their values",
		Long: `Print the script for bash, zsh, fish or PowerShell. The bash script works with or
without the package bash-completion; the others have no dependencies.

bash, this shell:
  source <(detour completion bash)

bash, new shells:
  mkdir -p ~/.local/share/bash-completion/completions
  detour completion bash > ~/.local/share/bash-completion/completions/detour

zsh, new shells:
  detour completion zsh > "${fpath[1]}/_detour"

fish:
  mkdir -p ~/.config/fish/completions
  detour completion fish > ~/.config/fish/completions/detour.fish

PowerShell:
  detour completion powershell | Out-String | Invoke-Expression

Without the package bash-completion, add the first of these lines to ~/.bashrc. With
bash 3.2, as on macOS, write the script to a file and source that file, since this
version can't source a pipe. zsh needs "autoload -U compinit; compinit" in ~/.zshrc.`,
		ValidArgs: completingShells(),
		Args: func(_ *cobra.Command, args []string) error {
			hint := "choose one of: " + strings.Join(completingShells(), " ")
			if len(args) != 1 {
				return usage(hint, "one shell is required, got %d", len(args))
			}
			if !slices.Contains(completingShells(), args[0]) {
				return usage(hint, "shell %q is unknown", args[0])
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			return writeCompletion(c.Root(), c.OutOrStdout(), args[0])
		},
	}
}

func writeCompletion(root *cobra.Command, w io.Writer, shell string) error {
	switch shell {
	case "bash":
		var script bytes.Buffer
		if err := root.GenBashCompletionV2(&script, true); err != nil {
			return err
		}
		_, err := io.WriteString(w, bashscript.Standalone(script.String()))
		return err
	case "fish":
		return root.GenFishCompletion(w, true)
	case "powershell":
		return root.GenPowerShellCompletionWithDesc(w)
	}
	return root.GenZshCompletion(w)
}
