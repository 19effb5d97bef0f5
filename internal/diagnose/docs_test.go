package diagnose

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/findings.md anew")

// findingsPage is docs/findings.md, made from the rules.
func findingsPage() string {
	var b strings.Builder
	b.WriteString("# Findings\n\nA finding says what a pattern is consistent with; it never says more than that. It lists what it rests on, what else has the same\n" +
		"look, and what to try. This page is made from the rules (`make golden`), in the order in which they claim a flow.\n")
	for _, r := range Rules() {
		fmt.Fprintf(&b, "\n## %s\n\n%s Level: %s.\n\n- How it is known: %s\n- What else it could be: %s\n- Source: <%s>\n", r.Code, r.Meaning, r.Level, r.HowKnown, r.WhatElse, r.Source)
	}
	return b.String()
}

func TestDocs_findingsPageIsMadeFromTheRules(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "findings.md")
	want := findingsPage()
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil { //nolint:gosec // a page of the documentation
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != want {
		t.Errorf("%s isn't what the rules say (%v): run make golden", path, err)
	}
}

func TestRules_areComplete(t *testing.T) {
	seen := make(map[string]bool)
	for _, r := range Rules() {
		if seen[r.Code] || strings.ToLower(r.Code) != r.Code || strings.ContainsAny(r.Code, " _") {
			t.Errorf("code %q", r.Code)
		}
		seen[r.Code] = true
		for what, s := range map[string]string{"Meaning": r.Meaning, "HowKnown": r.HowKnown, "WhatElse": r.WhatElse, "Source": r.Source} {
			if s == "" {
				t.Errorf("%s: no %s", r.Code, what)
			}
		}
		if len(r.Asks) == 0 {
			t.Errorf("%s doesn't say who has to act", r.Code)
		}
	}
}

// TestDocs_signaturesNameEveryRule: docs/internals/signatures.md is written by hand, but
// names every rule, and none that isn't there.
func TestDocs_signaturesNameEveryRule(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("..", "..", "docs", "internals", "signatures.md"))
	if err != nil {
		t.Fatal(err)
	}
	codes := make(map[string]bool)
	for _, r := range Rules() {
		codes[r.Code] = true
		if !strings.Contains(string(b), r.Code) {
			t.Errorf("it doesn't name %s", r.Code)
		}
	}
	for _, line := range strings.Split(string(b), "\n") {
		cells := strings.Split(line, "|")
		if len(cells) < 4 {
			continue
		}
		finding := cells[len(cells)-2]
		for _, word := range regexp.MustCompile(`[a-z0-9]+(-[a-z0-9]+)+`).FindAllString(finding, -1) {
			if !codes[word] {
				t.Errorf("no rule is called %s: %s", word, line)
			}
		}
	}
}
