package flow

import (
	"fmt"
	"testing"
)

func TestFields_areSortedByNameAndKeepTheOrderOfOneName(t *testing.T) {
	got := Fields(map[string][]string{"B": {"2", "1"}, "A": {""}, "C": nil})
	if s := fmt.Sprint(got); s != "[{A } {B 2} {B 1}]" {
		t.Errorf("got %s", s)
	}
}

func TestPrintable_nothingMovesTheCursor(t *testing.T) {
	if got := Printable("a\x1b[2J\u202e\u009b\nü 東"); got != "a\uFFFD[2J\uFFFD\uFFFD\uFFFDü 東" {
		t.Errorf("got %q", got)
	}
}

func TestEscape_nothingIsMarkup(t *testing.T) {
	if got, want := Escape("<b>|`x` *a*_b_ [l](u) #1 ~~s~~ \\ &#x202e;\n- x"), "&lt;b&gt;\\|\\`x\\` \\*a\\*\\_b\\_ \\[l\\](u) \\#<!-- -->1 \\~\\~s\\~\\~ \\\\ &amp;\\#x202e;\uFFFD- x"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestPrintable_keepsJoinersInsideEmojiAlone: everywhere else they hide.
func TestPrintable_keepsJoinersInsideEmojiAlone(t *testing.T) {
	for in, want := range map[string]string{
		"x 👩\u200d👩\u200d👧\u200d👦 y": "x 👩\u200d👩\u200d👧\u200d👦 y",
		"❤\ufe0f\u200d🔥":             "❤\ufe0f\u200d🔥",
		"ama\u200dzon":               "ama\ufffdzon",
		"👩\u200dx":                   "👩\ufffdx",
		"👩\u200d":                    "👩\ufffd",
		"👩\u200d\u202e👩":             "👩\ufffd\ufffd👩",
		"a\nb\u202ec":                "a\ufffdb\ufffdc",
		"a\xffb":                     "a\ufffdb",
	} {
		if got := Printable(in); got != want {
			t.Errorf("Printable(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestEscape_mentionsNobody: GitHub looks for mentions and issues in the rendered text, so what stands
// for a character there doesn't help, and a comment between two characters does.
func TestEscape_mentionsNobody(t *testing.T) {
	for in, want := range map[string]string{
		"@octocat":                   "@<!-- -->octocat",
		"denied for (@org/team), @7": "denied for (@<!-- -->org/team), @<!-- -->7",
		"@@octocat _@octocat":        "@@<!-- -->octocat \\_@<!-- -->octocat",
		"jo@corp.example x@ @":       "jo@corp.example x@ @",
		"org/repo#12 #x #":           "org/repo\\#<!-- -->12 \\#x \\#",
		"<!-- -->@a":                 "&lt;!-- --&gt;@<!-- -->a",
	} {
		if got := Escape(in); got != want {
			t.Errorf("%s\n got %s\nwant %s", in, got, want)
		}
	}
}
