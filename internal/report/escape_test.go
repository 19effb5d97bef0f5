package report

import (
	"html"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"detour/internal/flow"
	"detour/internal/report/reporttest"
)

// seeds are texts that would be markup, a mention or the end of a block.
func seeds() []string {
	return []string{
		"<!channel> <@U123> <https://evil.example|x>", "@here @channel :fire: :100: fe80:a:b::1", "*bold* _it_ ~no~ `code` ```x```",
		"{code}x{code} {panel} {color:red}x{color}", "[~admin] [x|http://evil.example] !http://evil.example/x.png!", "||a|b|| h1. x",
		`a\\b \{ \&#123; &amp;`, "-del- +ins+ ^up^ ~down~ ??cite?? --- -- (/) (x) :) ;) :D (on)", "ap-northeast-1 a_b 10.0.1.23:443 10:28:02", reporttest.Payload, "",
		"> quote", "# 1", "\u200b\u2066x", "a ` b",
	}
}

// TestSlack_nothingIsMarkup: outside code, no sign of mrkdwn can act; inside, only entities are.
func TestSlack_nothingIsMarkup(t *testing.T) {
	for _, s := range seeds() {
		checkSlack(t, s)
	}
}

func FuzzSlack(f *testing.F) {
	for _, s := range seeds() {
		f.Add(s)
	}
	f.Fuzz(checkSlack)
}

var (
	inCode   = regexp.MustCompile("`[^` ]+`")
	entityOf = regexp.MustCompile(`&(?:amp|lt|gt);`)
)

func checkSlack(t *testing.T, s string) {
	got := slack(s)
	oneLine(t, got)
	if strings.ContainsAny(got, "<>") || strings.Contains(entityOf.ReplaceAllString(got, ""), "&") {
		t.Errorf("%q: a link, mention or entity in %q", s, got)
	}
	if strings.Count(got, "`")%2 != 0 {
		t.Errorf("%q: code isn't closed in %q", s, got)
	}
	for _, w := range strings.Split(inCode.ReplaceAllString(got, "x"), " ") {
		if strings.ContainsAny(w, "*~@`") || strings.HasPrefix(w, "_") || strings.HasSuffix(w, "_") {
			t.Errorf("%q: a sign acts in %q", s, got)
		}
	}
	if want := strings.ReplaceAll(flow.Printable(s), "`", "'"); html.UnescapeString(strings.ReplaceAll(got, "`", "")) != html.UnescapeString(want) &&
		!strings.Contains(s, "&") {
		t.Errorf("%q became %q", s, got)
	}
}

func TestJira_nothingIsMarkup(t *testing.T) {
	for _, s := range seeds() {
		checkJira(t, s)
	}
}

func FuzzJira(f *testing.F) {
	for _, s := range seeds() {
		f.Add(s)
	}
	f.Fuzz(checkJira)
}

var (
	escaped   = regexp.MustCompile(`\\[-{}\[\]*_+^~|!?()]`)
	numeric   = regexp.MustCompile(`&#[0-9]+;`)
	emoticons = regexp.MustCompile(`[:;][()]|:[DPp](?:[^\pL\pN]|$)|\((?:/|x|i|y|n|on|off|flag|flagoff)\)`)
)

func checkJira(t *testing.T, s string) {
	got := jira(s)
	oneLine(t, got)
	bare := numeric.ReplaceAllString(escaped.ReplaceAllString(got, "×"), "×")
	if strings.ContainsAny(bare, `{}[]*_+^~|!?\&`) || emoticons.MatchString(bare) {
		t.Errorf("%q: a sign acts in %q", s, got)
	}
	for i, r := range bare {
		if r == '-' && (i == 0 || i == len(bare)-1) {
			t.Errorf("%q: a hyphen acts in %q", s, got)
		}
	}
	back := html.UnescapeString(escaped.ReplaceAllStringFunc(got, func(x string) string { return x[1:] }))
	if back != flow.Printable(s) {
		t.Errorf("%q is read as %q", s, back)
	}
}

func FuzzPlainText(f *testing.F) {
	for _, s := range seeds() {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		style := inPlainText()
		for _, got := range []string{style.heading(1, s), style.item(s), style.paragraph(s), style.label("a", s)} {
			for l := range strings.Lines(got) {
				oneLine(t, strings.TrimSuffix(l, "\n"))
				if utf8.RuneCountInString(l) > maxWidth+1 && strings.Contains(strings.TrimLeft(strings.TrimSpace(l), "- "), " ") {
					t.Errorf("a line of %d columns: %q", utf8.RuneCountInString(l), l)
				}
			}
		}
	})
}

// oneLine complains of what ends a line, can't be seen or moves what is seen.
func oneLine(t *testing.T, s string) {
	t.Helper()
	for i := 0; i < len(s); {
		if n := flow.EmojiSequence(s[i:]); n > 0 {
			i += n
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if !unicode.IsPrint(r) {
			t.Errorf("%U is in %q", r, s)
		}
		i += n
	}
}

// TestTicket_noCommandEndsItsBlock: findings may come from a file.
func TestTicket_noCommandEndsItsBlock(t *testing.T) {
	for _, command := range []string{"```", "a ``` b", "a {code} b", "a {code:title=x} b", "a\nb", " a", "a\u202eb"} {
		c := reporttest.Story()
		c.Findings[0].Try = []flow.NextStep{{Text: "Do", Command: command}}
		for ext, fence := range map[string]string{"md": "```", "slack": "```", "jira": "{code}"} {
			in, begin := false, map[string]string{"md": "```sh", "slack": "```", "jira": "{code:bash}"}[ext]
			for l := range strings.Lines(written(t, ext, c)) {
				switch l = strings.ReplaceAll(strings.TrimSuffix(l, "\n"), `\{`, ""); {
				case l == begin && !in, l == fence && in:
					in = !in
				case in && ext == "md" && !strings.HasPrefix(l, fence): // only a line of its own ends a fence
				case strings.Contains(strings.ReplaceAll(l, "\\`", ""), fence[:3]):
					t.Errorf("%s: %q: a block begins or ends: %q", ext, command, l)
				}
			}
			if in {
				t.Errorf("%s: %q: a block isn't closed", ext, command)
			}
		}
	}
}

// TestTicket_fitsWhereItGoes: GitHub, Jira and Slack refuse or cut a longer text, and GitHub's
// tables scroll if a row is longer.
func TestTicket_fitsWhereItGoes(t *testing.T) {
	large := reporttest.Many()
	for i := range large.Findings {
		for range 100 {
			large.Findings[i].Because = append(large.Findings[i].Because, strings.Repeat("long {words} & <more> ", 60))
		}
	}
	for ext, limit := range map[string]int{"md": 65_536, "jira": 32_767, "slack": 40_000} {
		got := written(t, ext, large)
		if n := utf8.RuneCountInString(got); n > limit {
			t.Errorf("%s has %d characters", ext, n)
		}
		if !strings.Contains(got, "detour export FILE") {
			t.Errorf("%s doesn't say that it was cut", ext)
		}
	}
	for _, c := range []*flow.Capture{reporttest.Story(), reporttest.Fixed(), reporttest.Recorded(), reporttest.Many(), reporttest.Hostile()[1]} {
		for _, ext := range []string{"md", "jira"} {
			for l := range strings.Lines(written(t, ext, c)) {
				if strings.HasPrefix(l, "|") && utf8.RuneCountInString(l) > maxRow+1 {
					t.Errorf("%s: a row of %d characters: %s", ext, utf8.RuneCountInString(l), l)
				}
			}
		}
	}
}

// TestTicket_thingsAreSaidOnce: no line of it is there twice.
func TestTicket_thingsAreSaidOnce(t *testing.T) {
	for name, c := range map[string]*flow.Capture{"story": reporttest.Story(), "fixed": reporttest.Fixed(), "har": reporttest.Recorded()} {
		for _, ext := range []string{"md", "jira", "slack"} {
			seen := make(map[string]bool)
			for l := range strings.Lines(written(t, ext, c)) {
				if len(l) > 60 && seen[l] && !strings.HasPrefix(l, "|") {
					t.Errorf("%s.%s has twice: %s", name, ext, l)
				}
				seen[l] = true
			}
		}
	}
}

func TestTicket_withoutAFixThereIsNoProof(t *testing.T) {
	for name, c := range map[string]*flow.Capture{"story": reporttest.Story(), "healthy": reporttest.Healthy(), "empty": {}} {
		if got := written(t, "md", c); strings.Contains(got, "Before and after") || strings.Contains(got, "Tested again") {
			t.Errorf("%s: %s", name, got)
		}
	}
	still := reporttest.Story()
	still.Checks = reporttest.Fixed().Checks[:1]
	got := written(t, "md", still)
	if strings.Contains(got, "Before and after") || !strings.Contains(got, "## Tested again\n\n- tested once at 10:28:50.000 (3 connects): still 0 of 3 addresses answer") {
		t.Errorf("got %s", got)
	}
}

func TestTicket_endsWithProofOfTheFix(t *testing.T) {
	for ext := range formats() {
		got := strings.ReplaceAll(written(t, ext, reporttest.Fixed()), "&#34;", `"`)
		for _, want := range []string{
			"nobody has to act: every address has responded since 2026-11-23 10:28:58 UTC (18 connects)", "before: 3 requests affected from 2026-11-23 10:28:02 to 10:28:49 UTC",
			"after: 2 requests to the same hosts succeeded", "still 0 of 3 addresses answer", "3 of 3 addresses answer since 10:28:58.000",
		} {
			if !strings.Contains(strings.Join(strings.Fields(got), " "), want) {
				t.Errorf("%s doesn't say %q:\n%s", ext, want, got)
			}
		}
	}
}
