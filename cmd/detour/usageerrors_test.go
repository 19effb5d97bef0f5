package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// empty is a HAR without entries, and without a creator.
const empty = `{"log":{"version":"1.2","entries":[]}}`

func TestMistakes_areASentenceAHintAndTheirCode(t *testing.T) {
	privateHome(t)
	t.Setenv("DETOUR_CONFIG", noConfig)
	dir := t.TempDir()
	har := filepath.Join(dir, "empty.har")
	if err := os.WriteFile(har, []byte(empty), 0o600); err != nil {
		t.Fatal(err)
	}
	none := []string{"--ui", "none", "--browser", "none"}
	for _, c := range []struct {
		args       []string
		code       int
		says, hint string // regular expressions
	}{
		{[]string{"version", "x"}, exitUsage, `version takes no arguments, got "x"`, `detour version --help`},
		{[]string{"ca", "trsut"}, exitUsage, `takes no arguments, got "trsut"`, `did you mean detour ca trust\?`},
		{[]string{"completion"}, exitUsage, `one shell is required, got 0`, `bash fish powershell zsh`},
		{[]string{"completion", "tcsh"}, exitUsage, `shell "tcsh" is unknown`, `bash fish powershell zsh`},
		{[]string{"--bodis", "all"}, exitUsage, `unknown flag: --bodis`, `did you mean --bodies\? detour --help`},
		{[]string{"watch"}, exitUsage, `no host or file to watch`, `detour watch`},
		{[]string{"watch", "--every", "500ms", "h"}, exitUsage, `--every 500ms is out of range`, `from 1s`},
		{[]string{"watch", "--for", "-1s", "h"}, exitUsage, `--for -1s is not a time`, `30m`},
		{[]string{"watch", "a.har", "b.har"}, exitUsage, `a file is watched alone`, `detour watch FILE`},
		{[]string{"watch", "no/such.detour"}, exitUsage, `can't read no/such.detour`, `a HAR`},
		{[]string{"watch", "a b"}, exitUsage, `"a b" isn't a host`, `a host name`},
		{[]string{"probe", "--trys=2", "h"}, exitUsage, `unknown flag: --trys`, `did you mean --tries\?`},
		{[]string{"-z"}, exitUsage, `unknown shorthand flag`, `--help lists`},
		{[]string{"--browser"}, exitUsage, `--browser needs a value`, `browser to start`},
		{[]string{"--presenter=foo"}, exitUsage, `--presenter "foo" is neither true nor false`, `--presenter=false`},
		{[]string{"probe", "--tries", "x", "h"}, exitUsage, `--tries "x" isn't a whole number`, `--help`},
		{[]string{"--keys", "mark"}, exitUsage, `--keys: "mark" is not ACTION=KEY`, `--help`},
		{[]string{"ftp://x.y"}, exitUsage, `neither a command nor a URL`, `opens https:// and http://`},
		{append(none, "--listen", "127.0.0.1:99999"), exitUsage, `"99999" is not a port`, `up to 65535`},
		{append(none, "--listen", "8080"), exitUsage, `--listen "8080" is not HOST:PORT`, `127.0.0.1:8080`},
		{append(none, "--listen", "127.0.0.1:0", "--decrypt", "x.y.z..."), exitUsage, `is not a host name`, `a list of hosts`},
		{append(none, "--profile", "../../evil"), exitUsage, `is not a profile name`, `such as work`},
		{append(none, "--log", filepath.Join(dir, "no", "log")), exitUsage, `--log: can't write .*log: `, `there is no directory .*no: create it`},
		{[]string{"export", har, "-o", filepath.Join(dir, "no", "x.html")}, exitFailed, `can't write .*x.html: `, `there is no directory .*no: create it`},
		{[]string{"export", har, "--format", "md", "-o", dir}, exitUsage, `is a directory`, `name of a file in it`},
		{[]string{"diagnose", dir}, exitUsage, `is a directory`, `a HAR`},
		{[]string{"open", filepath.Join(dir, "nowhere")}, exitUsage, `can't read .*nowhere: `, `a HAR`},
		{[]string{"open", har}, exitFailed, `isn't a terminal`, `detour diagnose`},
		{[]string{"demo"}, exitFailed, `isn't a terminal`, `--ui none`},
	} {
		var out, errs bytes.Buffer
		code := run(c.args, &out, &errs)
		lines := strings.Split(errs.String(), "\n")
		if code != c.code || len(lines) != 3 || out.Len() > 0 {
			t.Errorf("%q: exit %d, want %d\n%s%s", c.args, code, c.code, &out, &errs)
			continue
		}
		if !regexp.MustCompile(`^detour: .*`+c.says).MatchString(lines[0]) || !regexp.MustCompile(`^hint: .*`+c.hint).MatchString(lines[1]) {
			t.Errorf("%q:\n%s\nwant %q and %q", c.args, &errs, c.says, c.hint)
		}
		if strings.Contains(errs.String(), "strconv") || strings.Contains(errs.String(), ".detour-") {
			t.Errorf("%q: a name that is nobody's business:\n%s", c.args, &errs)
		}
	}
}

func TestExitCode_anUnexpectedErrorHasAHintToo(t *testing.T) {
	var errs bytes.Buffer
	if code := exitCode(&errs, errors.New("broken")); code != exitFailed || errs.String() != "detour: broken\nhint: "+elsewhere+"\n" {
		t.Errorf("exit %d: %s", code, &errs)
	}
}
