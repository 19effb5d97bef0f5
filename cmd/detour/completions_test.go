package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"detour/internal/shellenv"
	"detour/internal/statedir"
)

// completed is what a shell is offered for the last of args, without descriptions, and
// the directive at its end.
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

func TestCompletion_offersTheValuesOfAFlag(t *testing.T) {
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
		{"--theme d", "dark", noFile},
		{"demo --bodies ", "errors none all", noFile},
		{"run --allow-users ", "own any", noFile},
		{"export --privacy s", "strict", noFile},
		{"export --format ", "har jsonl md txt slack jira html csv bundle", noFile},
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
		{"scan --region eu-w", "eu-west-1 eu-west-2 eu-west-3", noFile},
		{"scan --region ap-northeast-1 --service logs", "logs", noFile},
		{"probe monitoring.eu-w", "monitoring.eu-west-1.amazonaws.com monitoring.eu-west-2.amazonaws.com monitoring.eu-west-3.amazonaws.com", "36"}, // in this order
		{"probe monitorin", "monitoring.", "38"},
		{"probe nowhere.example", "", "38"},
		{"--keys ma", "mark=", "6"}, // the key comes right after it
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

func TestCompletion_ofAFilterCompletesItsLastWord(t *testing.T) {
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

func TestCompletion_offersSavedProfiles(t *testing.T) {
	privateHome(t)
	for _, name := range []string{"work", "home", ".hidden"} {
		if err := os.MkdirAll(filepath.Join(statedir.Dir(), "profiles", name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if words, _ := completed(t, "--profile", ""); !slices.Equal(words, []string{"home", "work"}) {
		t.Errorf("%q", words)
	}
}

func TestCompletion_inBashNeedsNoPackage(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("bash is not installed")
	}
	privateHome(t)
	var script, errs bytes.Buffer
	if code := run([]string{"completion", "bash"}, &script, &errs); code != exitDone {
		t.Fatalf("exit %d: %s", code, &errs)
	}
	dir := t.TempDir()
	for _, name := range []string{"a.har", "b.txt", "c.detour"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o700); err != nil {
		t.Fatal(err)
	}
	// As readline does it: = and : are words of their own.
	const press = `
COMP_POINT=${#COMP_LINE} COMP_TYPE=9 COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COLUMNS=100
__start_detour
for reply in "${COMPREPLY[@]}"; do echo "${reply%% *}"; done | sort`
	for _, c := range []struct{ line, words, want string }{
		{"detour di", "detour di", "diagnose diff"},
		{"detour --browser=fire", "detour --browser = fire", "firefox"},
		{"detour --browser ", "detour --browser ''", "auto brave chrome chromium edge firefox none"},
		{"detour --filter origin:di", "detour --filter origin : di", "direct-endpoint"},
		{"detour scan --region=eu-west-", "detour scan --region = eu-west-", "eu-west-1 eu-west-2 eu-west-3"},
		{"detour open ", "detour open ''", "a.har c.detour sub"},
		{"detour --ca-dir ", "detour --ca-dir ''", "sub"},
	} {
		cmd := exec.CommandContext(t.Context(), bash, "--norc", "--noprofile", "-c", script.String()+"\nCOMP_WORDS=("+c.words+") COMP_LINE="+shellenv.Sh.Quote(c.line)+press)
		cmd.Dir = dir
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		complaints := strings.ReplaceAll(stderr.String(), "not currently executing completion function", "")
		if got := strings.Join(strings.Fields(string(out)), " "); err != nil || got != c.want || strings.Contains(complaints, "not found") {
			t.Errorf("%q: %q, want %q: %v\n%s", c.line, got, c.want, err, &stderr)
		}
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
