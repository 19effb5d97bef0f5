package web_test

import (
	"os"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// axeCore is a script that looks for what a screen reader's user couldn't use.
func axeCore(t *testing.T) string {
	t.Helper()
	axe, err := os.ReadFile("../../bin/axe.min.js")
	if err != nil {
		t.Skip("needs axe-core, which .ci/axe fetches:", err)
	}
	return string(axe)
}

// isAccessible reports what axe-core finds in a state of the page.
func (b *tab) isAccessible(axe, state string) {
	b.Helper()
	b.waitFor(`!document.getAnimations().length`)
	for _, v := range value[[]string](b, axe+`;axe.run(document, {resultTypes: ["violations"]}).then((r) =>
		r.violations.flatMap((v) => v.nodes.map((n) => v.id + ": " + n.html.slice(0, 200) + " " + n.failureSummary)))`) {
		b.Errorf("%s: %s", state, v)
	}
}

// TestPage_isAccessible: axe-core finds nothing in any state of the page, in light and dark, wide
// and narrow.
func TestPage_isAccessible(t *testing.T) {
	axe := axeCore(t)
	for _, c := range []struct {
		name   string
		width  int64
		scheme string
	}{{"light", 1280, "light"}, {"dark", 1280, "dark"}, {"narrow", 400, "light"}, {"narrow and dark", 400, "dark"}} {
		t.Run(c.name, func(t *testing.T) {
			_, b := openScene(t, c.width, 800, c.scheme)
			check := func(state string) { t.Helper(); b.isAccessible(axe, state) }
			check("table")
			b.press("gj")
			b.press(kb.Enter)
			b.waitFor(`document.querySelector(".panel").textContent.includes("Timings")`)
			check("detail")
			b.press("]")
			check("request")
			b.press(kb.Escape)
			b.press("!")
			b.waitFor(`document.querySelector(".panel").textContent.includes("Evidence")`)
			check("finding")
			b.press(kb.Escape)
			b.press("4")
			check("groups")
			b.press("1/")
			b.press("tcp:x")
			b.waitFor(`document.getElementById("filter").getAttribute("aria-invalid") === "true"`)
			check("filter")
			b.press(kb.Escape)
			b.do(chromedp.Click(chromedp.CSS("#b-report")))
			b.waitFor(`document.getElementById("report").offsetHeight > 0`)
			check("report")
			b.press(kb.Escape)
			b.press("?")
			check("keys")
		})
	}
}
