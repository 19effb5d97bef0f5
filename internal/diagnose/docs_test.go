package diagnose

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"detour/internal/docgen"
	"detour/internal/finding"
	"detour/internal/helptext"
	"detour/internal/wording"
)

var update = flag.Bool("update", false, "write the list of docs/findings.md anew")

// ruleList is the list of docs/findings.md.
func ruleList() string {
	var b strings.Builder
	for _, r := range Rules() {
		var who []string
		for _, a := range r.Asks {
			if !slices.Contains(who, string(a.Of)) {
				who = append(who, string(a.Of))
			}
		}
		fmt.Fprintf(&b, "## %s\n\n%s Level: %s.\n\n- %s: %s\n- %s: %s\n- %s: %s.\n- Source: <%s>\n\n", r.Code, r.Meaning, r.Level,
			finding.HeadEvidence, r.HowKnown, finding.HeadAlternatives, r.WhatElse, finding.HeadAsks, wording.List(who), r.Source)
	}
	return helptext.Markdown(b.String(), helptext.Fill{})
}

// TestRules_areInFilesWithTheirNames: whoever sees a code finds its rule.
func TestRules_areInFilesWithTheirNames(t *testing.T) {
	for _, r := range Rules() {
		name := "rule_" + strings.ReplaceAll(r.Code, "-", "_") + ".go"
		if b, err := os.ReadFile(name); err != nil || !strings.Contains(string(b), strconv.Quote(r.Code)) {
			t.Errorf("the rule %s isn't in %s (%v)", r.Code, name, err)
		}
	}
}

func TestDocs_findingsPageIsMadeFromTheRules(t *testing.T) {
	docgen.Section(t, filepath.Join("..", "..", "docs", "findings.md"), "rules", ruleList(), *update)
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
