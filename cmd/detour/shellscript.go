package main

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// completingShells are those that a script is written for.
func completingShells() []string { return []string{"bash", "fish", "powershell", "zsh"} }

func completionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print the script by which a shell completes commands, flags and their values",
		Long: `Prints a script for bash, zsh, fish or PowerShell. It needs nothing else; that for
bash works with and without the package bash-completion.

  source <(detour completion bash)                                    bash, this shell
  detour completion bash > ~/.local/share/bash-completion/completions/detour
  detour completion zsh > "${fpath[1]}/_detour"                       zsh, new shells
  detour completion fish > ~/.config/fish/completions/detour.fish     fish
  detour completion powershell | Out-String | Invoke-Expression       PowerShell

Without the package, bash reads no directory of completions: put the first line into
~/.bashrc. bash 3.2, which macOS has, can't source what is piped: there, write it
into a file and source that. zsh wants "autoload -U compinit; compinit" in ~/.zshrc.`,
		ValidArgs: completingShells(),
		Args: func(_ *cobra.Command, args []string) error {
			hint := "it is one of: " + strings.Join(completingShells(), " ")
			if len(args) != 1 {
				return usage(hint, "one shell is wanted, got %d", len(args))
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

// writeBash writes cobra's script for bash. It calls two functions of the package
// bash-completion, which Debian's minimal systems and macOS are without: the script
// that is written has its own for them.
func writeBash(root *cobra.Command, w io.Writer) error {
	var script bytes.Buffer
	if err := root.GenBashCompletionV2(&script, true); err != nil {
		return err
	}
	text := strings.NewReplacer("_get_comp_words_by_ref ", "__detour_words ", "_filedir", "__detour_filedir").Replace(script.String())
	_, err := fmt.Fprint(w, text, bashFunctions)
	return err
}

// bashFunctions are __detour_words, which sets cur, prev, words and cword as readline
// would have them if = and : were letters, and __detour_filedir, which offers files with
// one of the endings a|b|, or directories (-d).
const bashFunctions = `
__detour_words()
{
    local i n=0 line=${COMP_LINE} word
    words=() cword=0
    for ((i = 0; i < ${#COMP_WORDS[@]}; i++)); do
        word=${COMP_WORDS[i]}
        if ((i > 0)) && [[ ${line} != [[:blank:]]* && ( ${word} == [=:]* || ${COMP_WORDS[i-1]} == *[=:] ) ]]; then
            words[n-1]+=${word}
        else
            words[n++]=${word}
        fi
        line=${line#*"${word}"}
        ((i == COMP_CWORD)) && cword=$((n - 1))
    done
    cur=${words[cword]} prev=
    ((cword > 0)) && prev=${words[cword-1]}
    # what is to the right of the cursor doesn't count
    local left=${COMP_LINE:0:COMP_POINT}
    if [[ ${left} == *[[:blank:]] ]]; then
        cur=
    elif [[ -n ${cur} ]]; then
        word=${left##*[[:blank:]]}
        [[ ${cur} == "${word}"* ]] && cur=${word}
    fi
    words[cword]=${cur}
    words=("${words[@]:0:cword+1}")
}

__detour_filedir()
{
    local path ending keep IFS=$'\n'
    type compopt >/dev/null 2>&1 && compopt -o filenames 2>/dev/null
    if [[ ${1-} == -d ]]; then
        COMPREPLY=($(compgen -d -- "${cur}"))
        return
    fi
    COMPREPLY=($(compgen -d -- "${cur}"))
    for path in $(compgen -f -- "${cur}"); do
        [[ -d ${path} ]] && continue
        keep=${1:+no}
        IFS='|'
        for ending in ${1-}; do
            [[ ${path} == *."${ending}" ]] && keep=
        done
        IFS=$'\n'
        [[ -z ${keep} ]] && COMPREPLY+=("${path}")
    done
}
`
