package web_test

import (
	"os"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"detour/internal/flow"
	"detour/ui/flowtest"
)

// openScene opens a page with the scene and its finding in it.
func openScene(t testing.TB, width, height int64, scheme string) (*run, *tab) {
	r := newRun(t, flowtest.At(9000))
	r.begin("CloudWatch metrics")
	r.put(scene()...)
	r.find(flowtest.Findings(false))
	r.send("steps", object{"steps": []flow.Step{{At: flowtest.At(800), Text: "open the alarms"}}})
	b := openTab(t, width, height, scheme)
	b.open(r.link())
	b.waitFor(`document.querySelectorAll(".body .row").length > 8 && document.querySelector("#finding-list button")`)
	return r, b
}

// TestPage_showsRowsAsTheyHappen: a row that is sent while the page is open is in it, and a newer
// revision takes its place.
func TestPage_showsRowsAsTheyHappen(t *testing.T) {
	r := newRun(t, flowtest.At(9000))
	r.begin("CloudWatch metrics")
	b := openTab(t, 1280, 800, "light")
	b.open(r.link())
	b.waitFor(`document.getElementById("title").textContent === "CloudWatch metrics"`)
	if got := value[string](b, "location.href"); got != r.URL+"/" {
		t.Errorf("the address still has the token: %s", got)
	}
	pending := flowtest.Story(false)
	r.put(pending...)
	b.waitFor(`document.querySelectorAll(".body .row.open").length > 0`)
	for _, f := range flowtest.Story(true) {
		g := *f
		g.Rev += 10
		r.put(&g)
	}
	b.waitFor(`!document.querySelector(".body .row.open") && document.querySelector(".body").textContent.includes("TIMEOUT")`)
	r.find(flowtest.Findings(false))
	b.waitFor(`document.querySelector("#finding-list button.problem")`)
	b.waitFor(`document.getElementById("said").textContent.startsWith("problem: ")`) // for screen readers
	r.state(object{"watching": 2})
	r.send("gap", object{"lost": 1204})
	b.waitFor(`document.getElementById("state").textContent.includes("2 watching") &&
		document.getElementById("state").textContent.includes("1,204 updates were left out")`)
	r.send("gone", object{"ids": []int{int(pending[0].ID)}})
	b.waitFor(`!detour.store.rows.has(` + itoa(pending[0].ID) + `)`)
	r.send("end", object{"why": "the run ended"})
	b.waitFor(`document.getElementById("state").textContent.includes("the run ended")`)
}

// TestPage_withoutAToken says what to open, and asks for no data.
func TestPage_withoutAToken(t *testing.T) {
	r := newRun(t, flowtest.At(0))
	b := openTab(t, 1280, 800, "light")
	b.expect("401")
	b.open(r.URL)
	b.waitFor(`document.getElementById("notice").textContent.includes("Open the whole link")`)
	b.open(r.URL + "/?again#wrong")
	b.waitFor(`document.getElementById("notice").textContent.includes("isn't valid")`)
}

// TestPage_detailHasTheTabsOfTheTerminal, and follows the row that is selected.
func TestPage_detailHasTheTabsOfTheTerminal(t *testing.T) {
	_, b := openScene(t, 1280, 800, "light")
	b.press("g")
	b.press("jj")
	b.press(kb.Enter)
	b.waitFor(`document.getElementById("pane-title").textContent.startsWith("#4 ")`)
	b.waitFor(`document.querySelector(".panel").textContent.includes("Timings")`)
	b.screenshot("detail-1280-light")
	for i, want := range []string{"Request", "Response", "DNS", "Connection", "Record"} {
		b.press("]")
		b.waitFor(`document.querySelector(".panel h3").textContent.startsWith(` + quoted(want) + `)`)
		if got := value[int](b, `[...document.querySelectorAll("[role=tab]")].findIndex((t) => t.ariaSelected === "true")`); got != i+1 {
			t.Errorf("tab %d is selected, want %d", got, i+1)
		}
	}
	b.screenshot("raw-1280-light")
	b.press("j")
	b.waitFor(`document.getElementById("pane-title").textContent.startsWith("#5 ")`)
	b.press(kb.Escape)
	b.waitFor(`document.getElementById("pane").hidden`)
}

// TestPage_findingShowsItsFlows, and Esc returns.
func TestPage_findingShowsItsFlows(t *testing.T) {
	r, b := openScene(t, 1280, 800, "light")
	b.press("!")
	b.waitFor(`document.querySelectorAll(".body .row:not(.step)").length === 3 && document.getElementById("count").textContent.includes("3 flows")`)
	b.waitFor(`document.querySelector(".panel").textContent.includes("Evidence")`)
	b.screenshot("finding-1280-light")
	newer := flowtest.Findings(false)[0]
	newer.Title, newer.Flows = "more calls fail", append(slices.Clone(newer.Flows), 10)
	r.find([]flow.Finding{newer})
	b.waitFor(`document.querySelectorAll(".body .row:not(.step)").length === 4 && document.getElementById("pane-title").textContent === "more calls fail"`)
	r.find(flowtest.Findings(false))
	b.waitFor(`document.querySelectorAll(".body .row:not(.step)").length === 3`)
	b.press(kb.Escape)
	b.waitFor(`document.querySelectorAll(".body .row").length > 8 && document.getElementById("pane").hidden`)
	b.do(chromedp.Click(chromedp.CSS("#finding-list button")))
	b.waitFor(`document.querySelectorAll(".body .row:not(.step)").length === 3`)
}

// TestPage_filters by the engine's language, with its completions and its errors.
func TestPage_filters(t *testing.T) {
	_, b := openScene(t, 1280, 800, "light")
	b.press("/")
	b.waitFor(`document.activeElement.id === "filter" && !document.getElementById("candidates").hidden`)
	b.press("tcp:tim")
	b.waitFor(`document.getElementById("candidates").textContent.includes("timeout")`)
	b.screenshot("complete-1280-light")
	b.press(kb.Tab)
	b.waitFor(`document.getElementById("filter").value === "tcp:timeout"`)
	b.waitFor(`[...document.querySelectorAll(".body .row:not(.step)")].every((r) => r.textContent.includes("TIMEOUT"))`)
	b.press(" origin:nowhere")
	b.waitFor(`!document.getElementById("filter-error").hidden`)
	if got, want := value[string](b, `document.querySelector("#filter-error mark").textContent`), "nowhere"; got != want {
		t.Errorf("what is wrong is %q, want %q", got, want)
	}
	b.screenshot("error-1280-light")
	if !value[bool](b, `document.querySelector("#filter-error pre").textContent.split("\n")[1].trimEnd() === " ".repeat(19) + "^".repeat(7)`) {
		t.Errorf("the caret isn't under it: %q", value[string](b, `document.querySelector("#filter-error pre").textContent`))
	}
	b.press(kb.Escape)
	b.waitFor(`document.getElementById("filter-error").hidden && document.getElementById("filter").value === ""`)
	b.waitFor(`document.querySelectorAll(".body .row").length > 8`)
}

// TestPage_viewsAreTheTerminals: their digits show them, and groups open.
func TestPage_viewsAreTheTerminals(t *testing.T) {
	_, b := openScene(t, 1280, 800, "light")
	b.press("3")
	b.waitFor(`document.querySelector("#views [aria-pressed=true]").textContent.startsWith("problems")`)
	b.press("4")
	b.waitFor(`document.querySelector(".titles").textContent.includes("WORST")`)
	b.waitFor(`document.querySelectorAll(".body .row").length > 0`)
	b.screenshot("hosts-1280-light")
	groups := value[int](b, `document.querySelectorAll(".body .row").length`)
	b.press("g")
	b.press(kb.Enter)
	b.waitFor(`!document.querySelector(".titles").textContent.includes("WORST") && document.getElementById("count").textContent.includes("Esc")`)
	b.press(kb.Escape)
	b.waitFor(`document.querySelectorAll(".body .row").length === ` + itoa(groups))
	b.press("a")
	b.waitFor(`document.querySelector("#views [aria-pressed=true]").textContent.startsWith("all")`)
	b.press("?")
	b.waitFor(`document.getElementById("help").open`)
	b.screenshot("keys-1280-light")
	b.press(kb.Escape)
	b.waitFor(`!document.getElementById("help").open`)
}

func TestPage_goesToTheFirstFlowPastAStep(t *testing.T) {
	r, b := openScene(t, 1280, 300, "light")
	r.send("steps", object{"steps": []flow.Step{{At: flowtest.At(-1000), Text: "open the console"}}})
	b.waitFor(`detour.grid.items[0].text === "open the console"`)
	b.press("G")
	b.waitFor(`detour.grid.following && detour.grid.selected > 1`)
	b.press("g")
	b.waitFor(`detour.grid.selected === 1 && !detour.grid.following`)
	b.press("k")
	b.waitFor(`detour.grid.selected === 1`)
}

// TestPage_followsFreezesAndGoesWithTheHost.
func TestPage_followsFreezesAndGoesWithTheHost(t *testing.T) {
	r, b := openScene(t, 1280, 300, "light")
	end := `detour.grid.grid.scrollTop + detour.grid.grid.clientHeight >= detour.grid.grid.scrollHeight - 2`
	b.waitFor(end)
	next := flow.ID(1000)
	more := func() {
		for range 20 {
			next++
			r.put(flowtest.Plain(next))
		}
	}
	more()
	b.waitFor(`detour.store.ids.length > 60 || detour.grid.items.at(-1)?.id === ` + itoa(next))
	b.waitFor(end)
	b.press("f")
	before := value[int](b, `detour.grid.items.length`)
	more()
	b.waitFor(`document.getElementById("count").textContent === "frozen, 20 more"`)
	if got := value[int](b, `detour.grid.items.length`); got != before {
		t.Errorf("%d items in a frozen display, want %d", got, before)
	}
	b.press("f")
	b.waitFor(`detour.grid.items.at(-1)?.id === ` + itoa(next) + ` && ` + end)
	b.press("k") // ends following
	more()
	b.waitFor(`detour.grid.items.at(-1)?.id === ` + itoa(next) + ` && !detour.grid.following`)
	b.press("h")
	r.send("cursor", object{"id": 3})
	b.waitFor(`detour.grid.item()?.id === 3 && document.querySelector(".row.on.host")`)
	b.press("h")
	r.send("cursor", object{"id": 4})
	b.waitFor(`detour.grid.hostID === 4`)
	if got := value[int](b, `detour.grid.item().id`); got != 3 {
		t.Errorf("the cursor is at %d after the host's was let go, want 3", got)
	}
}

// TestPage_reconnectsWhereItWas after a lost connection, and says that it had none.
func TestPage_reconnectsWhereItWas(t *testing.T) {
	r, b := openScene(t, 1280, 800, "dark")
	b.expect("ERR_")
	r.CloseClientConnections()
	b.waitFor(`document.getElementById("state").textContent.includes("no contact since")`)
	r.put(flowtest.Plain(1000))
	b.waitFor(`detour.store.rows.has(1000) && !document.getElementById("state").textContent.includes("no contact")`)
}

// TestPage_looks takes pictures, for a person to look at.
func TestPage_looks(t *testing.T) {
	if os.Getenv("DETOUR_SCREENSHOTS") == "" {
		t.Skip("takes pictures if DETOUR_SCREENSHOTS is a directory")
	}
	for _, scheme := range []string{"light", "dark"} {
		_, b := openScene(t, 1280, 800, scheme)
		b.press("g")
		b.screenshot("page-1280-" + scheme)
		b.press("jj")
		b.press(kb.Enter)
		b.waitFor(`document.querySelector(".panel").textContent.includes("Timings")`)
		b.screenshot("flow-1280-" + scheme)
		_, c := openScene(t, 400, 800, scheme)
		c.press("g")
		c.screenshot("page-400-" + scheme)
		c.press(kb.Enter)
		c.waitFor(`document.querySelector(".panel").textContent.includes("Timings")`)
		c.screenshot("flow-400-" + scheme)
	}
}
