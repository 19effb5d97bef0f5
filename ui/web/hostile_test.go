package web_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"detour/internal/flow"
	"detour/ui/flowtest"
)

// TestPage_hostileTextsStayTexts: none becomes markup, runs, hides, reorders its neighbours, or
// makes the page slow.
func TestPage_hostileTextsStayTexts(t *testing.T) {
	texts := append(flowtest.HostileTexts(),
		`</script><script>window.hacked = 1</script>`, `<img src=x onerror="window.hacked = 1">`, `"><svg onload=window.hacked=1>`,
		"\u202egnp.exe", "a\u200bb\u200dc", `{{.}}`, "${window.hacked = 1}", strings.Repeat("W", 1<<20))
	r := newRun(t, flowtest.At(9000))
	r.begin(texts[0] + `</script><script>window.hacked = 1</script>`)
	for i, s := range texts {
		f := *flowtest.Hostile(s)
		f.ID = flow.ID(i + 1)
		r.put(&f)
	}
	finding := flowtest.Findings(false)[0]
	finding.Title = `<img src=x onerror="window.hacked = 1">`
	r.find([]flow.Finding{finding})
	b := openTab(t, 1280, 800, "light")
	b.open(r.link())
	b.press("6")
	b.waitFor(`detour.grid.items.length === ` + itoa(len(texts)))
	b.press("g")
	b.press(kb.Enter)
	for i := range texts {
		b.waitFor(`document.getElementById("pane-title").textContent.startsWith("#` + itoa(i+1) + ` ")`)
		b.press("]]]]]]j")
	}
	b.screenshot("hostile")
	if value[bool](b, `window.hacked !== undefined`) {
		t.Fatal("a foreign text ran as a script")
	}
	if n := value[int](b, `document.querySelectorAll("#flows img, #pane img, #flows script, #pane script, #head script").length`); n > 0 {
		t.Errorf("%d elements come from foreign texts", n)
	}
	if value[bool](b, `/[\u202a-\u202e\u2066-\u2069\u200b]/.test(document.body.innerText)`) {
		t.Error("a text changes the direction, or hides something")
	}
	if w := value[int](b, `document.documentElement.scrollWidth`); w > 1280 {
		t.Errorf("the page is %d pixels wide", w)
	}
}
