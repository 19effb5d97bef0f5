package finding

import (
	"strings"
	"testing"

	"detour/internal/flow"
)

func TestSections_haveTheSameHeadsEverywhere(t *testing.T) {
	f := flow.Finding{
		Because: []string{"a"}, Screens: []string{"b"}, Alternatives: []string{"c"}, CloudTrail: []string{"d"},
		Try: []flow.NextStep{{Text: "e", Command: "f"}}, Asks: []flow.Ask{{Of: flow.NetworkTeam, What: "g"}},
	}
	text, markdown := Text(f), Markdown(f)
	var heads []string
	for _, s := range Sections(f) {
		heads = append(heads, s.Head)
		if !strings.Contains(text, "\n  "+s.Head+"\n") || !strings.Contains(markdown, "\n**"+s.Head+"**\n") {
			t.Errorf("%s isn't in\n%s\n%s", s.Head, text, markdown)
		}
	}
	if got, want := strings.Join(heads, ", "), "Evidence, Affected screens, Other possible causes, CloudTrail, Next steps, "+
		"Who has to act"; got != want {
		t.Errorf("heads %s, want %s", got, want)
	}
	if got := Sections(flow.Finding{Title: "t"}); len(got) != 0 {
		t.Errorf("a finding without lines has sections: %+v", got)
	}
}

func TestText_aCommandStandsOnALineOfItsOwn(t *testing.T) {
	f := flow.Finding{Try: []flow.NextStep{{Text: "Query DNS", Command: "dig a"}, {Command: "dig b"}, {Text: "Wait"}}}
	if got, want := Text(f), "  Next steps\n  - Query DNS:\n      dig a\n      dig b\n  - Wait\n"; !strings.HasSuffix(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestMarkdownLines_aCommandStandsInAFence(t *testing.T) {
	got := MarkdownLines([]Line{{Text: "one", Command: "a [b] | c"}, {Text: "two_"}, {Text: "three", Command: "d"}})
	if want := "\n- one:\n\n```sh\na [b] | c\n```\n\n- two\\_\n- three:\n\n```sh\nd\n```\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestMarkdownLines_noCommandEndsItsFence: findings may come from a file.
func TestMarkdownLines_noCommandEndsItsFence(t *testing.T) {
	for _, command := range []string{"a\n```\n# b", "```", "a\x1b[2J", " a", "a\u202eb"} {
		if got := MarkdownLines([]Line{{Command: command}}); strings.Contains(got, "\n```") {
			t.Errorf("%q stands in a fence:\n%s", command, got)
		}
	}
}
