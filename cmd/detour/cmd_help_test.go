package main

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"detour/internal/config"
	"detour/internal/diagnose"
	"detour/internal/flow"
	"detour/internal/licences"
	"detour/internal/statedir"
	"detour/internal/upstream"
)

// helpOf is what `detour help ARGS` prints.
func helpOf(t *testing.T, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if code := run(append([]string{"help"}, args...), &out, &errs); code != exitDone || errs.Len() > 0 {
		t.Fatalf("help %q: exit %d: %s", args, code, &errs)
	}
	return out.String()
}

// shortHome keeps paths of the machine that runs the test out of texts.
func shortHome(t *testing.T) {
	t.Helper()
	for name, dir := range map[string]string{
		"HOME": "/h", "XDG_STATE_HOME": "/h/s", "XDG_CONFIG_HOME": "/h/c",
		"LocalAppData": `C:\h`, "AppData": `C:\h`, "USERPROFILE": `C:\h`,
	} {
		t.Setenv(name, dir)
	}
}

func TestTopics_areListedAndFitANarrowTerminal(t *testing.T) {
	shortHome(t)
	list := helpOf(t)
	for _, name := range []string{
		"browsers", "capture", "concepts", "config", "environment", "exit-codes", "filters", "findings", "licences", "privacy", "table", "upstream",
	} {
		if !slices.ContainsFunc(topics(), func(t topic) bool { return t.name == name }) {
			t.Errorf("there is no topic %s", name)
		}
	}
	for _, topic := range topics() {
		if !strings.Contains(list, "\n  detour "+topic.name+" ") || !strings.Contains(list, topic.short) {
			t.Errorf("detour help doesn't list %s", topic.name)
		}
		text := helpOf(t, topic.name)
		own := strings.TrimSuffix(text, licences.Texts()) // others' texts have quotes of their own
		if strings.Count(text, "\n") < 5 || strings.Contains(own, "`") || strings.Contains(text, "%!") || strings.Contains(text, "{{") {
			t.Errorf("%s:\n%s", topic.name, text)
		}
		for line := range strings.Lines(text) {
			if utf8.RuneCountInString(strings.TrimSuffix(line, "\n")) > topicWidth || strings.HasSuffix(line, " \n") {
				t.Errorf("%s: a line that is too wide, or ends in a space: %q", topic.name, line)
			}
		}
	}
}

func TestTopics_listWhatTheProgramGoesBy(t *testing.T) {
	shortHome(t)
	findings, codes, environment, proxies := helpOf(t, "findings"), helpOf(t, "exit-codes"), helpOf(t, "environment"), helpOf(t, "upstream")
	for _, r := range diagnose.Rules() {
		if !strings.Contains(findings, "\n  "+r.Code+" ("+string(r.Level)+")\n") {
			t.Errorf("findings lacks %s", r.Code)
		}
	}
	if !strings.Contains(findings, "\n  account-contradiction (notice)\n") {
		t.Error("findings lacks what an account contradicts")
	}
	for _, c := range []string{"  0    ", "\n  1    ", "\n  2    ", "\n  3    ", "\n  130  "} {
		if !strings.Contains(codes, c) {
			t.Errorf("exit-codes lacks %q", c)
		}
	}
	root := rootCommand(nil, nil)
	for name := range settable(root) {
		if !strings.Contains(environment, "\n  "+config.Variable(name)+" ") {
			t.Errorf("environment lacks %s", config.Variable(name))
		}
	}
	for _, v := range upstream.Variables() {
		if !strings.Contains(proxies, strings.Join(v.Names, ", ")) {
			t.Errorf("upstream lacks %v", v.Names)
		}
	}
	for _, p := range []struct{ topic, want string }{
		{"browsers", "certutil"},
		{"browsers", filepath.Join(statedir.Dir(), "profiles", "NAME")},
		{"browsers", "PAC"},
		{"capture", capturesDir()},
		{"config", configFile()},
		{"privacy", "--keep-secrets"},
	} {
		if !strings.Contains(helpOf(t, p.topic), p.want) {
			t.Errorf("%s lacks %q", p.topic, p.want)
		}
	}
}

func TestTopics_licencesHaveTheTextsInTheTerminalOnly(t *testing.T) {
	text := helpOf(t, "licences")
	for _, want := range []string{"modernc.org/sqlite\n", "Apache License", "SQLite Is Public Domain", "The Go Authors", "musl"} {
		if !strings.Contains(text, want) {
			t.Errorf("detour help licences lacks %q", want)
		}
	}
	if page := (topic{name: "licences"}).text(fillOf(rootCommand(nil, nil), browserPlaces)); strings.Contains(page, "SQLite Is") {
		t.Error("the manual has the texts")
	}
}

func TestHelp_anUnknownWordGetsTheNearest(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"upstrem"}, "detour: \"upstrem\" is neither a command nor a topic\nhint: did you mean upstream? detour help lists them\n"},
		{[]string{"ca", "trst"}, "detour: \"trst\" is neither a command nor a topic\nhint: did you mean trust? detour help lists them\n"},
		{[]string{"xyzzyxyzzy"}, "detour: \"xyzzyxyzzy\" is neither a command nor a topic\nhint: detour help lists them\n"},
		{[]string{"doctor", "x"}, "detour: \"x\" is neither a command nor a topic\nhint: detour help lists them\n"},
	} {
		var out, errs bytes.Buffer
		if code := run(append([]string{"help"}, c.args...), &out, &errs); code != exitUsage || errs.String() != c.want || out.Len() > 0 {
			t.Errorf("%q: exit %d\n%s%s", c.args, code, &out, &errs)
		}
	}
	if !strings.Contains(helpOf(t, "ca", "trust"), "--dry-run") {
		t.Error("help about a subcommand lacks its flags")
	}
}

// TestConcepts_areThoseOfTheTopic: the findings' help has each, and its text is plain.
func TestConcepts_areThoseOfTheTopic(t *testing.T) {
	var names []string
	for _, c := range concepts(nil) {
		names = append(names, c.Name)
		if len(c.Text) < 100 || strings.ContainsAny(c.Text, "`|[") {
			t.Errorf("%s: %q", c.Name, c.Text)
		}
	}
	if got := strings.Join(names, ", "); got != "interface endpoint, private DNS, resolver endpoint, security group, preflight" {
		t.Errorf("the concepts are %s", got)
	}
}

// TestConcepts_ofTheFindingComeFirst: the most important one of its first, and no rule names one that
// the topic doesn't explain.
func TestConcepts_ofTheFindingComeFirst(t *testing.T) {
	first := func(code string, n int) (names []string) {
		for _, c := range concepts([]flow.Finding{{Code: code}})[:n] {
			names = append(names, c.Name)
		}
		return names
	}
	used := make(map[string]bool)
	for _, r := range diagnose.Rules() {
		if got := first(r.Code, len(r.Concepts)); !slices.Equal(got, r.Concepts) {
			t.Errorf("%s: first come %v, want %v", r.Code, got, r.Concepts)
		}
		for _, c := range r.Concepts {
			used[c] = true
		}
	}
	if all := concepts([]flow.Finding{{Code: "dns-failed"}, {Code: "cors-fields-missing"}}); all[0].Name != "private DNS" || all[1].Name != "resolver endpoint" || len(all) != 5 || len(used) != 5 {
		t.Errorf("%v, and rules use %v", all, used)
	}
}
