package web

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"

	"detour/internal/flow"
	"detour/internal/report"
	"detour/internal/report/reporttest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// documents are the report of a capture in memory.
func documents(c *flow.Capture) report.Documents {
	return report.Documents{Whole: report.Of(c), Found: report.FindingsOf(c)}
}

// reported is a capture as a page with its data inside.
func reported(t *testing.T, c *flow.Capture) string {
	t.Helper()
	var b bytes.Buffer
	if err := New(Options{}).Report(&b, c, c.Reader(), documents(c)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// bulk matches what isn't in the golden files: scripts, styles and data.
var bulk = regexp.MustCompile(`(?s)(<style>|<script[^>]*>).*?(</style>|</script>)\n*|content="default-src[^"]*"`)

// golden compares a text with a golden file.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || got != string(want) {
		g, w := strings.Split(got, "\n"), strings.Split(string(want), "\n")
		i := 0
		for i < min(len(g), len(w))-1 && g[i] == w[i] {
			i++
		}
		t.Errorf("%s (%v) differs: line %d is  %s\nand was  %s", path, err, i+1, g[i], w[i])
	}
}

// TestReport_golden: without the script, the page is a report. Its data: TestReport_goldenData.
func TestReport_golden(t *testing.T) {
	for name, c := range map[string]*flow.Capture{
		"story": reporttest.Story(), "healthy": reporttest.Healthy(), "empty": {}, "fixed": reporttest.Fixed(), "har": reporttest.Recorded(),
		"many": reporttest.Many(), "hostile": reporttest.Hostile()[1], "strict": reporttest.Strict(),
	} {
		golden(t, name+".html", bulk.ReplaceAllString(reported(t, c), ""))
	}
}

func TestReport_isTheSameForTheSameCapture(t *testing.T) {
	if a, b := reported(t, reporttest.Fixed()), reported(t, reporttest.Fixed()); a != b {
		t.Error("two reports of one capture differ")
	}
}

// elements are those that a page may have.
const elements = "html head meta title style script body header nav main section footer search dialog noscript h1 h2 h3 h4 p b code pre span div ul li a " +
	"table thead tbody tr th td svg line text rect button label input output"

func TestReport_nothingOfTheTrafficIsMarkup(t *testing.T) {
	for i, c := range reporttest.Hostile() {
		page := reported(t, c)
		for _, r := range page {
			if r != '\n' && !unicode.IsPrint(r) {
				t.Errorf("capture %d: %U is in it", i, r)
			}
		}
		scripts := 0
		for z := html.NewTokenizer(strings.NewReader(page)); ; {
			if z.Next() == html.ErrorToken {
				break
			}
			tok := z.Token()
			if tok.Type != html.StartTagToken && tok.Type != html.SelfClosingTagToken {
				continue
			}
			if tok.Data == "script" && len(tok.Attr) == 0 {
				if z.Next(); !slices.Contains(read(scriptFiles()), string(z.Raw())) {
					t.Errorf("capture %d: a script %.80s", i, z.Raw())
				}
				scripts++
			}
			if !slices.Contains(strings.Fields(elements), tok.Data) {
				t.Errorf("capture %d: an element <%s>", i, tok.Data)
			}
			for _, a := range tok.Attr {
				if strings.HasPrefix(a.Key, "on") || a.Key == "src" || a.Key == "style" || a.Key == "href" && !strings.HasPrefix(a.Val, "#") ||
					strings.Contains(a.Val, "evil") {
					t.Errorf("capture %d: <%s %s=%q>", i, tok.Data, a.Key, a.Val)
				}
			}
		}
		if scripts != len(scriptFiles()) {
			t.Errorf("capture %d: %d scripts, want %d", i, scripts, len(scriptFiles()))
		}
	}
}

// TestReport_runsNothingButItsOwn: the policy has the hashes of the page's scripts and styles, and
// allows no request.
func TestReport_runsNothingButItsOwn(t *testing.T) {
	page := reported(t, reporttest.Story())
	_, policy, ok := strings.Cut(page, `<meta http-equiv="Content-Security-Policy" content="`)
	policy, _, closed := strings.Cut(policy, `">`)
	if !ok || !closed || strings.Index(page, "<style>") < strings.Index(page, policy) {
		t.Fatal("there is no policy before what it is for")
	}
	policy = html.UnescapeString(policy)
	want := "default-src 'none'; script-src " + hashes(read(scriptFiles())) + "; style-src " + hashes(read(styleFiles())) +
		"; connect-src 'none'; base-uri 'none'; form-action 'none'"
	if policy != want {
		t.Errorf("the policy is %s", policy)
	}
	if strings.Contains(page, "unsafe") || strings.Contains(page, " style=") {
		t.Error("something of it needs unsafe-inline")
	}
}

// boxes are the commands of a page that stand in boxes.
func boxes(page string) (out []string) {
	in := ""
	for z := html.NewTokenizer(strings.NewReader(page)); ; {
		switch z.Next() { //nolint:exhaustive // the rest isn't of interest
		case html.ErrorToken:
			return out
		case html.StartTagToken:
			name, _ := z.TagName()
			in += "<" + string(name) + ">"
		case html.TextToken:
			if strings.HasSuffix(in, "<pre><code>") {
				out = append(out, string(z.Text()))
			}
			in = ""
		default:
			in = ""
		}
	}
}

// TestReport_commandsCanBeCopied: what stands in a box of the page is byte for byte the command
// of a finding, and each is there once.
func TestReport_commandsCanBeCopied(t *testing.T) {
	var want []string
	for _, f := range reporttest.Story().Findings {
		for _, s := range f.Try {
			if s.Command != "" {
				want = append(want, s.Command)
			}
		}
	}
	if got := boxes(reported(t, reporttest.Story())); !slices.Equal(got, want) || len(want) == 0 {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

func TestReport_isBounded(t *testing.T) {
	var b bytes.Buffer
	large := reporttest.Large()
	if err := New(Options{}).report(&b, large, large.Reader(), documents(large), limits{rows: 10}); err != nil {
		t.Fatal(err)
	}
	page := bulk.ReplaceAllString(b.String(), "")
	if len(page) > 600<<10 {
		t.Errorf("it has %d bytes", len(page))
	}
	for _, want := range []string{
		"And 2880 more affected calls to 480 more hosts", "And 2920 more marked requests", "920 more steps", "And 980 more",
		"2974 more affected calls aren't drawn",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("it doesn't say %q", want)
		}
	}
}

func TestReport_rawSecretsAreOnIt(t *testing.T) {
	c := reporttest.Story()
	c.RawSecrets = true
	if !strings.Contains(reported(t, c), `<p class="banner">This capture contains raw secrets`) {
		t.Error("the reader isn't warned")
	}
}

func TestReport_ofADamagedFileDoesNotSayThatNoRequestMatches(t *testing.T) {
	c := reporttest.Healthy()
	c.Omitted.Unread = 2
	page := bulk.ReplaceAllString(reported(t, c), "")
	for _, want := range []string{"No findings in the part that could be read: ", "None in the part that could be read: "} {
		if !strings.Contains(page, want) {
			t.Errorf("it doesn't say %q:\n%s", want, page)
		}
	}
}

func TestReport_endsWithProofOfTheFix(t *testing.T) {
	page := strings.Join(strings.Fields(html.UnescapeString(reported(t, reporttest.Fixed()))), " ")
	for _, want := range []string{
		"nobody has to act: every address has responded since 2026-11-23 10:28:58 UTC (18 connects)",
		"before: 3 requests affected from 2026-11-23 10:28:02 to 10:28:49 UTC", "after: 2 requests to the same hosts succeeded",
		"still 0 of 3 addresses answer", "3 of 3 addresses answer since 10:28:58.000",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("it doesn't say %q", want)
		}
	}
}

// full is a writer that takes so many bytes.
type full int

func (f *full) Write(p []byte) (int, error) {
	if *f -= full(len(p)); *f < 0 {
		return 0, errors.New("no space left on device")
	}
	return len(p), nil
}

func TestReport_tellsThatItCouldNotBeWritten(t *testing.T) {
	whole := len(reported(t, reporttest.Story()))
	for room := full(0); int(room) < whole; room += 1000 {
		c := reporttest.Story()
		if left := room; New(Options{}).Report(&left, c, c.Reader(), documents(c)) == nil {
			t.Errorf("%d bytes are enough, of %d", room, whole)
		}
	}
}
