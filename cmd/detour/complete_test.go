package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// completed is what a shell is told of the last of args, without what words mean,
// and the directive at its end.
func completed(t *testing.T, args ...string) (words []string, directive string) {
	t.Helper()
	var out, errs bytes.Buffer
	if code := run(append([]string{"__complete"}, args...), &out, &errs); code != exitDone {
		t.Fatalf("%q: exit %d: %s", args, code, &errs)
	}
	for line := range strings.Lines(out.String()) {
		line = strings.TrimSuffix(line, "\n")
		if d, ok := strings.CutPrefix(line, ":"); ok {
			return words, d
		}
		word, _, _ := strings.Cut(line, "\t")
		words = append(words, word)
	}
	t.Fatalf("%q: no directive in %q", args, &out)
	return nil, ""
}

func TestCompletion_knowsWhatAFlagTakes(t *testing.T) {
	shortHome(t)
	const noFile, filesToo, byExtension, dirs = "4", "0", "8", "16"
	for _, c := range []struct {
		args, want, directive string
	}{
		{"--browser ", "auto chrome chromium edge brave firefox none", noFile},
		{"run --browser ", "auto chrome chromium edge brave firefox none", noFile},
		{"doctor --browser f", "firefox", noFile},
		{"demo --ui ", "tui none", noFile},
		{"run --json=", "final all", noFile},
		{"--lang ", "en ja", noFile},
		{"--theme d", "dark", noFile},
		{"demo --bodies ", "errors none all", noFile},
		{"export --privacy s", "strict", noFile},
		{"export --format ", "har jsonl md html csv bundle", noFile},
		{"env --shell p", "powershell", noFile},
		{"ca trust --store ", "system nss", noFile},
		{"--capture a", "auto", filesToo},
		{"--upstream-ca ", "pem crt cer", byExtension},
		{"--ca-dir ", "", dirs},
		{"open ", "detour har jsonl", byExtension},
		{"diagnose ", "detour har jsonl", byExtension},
		{"export ", "detour har jsonl", byExtension},
		{"diff a.har ", "detour har jsonl", byExtension},
		{"diff a.har b.har ", "", noFile},
		{"open a.har ", "", noFile},
		{"probe ", "", noFile},
		{"completion ", "bash fish powershell zsh", noFile},
		{"help e", "env environment exit-codes export", noFile},
		{"help ca t", "trust", noFile},
		{"help nowhere ", "", noFile},
	} {
		offered, directive := completed(t, strings.Split(c.args, " ")...)
		if got := strings.Join(offered, " "); got != c.want || directive != c.directive {
			t.Errorf("%q: %q, directive %s; want %q, %s", c.args, got, directive, c.want, c.directive)
		}
	}
}

func TestCompletion_ofFiltersGoesOnWithTheLastWord(t *testing.T) {
	words, directive := completed(t, "--filter", "origin:direct tc")
	if !slices.Equal(words, []string{"origin:direct tcp:"}) || directive != "38" { // nothing after it, no files, in this order
		t.Errorf("%q, directive %s", words, directive)
	}
	if words, _ = completed(t, "diagnose", "--filter", "origin:di"); !slices.Equal(words, []string{"origin:direct-endpoint"}) {
		t.Errorf("%q", words)
	}
	if words, _ = completed(t, "demo", "--filter", "xyzzy:"); words != nil {
		t.Errorf("%q", words)
	}
}

func TestCompletion_knowsKeptProfiles(t *testing.T) {
	privateHome(t)
	for _, name := range []string{"work", "home", ".hidden"} {
		if err := os.MkdirAll(filepath.Join(stateDir(), "profiles", name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if words, _ := completed(t, "--profile", ""); !slices.Equal(words, []string{"home", "work"}) {
		t.Errorf("%q", words)
	}
}

func TestCompletion_isWrittenForEachShell(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		var out, errs bytes.Buffer
		if code := run([]string{"completion", shell}, &out, &errs); code != exitDone || !strings.Contains(out.String(), "__complete") {
			t.Errorf("%s: exit %d: %s", shell, code, &errs)
		}
	}
}
