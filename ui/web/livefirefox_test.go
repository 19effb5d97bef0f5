package web_test

import (
	"testing"

	"detour/internal/flow"
	"detour/ui/flowtest"
)

// Keys that have no character (WebDriver, 17.4.2).
const (
	foxEnter  = "\ue007"
	foxEscape = "\ue00c"
)

// press types keys on whatever has the focus.
func (f *fox) press(keys string) {
	f.Helper()
	var actions []object
	for _, r := range keys {
		actions = append(actions, object{"type": "keyDown", "value": string(r)}, object{"type": "keyUp", "value": string(r)})
	}
	f.call("input.performActions", object{"context": f.context, "actions": []object{{"type": "key", "id": "keys", "actions": actions}}}, nil)
}

// TestPage_inFirefox: a walk by keyboard through everything that the page shows, while rows
// arrive.
func TestPage_inFirefox(t *testing.T) {
	r := newRun(t, flowtest.At(9000))
	r.begin("CloudWatch metrics")
	f := openFox(t)
	f.open(r.link())
	f.waitFor(`document.getElementById("title").textContent === "CloudWatch metrics"`)
	if got := f.text("location.href"); got != r.URL+"/" {
		t.Errorf("the address still has the token: %s", got)
	}
	r.put(scene()...)
	r.find(flowtest.Findings(false))
	f.waitFor(`document.querySelectorAll(".body .row").length > 8 && document.querySelector("#finding-list button.problem")`)
	f.press("gjj" + foxEnter)
	f.waitFor(`document.getElementById("pane-title").textContent.startsWith("#4 ") && document.querySelector(".panel").textContent.includes("Timings")`)
	f.press("]]]")
	f.waitFor(`document.querySelector(".panel").textContent.includes("monitoring.ap-northeast-1.amazonaws.com")`)
	f.press(foxEscape + "!")
	f.waitFor(`document.querySelectorAll(".body .row").length === 3 && document.querySelector(".panel").textContent.includes("Evidence")`)
	f.press(foxEscape + "/tcp:timeout")
	f.waitFor(`document.getElementById("count").textContent.startsWith("6 of ")`)
	f.press(" origin:nowhere")
	f.waitFor(`document.querySelector("#filter-error mark")?.textContent === "nowhere"`)
	f.press(foxEscape)
	f.waitFor(`document.getElementById("filter").value === "" && document.querySelectorAll(".body .row").length > 8`)
	f.press("4")
	f.waitFor(`document.querySelector(".titles").textContent.includes("WORST")`)
	f.press("6G")
	for i := range 100 {
		r.put(flowtest.Plain(flow.ID(1000 + i)))
	}
	f.waitFor(`detour.grid.items.at(-1).id === 1099 && document.querySelector(".row.on").textContent.includes("200")`)
}
