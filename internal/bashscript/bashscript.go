// Package bashscript makes cobra's completion script for bash work without the package
// bash-completion, which macOS and Debian's minimal systems lack.
package bashscript

import "strings"

// Standalone is cobra's script with functions of our own in place of those that it takes from
// bash-completion.
func Standalone(script string) string {
	return strings.NewReplacer("_get_comp_words_by_ref ", "__detour_words ", "_filedir", "__detour_files").Replace(script) + functions
}

// functions are __detour_words, which sets cur, prev, words and cword from the line up
// to the cursor, split at blanks only; and __detour_files, which offers directories (-d),
// or also files with one of the extensions a|b.
const functions = `
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
