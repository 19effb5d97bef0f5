package web_test

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"detour/internal/alias"
	"detour/internal/capture"
	"detour/internal/flow"
	"detour/internal/intake"
	"detour/internal/share"
	"detour/internal/share/host"
	"detour/internal/share/serve"
	"detour/ui/flowtest"
	"detour/ui/web"
)

// TestPage_ofARealHost: the page and the host fit, with its listener, its cookie, its policy and
// its refusals between; and it tells nothing that strict privacy doesn't.
func TestPage_ofARealHost(t *testing.T) {
	store := capture.New(capture.Options{})
	strict := intake.NewStrict(new(alias.Table))
	h := host.New(share.Config{
		Source: store, Strict: strict, Now: time.Now, Title: "127.0.0.1:8080", Kind: share.KindRun, Detour: "v1",
		Facts: func() []share.Fact { return []share.Fact{{Name: "proxy", Value: "127.0.0.1:8080"}} },
		Judge: func(_, _ []*flow.Flow, found []flow.Finding, _ time.Time) []flow.Finding { return found },
	}, web.New(web.Options{Names: strict.Texts().Text}))
	t.Cleanup(func() { h.End("the test is over") })
	l, err := h.Share(serve.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b := openTab(t, 1280, 800, "light")
	b.open(l.String())
	b.waitFor(`document.getElementById("title").textContent === "127.0.0.1:8080"`)
	for _, f := range flowtest.Story(true) {
		x := *f
		x.Note = "of account 123456789012"
		store.Restore(&x)
	}
	b.press("6")
	b.waitFor(`document.querySelectorAll(".body .row").length === ` + itoa(len(store.Flows())))
	store.SetFindings(flowtest.Findings(false))
	store.AddStep(flow.Step{At: flowtest.Start, Text: "open the alarms"})
	b.waitFor(`document.querySelector("#finding-list button.problem") && document.querySelector(".body .step")`)
	b.press("g")
	b.press(kb.Enter)
	b.waitFor(`document.querySelector(".panel").textContent.includes("Timings")`)
	b.screenshot("host-1280-light")
	b.press(kb.Escape)
	b.press("/")
	b.press("origin:direct")
	b.waitFor(`document.getElementById("count").textContent.startsWith("4 of ")`)
	direct := *flowtest.Story(true)[3]
	direct.ID = 50
	store.Restore(&direct)
	b.waitFor(`document.getElementById("count").textContent.startsWith("5 of ")`) // the engine filters on
	b.press(" tcp:nothing")
	b.waitFor(`document.querySelector("#filter-error mark")?.textContent === "nothing"`)
	b.press(kb.Escape)
	h.SetCursor(3)
	b.waitFor(`detour.grid.hostID === 3`)
	if text := value[string](b, `JSON.stringify([...detour.store.rows.values()])`); strings.Contains(text, "123456789012") {
		t.Error("the page has an account's ID")
	}
	h.Stop("the host has stopped sharing")
	b.waitFor(`document.getElementById("state").textContent.includes("the host has stopped sharing")`)
}
