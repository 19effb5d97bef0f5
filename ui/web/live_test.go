package web_test

import (
	"testing"

	"detour/ui/flowtest"
)

// TestPage_showsRowsAsTheyHappen: a row that is sent while the page is open is in it, and a newer
// revision takes its place.
func TestPage_showsRowsAsTheyHappen(t *testing.T) {
	r := newRun(t, flowtest.At(9000))
	r.begin("CloudWatch metrics")
	b := openTab(t, 1280, 800, "light")
	b.open(r.link())
	b.waitFor(`document.getElementById("title").textContent === "CloudWatch metrics"`)
	if hash := value[string](b, "location.href"); hash != r.URL+"/" {
		t.Errorf("the address still has the token: %s", hash)
	}
	story := flowtest.Story(true)
	r.put(story...)
	b.waitFor(`document.querySelectorAll(".body .row").length > 3`)
	r.find(flowtest.Findings(false))
	b.waitFor(`document.querySelector("#finding-list button.problem")`)
	b.screenshot("rows-1280-light")
}
