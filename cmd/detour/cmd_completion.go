package main

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
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
		return writeBash(root, w)
	case "fish":
		return root.GenFishCompletion(w, true)
	case "powershell":
		return root.GenPowerShellCompletionWithDesc(w)
	}
	return root.GenZshCompletion(w)
}

// writeBash writes cobra's script for bash. The functions that it takes from the package
// bash-completion, which macOS and Debian's minimal systems lack, are replaced.
func writeBash(root *cobra.Command, w io.Writer) error {
	var script bytes.Buffer
	if err := root.GenBashCompletionV2(&script, true); err != nil {
		return err
	}
	text := strings.NewReplacer("_get_comp_words_by_ref ", "__detour_words ", "_filedir", "__detour_files").Replace(script.String())
	_, err := fmt.Fprint(w, text, bashFunctions)
	return err
}

// bashFunctions are __detour_words, which sets cur, prev, words and cword from the line up
// to the cursor, split at blanks only; and __detour_files, which offers directories (-d),
// or also files with one of the extensions a|b.
const bashFunctions = `
__detour_words()
{
    local line=${COMP_LINE:0:COMP_POINT}
    read -r -a words <<<"${line}"
    [[ ${line} == *[[:blank:]] ]] && words+=("")
    cword=$((${#words[@]} - 1)) cur=${words[cword]} prev=${words[cword-1]}
}

__detour_files()
{
    local extension extensions IFS=$'\n'
    type compopt >/dev/null 2>&1 && compopt -o filenames 2>/dev/null
    COMPREPLY=($(compgen -d -- "${cur}"))
    [[ $1 == -d ]] && return
    IFS='|' read -r -a extensions <<<"$1"
    for extension in "${extensions[@]}"; do
        COMPREPLY+=($(compgen -f -X "!*.${extension}" -- "${cur}"))
    done
}
`
