package main

import (
	"cmp"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"detour/internal/aws"
	"detour/internal/browser"
	"detour/internal/export"
	"detour/internal/filter"
	"detour/internal/otlp/feed"
	"detour/ui"
)

// A completer returns what a word can be completed to: "word", or "word\tdescription".
type completer = func(c *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective)

// withCompletion adds completion to the flags and arguments of a command and of its
// subcommands.
func withCompletion(c *cobra.Command) {
	c.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if how := completionOf(f); how != nil {
			_ = c.RegisterFlagCompletionFunc(f.Name, how) // the one error is that a command knows better
		}
	})
	files := map[string]int{"open": 1, "diagnose": 1, "export": 1, "diff": 2}[c.Name()]
	if c.Name() == "probe" {
		c.ValidArgsFunction = hosts
	}
	if c.ValidArgsFunction == nil && len(c.ValidArgs) == 0 {
		c.ValidArgsFunction = readableFiles(files)
	}
	for _, sub := range c.Commands() {
		withCompletion(sub)
	}
}

// completionOf is the completer for a flag's value; nil if it can be any text, or any
// file.
func completionOf(f *pflag.Flag) completer {
	if f.Value.Type() == "bool" {
		return nil
	}
	switch f.Name {
	case "browser":
		return words(slices.Concat([]string{"auto"}, browser.Kinds(), []string{"none"}))
	case "allow-users":
		return words([]string{"own", "any"})
	case "ui":
		return words([]string{"tui", "none"})
	case "otlp-send":
		return words(feed.Choices())
	case "json":
		if f.NoOptDefVal == "final" {
			return words([]string{"final", "all"})
		}
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
		return words(export.Formats())
	case "shell":
		return words([]string{"sh", "fish", "powershell", "cmd"})
	case "store":
		return words([]string{"system", "nss"})
	case "upstream-proxy":
		return words([]string{"env", "system", "none", "wpad"})
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
	case "ca-dir":
		return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		}
	case keysFlag:
		return actions
	case "region":
		return regions
	case "service":
		return services
	case "resolver", "map", "listen", "tries":
		return words(nil)
	}
	return nil
}

// words completes to these words only.
func words(all []string) completer { return beginning(all, cobra.ShellCompDirectiveNoFileComp) }

// orFile completes to words, or to the name of a file.
func orFile(all []string) completer { return beginning(all, cobra.ShellCompDirectiveDefault) }

// beginning completes to those that begin with the word.
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

// extensions completes to files with these extensions.
func extensions(ext ...string) completer {
	return cobra.FixedCompletions(ext, cobra.ShellCompDirectiveFilterFileExt)
}

// readableFiles completes to files that detour reads, for up to n arguments.
func readableFiles(n int) completer {
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

// actions completes to the table's actions, each followed by its key.
func actions(c *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	var all []string
	for _, name := range ui.KeyNames() {
		all = append(all, name+"=")
	}
	out, directive := words(all)(c, args, word)
	return out, directive | cobra.ShellCompDirectiveNoSpace
}

// regions completes to the Regions of the tables.
func regions(c *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	tables, err := aws.Load()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	return words(tables.Regions())(c, args, word)
}

// services completes to the service names in the hosts of the Region that is scanned, or
// of one that has all services.
func services(c *cobra.Command, args []string, word string) (out []string, directive cobra.ShellCompDirective) {
	directive = cobra.ShellCompDirectiveNoFileComp
	region, err := c.Flags().GetString("region")
	if err != nil || region == "" {
		region = usualRegion
	}
	tables, err := aws.Load()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	for _, e := range tables.Endpoints(region) {
		if line := e.Label + "\t" + e.ServiceName; strings.HasPrefix(e.Label, word) && !slices.Contains(out, line) {
			out = append(out, line)
		}
	}
	return out, directive
}

// usualRegion has every service.
const usualRegion = "us-east-1"

// hosts completes the host of an API: the service first, then the Region. The Region that
// the AWS CLI would use comes first.
func hosts(_ *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
	const directive = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	tables, err := aws.Load()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	all := tables.Regions()
	if own := cmp.Or(os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION")); slices.Contains(all, own) {
		all = append([]string{own}, all...)
	}
	var labels, whole []string
	for i, region := range all {
		for _, e := range tables.Endpoints(region) {
			label := e.Label + "."
			switch {
			case strings.HasPrefix(e.Host, word) && strings.HasPrefix(word, label):
				whole = append(whole, e.Host)
			case i == 0 && strings.HasPrefix(label, word):
				labels = append(labels, label)
			}
		}
	}
	if len(whole) > 0 {
		return unique(whole), directive
	}
	return unique(labels), directive | cobra.ShellCompDirectiveNoSpace
}

// unique is a list without repetitions.
func unique(list []string) (out []string) {
	seen := make(map[string]bool)
	for _, s := range list {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}

// profiles completes to the saved profiles.
func profiles(c *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	var all []string
	entries, _ := os.ReadDir(profilesDir()) // none is saved, or they can't be listed
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			all = append(all, e.Name())
		}
	}
	return words(all)(c, args, word)
}
