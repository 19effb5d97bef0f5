package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"detour/internal/usererr"
)

func TestSettings_theSourceOfAFlagIsNamedInItsMistake(t *testing.T) {
	s := newSettings()
	s.origin["bodies"], s.origin["md"] = "DETOUR_BODIES", "config:3"
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"set by a variable":           {flagUsage("bodies", "h", "most is no size"), "most is no size (set by DETOUR_BODIES)"},
		"one of two, set by a file":   {conflict("json", "md", "one form at a time"), "one form at a time (set by config:3)"},
		"wrapped by where it happens": {fmt.Errorf("demo: %w", flagUsage("bodies", "h", "wrong")), "wrong (set by DETOUR_BODIES)"},
		"from the command line":       {flagUsage("listen", "h", "--listen is wrong"), "--listen is wrong"},
		"about no flag":               {usage("h", "a text that names --bodies"), "a text that names --bodies"},
		"no mistake in usage":         {failed("h", "--bodies can't be written"), "--bodies can't be written"},
		"no mistake of a person":      {errors.New("--bodies"), "--bodies"},
	} {
		got := s.explain(c.err)
		if got.Error() != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		before, after := usererr.As(c.err), usererr.As(got)
		if before != nil && (after == nil || after.Hint != before.Hint || after.Class != before.Class) {
			t.Errorf("%s: %#v became %#v", name, before, after)
		}
	}
}

// worded are a command's flags whose text differs from the first command's that has the flag, though
// they mean the same.
var worded = map[string]string{
	"ca ca-dir":       "run creates what ca shows",
	"ca decrypt":      "it selects the chain that run would use",
	"diagnose filter": "which flows are judged",
	"doctor browser":  "doctor tests what run would use, also below",
	"doctor ca-dir":   "",
	"doctor decrypt":  "",
	"doctor listen":   "",
	"doctor profile":  "",
	"export filter":   "which flows are written",
	"export privacy":  "what is redacted in the export",
	"scan region":     "a Region, with another example",
}

// A setting has one meaning: what is set for one command must not be something else for another.
func TestSettings_eachHasOneMeaning(t *testing.T) {
	first, of := make(map[string]*pflag.Flag), make(map[string]string)
	var visit func(c *cobra.Command)
	visit = func(c *cobra.Command) {
		_, top, _ := strings.Cut(c.CommandPath(), " ")
		top, _, _ = strings.Cut(top, " ")
		c.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
			name := settingOf(f)
			if !isSetting(f.Name) {
				return
			}
			_, same := worded[top+" "+name]
			// What a command's --json doesn't take doesn't concern it.
			if g := first[name]; g != nil && !same && name != "json" && (g.Usage != f.Usage || g.Value.Type() != f.Value.Type()) {
				t.Errorf("%s is, of %s: %s, %q; and of %s: %s, %q: one of them needs a setting of its own (nameSetting)",
					name, of[name], g.Value.Type(), g.Usage, c.CommandPath(), f.Value.Type(), f.Usage)
			}
			if first[name] == nil {
				first[name], of[name] = f, c.CommandPath()
			}
		})
		for _, sub := range c.Commands() {
			visit(sub)
		}
	}
	visit(rootCommand(io.Discard, io.Discard))
}

// What is set for the browser's profile, and for nameservers, doesn't reach detour account.
func TestSettings_ofAccountHaveTheirOwnNames(t *testing.T) {
	dir := demoAccount(t)
	t.Setenv("DETOUR_PROFILE", "browser")
	t.Setenv("DETOUR_RESOLVER", "192.0.2.53")
	t.Setenv("DETOUR_RUN", "1")
	t.Setenv("DETOUR_ACCOUNT", dir)
	script, _ := ran(t, exitDone, "account", "collect", dir, "--region", "eu-central-1")
	if strings.Contains(script, "--profile") {
		t.Errorf("the browser's profile became the AWS CLI's:\n%.500s", script)
	}
	ran(t, exitProblems, "account", "check", dir, "--from", "172.16.8.5")
	t.Setenv("DETOUR_ACCOUNT_PROFILE", "network")
	t.Setenv("DETOUR_ACCOUNT_FROM", "172.16.8.5")
	if script, _ = ran(t, exitDone, "account", "collect", dir, "--region", "eu-central-1"); !strings.Contains(script, "--profile 'network'") {
		t.Errorf("DETOUR_ACCOUNT_PROFILE sets nothing:\n%.500s", script)
	}
	ran(t, exitProblems, "account", "check", dir)
	t.Setenv("DETOUR_ACCOUNT_FROM", "office")
	if _, errs := ran(t, exitUsage, "account", "check", dir); !strings.Contains(errs, "DETOUR_ACCOUNT_FROM") {
		t.Errorf("the mistake doesn't say where it was set: %s", errs)
	}
}
