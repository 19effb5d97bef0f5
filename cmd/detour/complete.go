package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"detour/internal/browser"
	"detour/internal/filter"
	"detour/ui"
)

// A completer offers what a word may become: "word", or "word\twhat it means".
type completer = func(c *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective)

// withCompletion has the shells complete the flags and arguments of a command and of
// those below it.
func withCompletion(c *cobra.Command) {
	c.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if how := completionOf(f); how != nil {
			_ = c.RegisterFlagCompletionFunc(f.Name, how) // the one error is that a command knows better
		}
	})
	files := map[string]int{"open": 1, "diagnose": 1, "export": 1, "diff": 2}[c.Name()]
	if c.ValidArgsFunction == nil && len(c.ValidArgs) == 0 {
		c.ValidArgsFunction = captures(files)
	}
	for _, sub := range c.Commands() {
		withCompletion(sub)
	}
}

// completionOf is how a flag's value is completed; nil for one that is free, or that
// is a file of any kind.
func completionOf(f *pflag.Flag) completer {
	if f.Value.Type() == "bool" {
		return nil
	}
	switch f.Name {
	case "browser":
		return words(slices.Concat([]string{"auto"}, browser.Kinds(), []string{"none"}))
	case "ui":
		return words([]string{"tui", "none"})
	case "json":
		if f.NoOptDefVal == "final" {
			return words([]string{"final", "all"})
		}
	case "lang":
		return words(languages)
	case "theme":
		return words(ui.Themes())
	case "view":
		return words(viewNames())
	case "bodies":
		return words([]string{"errors", "none", "all"})
	case "privacy":
		return words([]string{"normal", "strict"})
	case "decrypt":
		return words([]string{"aws", "none", "all"})
	case "capture":
		return orFile([]string{"auto", "none"})
	case "config":
		return orFile([]string{noConfig})
	case "format":
		return words(formats())
	case "shell":
		return words([]string{"sh", "fish", "powershell", "cmd"})
	case "store":
		return words([]string{"system", "nss"})
	case "upstream-proxy":
		return words([]string{"env", "none"})
	case "connect-timeout":
		return words([]string{"native", "4s"})
	case "reference-resolver":
		return words([]string{"none"})
	case "filter":
		return filters
	case "profile":
		return profiles
	case "upstream-ca", "client-cert":
		return extensions("pem", "crt", "cer")
	case "endpoint-services", "vpc-endpoints":
		return extensions("json")
	case "ca-dir", "man":
		return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		}
	case "resolver", "map", "listen", "region", "service", "tries":
		return words(nil)
	}
	return nil
}

// words are all that there is.
func words(all []string) completer { return beginning(all, cobra.ShellCompDirectiveNoFileComp) }

// orFile are words, or the name of a file.
func orFile(all []string) completer { return beginning(all, cobra.ShellCompDirectiveDefault) }

// beginning are those that begin with the word.
func beginning(all []string, d cobra.ShellCompDirective) completer {
	return func(_ *cobra.Command, _ []string, word string) (out []string, _ cobra.ShellCompDirective) {
		for _, w := range all {
			if strings.HasPrefix(w, word) {
				out = append(out, w)
			}
		}
		return out, d
	}
}

// extensions are files by what their names end in.
func extensions(ext ...string) completer {
	return cobra.FixedCompletions(ext, cobra.ShellCompDirectiveFilterFileExt)
}

// captures are up to n files of what detour reads.
func captures(n int) completer {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) >= n {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return []string{"detour", "har", "jsonl"}, cobra.ShellCompDirectiveFilterFileExt
	}
}

// filters completes the last word of an expression: keys, then a key's values.
func filters(_ *cobra.Command, _ []string, word string) (out []string, _ cobra.ShellCompDirective) {
	got := filter.Complete(word, nil)
	for _, c := range got.Candidates {
		out = append(out, word[:got.From]+c.Text+"\t"+c.Doc)
	}
	return out, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveKeepOrder
}

// profiles are those that were kept.
func profiles(c *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	var all []string
	entries, _ := os.ReadDir(filepath.Join(stateDir(), "profiles")) // none is there, or none can be told
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			all = append(all, e.Name())
		}
	}
	return words(all)(c, args, word)
}
