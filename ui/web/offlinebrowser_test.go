package web_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"detour/internal/flow"
	"detour/internal/report"
	"detour/internal/report/reporttest"
	"detour/ui/web"
)

// written writes the report of a capture to a file, and returns its address.
func written(t *testing.T, c *flow.Capture) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "report.html")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	d := report.Documents{Whole: report.Of(c), Found: report.FindingsOf(c)}
	if err := web.New(web.Options{}).Report(f, c, c.Reader(), d); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return "file://" + path
}

// requests are those that a tab sends from now on.
func requests(b *tab) func() []string {
	var mu sync.Mutex
	var sent []string
	if err := chromedp.Listen(b.ctx, func(ev any) {
		if ev, ok := ev.(*network.EventRequestWillBeSent); ok {
			mu.Lock()
			defer mu.Unlock()
			sent = append(sent, ev.Request.URL)
		}
	}); err != nil {
		b.Fatal(err)
	}
	call(b, network.Enable, network.EnableParams{})
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(sent)
	}
}

const (
	rowsShown = `document.querySelectorAll(".body .row").length >= 10 && document.getElementById("views").textContent.includes("problems3")`
	// cellsOf is the text of the table.
	cellsOf = `document.querySelector(".body").textContent`
	paneOf  = `document.getElementById("pane").textContent`
)

// TestReport_inChromium: from a file, without a network, it is the page: the table, a finding with
// its next steps, a flow with its tabs, a search.
func TestReport_inChromium(t *testing.T) {
	for _, size := range []struct {
		width  int64
		scheme string
	}{{1280, "light"}, {1280, "dark"}, {400, "light"}, {400, "dark"}} {
		b := openTab(t, size.width, 900, size.scheme)
		sent, address := requests(b), written(t, reporttest.Story())
		b.open(address)
		b.waitFor(rowsShown)
		b.screenshot("report-" + itoa(uint64(size.width)) + "-" + size.scheme) //nolint:gosec // positive
		b.do(chromedp.Click(chromedp.CSS("#finding-list button")))
		b.waitFor(paneOf + `.includes("Next steps") && ` + paneOf + `.includes("aws ec2 describe-vpc-endpoints") && ` + paneOf + `.includes("Evidence")`)
		b.waitFor(`document.querySelector("#pane .command button").textContent === "Copy"`)
		b.waitFor(cellsOf + `.includes("GetMetricData") && !` + cellsOf + `.includes("DescribeTags")`)
		b.screenshot("report-finding-" + itoa(uint64(size.width)) + "-" + size.scheme) //nolint:gosec // positive
		b.press(kb.Escape)
		b.waitFor(cellsOf + `.includes("DescribeTags")`)
		b.do(chromedp.SendKeys(chromedp.CSS("#filter"), "logs"))
		b.waitFor(cellsOf + `.includes("DescribeLogGroups") && !` + cellsOf + `.includes("DescribeTags")`)
		b.press(kb.Enter)
		b.press("j" + kb.Enter)
		b.waitFor(paneOf + `.includes("#7 ") && ` + paneOf + `.includes("10.0.1.24")`)
		if got := sent(); !slices.Equal(got, []string{address}) {
			t.Errorf("it sends requests: %q", got)
		}
	}
}

// TestReport_inFirefox: the same.
func TestReport_inFirefox(t *testing.T) {
	f, address := openFox(t), written(t, reporttest.Story())
	f.open(address)
	f.waitFor(rowsShown)
	f.text(`document.querySelector("#finding-list button").click()`)
	f.waitFor(paneOf + `.includes("Next steps") && ` + paneOf + `.includes("aws ec2 describe-vpc-endpoints")`)
	f.text(`document.querySelector("#pane .close").click()`)
	f.text(`detour.pane.show({ id: 7 })`)
	f.waitFor(paneOf + `.includes("#7 ") && ` + paneOf + `.includes("10.0.1.24")`)
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.requests) > 0 { // that of a file isn't one
		t.Errorf("it sends requests: %q", f.requests)
	}
}

// TestReport_needsNoScript: without one, and on paper, it is the report: what fails, the next
// steps, the findings, the calls and the picture.
func TestReport_needsNoScript(t *testing.T) {
	b := openTab(t, 1280, 900, "light")
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	b.open(written(t, reporttest.Fixed()))
	const text = `document.body.innerText`
	for _, want := range []string{"What failed:", "Before and after", "Findings", "Affected calls, by host", "Environment", "Steps and marks", "Capture"} {
		if !strings.Contains(value[string](b, text), want) {
			t.Errorf("it doesn't say %q", want)
		}
	}
	if value[bool](b, `document.getElementById("app").checkVisibility() || document.getElementById("head").checkVisibility()`) {
		t.Error("it shows what needs the script")
	}
	b.screenshot("report-noscript")
}

func TestReport_onPaper(t *testing.T) {
	b := openTab(t, 1280, 900, "dark")
	b.open(written(t, reporttest.Story()))
	b.waitFor(rowsShown)
	b.media("print", "dark")
	if value[bool](b, `["head", "problems", "app", "keys"].some((id) => document.getElementById(id).checkVisibility())`) {
		t.Error("what can't be used on paper is printed")
	}
	if got := value[string](b, `getComputedStyle(document.documentElement).backgroundColor + getComputedStyle(document.body).color`); got != "rgb(255, 255, 255)rgb(27, 31, 36)" {
		t.Errorf("the paper is %s", got)
	}
	pdf := call(b, page.PrintToPDF, page.PrintToPDFParams{PreferCSSPageSize: new(true), PrintBackground: new(true)})
	if dir := os.Getenv("DETOUR_SCREENSHOTS"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, "report.pdf"), pdf.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestReport_thatIsDamaged says so in place of the table.
func TestReport_thatIsDamaged(t *testing.T) {
	address := written(t, reporttest.Story())
	path := strings.TrimPrefix(address, "file://")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	broken := strings.Replace(string(whole), ` id="events">H4s`, ` id="events">H4t`, 1)
	if err := os.WriteFile(path, []byte(broken), 0o600); err != nil || broken == string(whole) {
		t.Fatal(err)
	}
	b := openTab(t, 1280, 900, "light")
	b.open(address)
	b.waitFor(`document.getElementById("notice").textContent.includes("this copy of the report is damaged")`)
	b.waitFor(`document.body.innerText.includes("Next steps")`)
}

// TestReport_isAccessible: also the parts that only a report has.
func TestReport_isAccessible(t *testing.T) {
	axe := axeCore(t)
	for _, scheme := range []string{"light", "dark"} {
		b := openTab(t, 1280, 900, scheme)
		b.open(written(t, reporttest.Fixed()))
		b.waitFor(rowsShown)
		b.isAccessible(axe, scheme)
		b.do(chromedp.Click(chromedp.CSS("#finding-list button")))
		b.waitFor(paneOf + `.includes("Evidence")`)
		b.isAccessible(axe, scheme+", with a finding")
	}
}

// TestReport_ofHostileTraffic: nothing of it runs, or goes anywhere.
func TestReport_ofHostileTraffic(t *testing.T) {
	for _, c := range reporttest.Hostile() {
		b := openTab(t, 1280, 900, "light")
		sent, address := requests(b), written(t, c)
		b.open(address)
		b.waitFor(`document.querySelector("#finding-list button")`)
		b.do(chromedp.Click(chromedp.CSS("#finding-list button")))
		b.waitFor(paneOf + `.includes("cell")`)
		b.press(kb.Escape + "6")
		b.waitFor(`document.querySelectorAll(".body .row").length >= 2`)
		b.press("gj" + kb.Enter)
		b.waitFor(`document.getElementById("pane-title").textContent.startsWith("#") && detour.pane.detail`)
		for range 3 { // Response, Connection, Overview: a flow may have no connection
			b.press("]]")
			b.waitFor(`document.querySelector(".panel").textContent.match(/alert\(1\)|this flow had no connection/)`)
		}
		if got := sent(); !slices.Equal(got, []string{address}) {
			t.Errorf("it sends requests: %q", got)
		}
	}
}
