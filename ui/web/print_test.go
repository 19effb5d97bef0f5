package web_test

import (
	"testing"

	"github.com/chromedp/cdproto/emulation"

	"detour/internal/flow"
	"detour/ui/flowtest"
)

// TestPage_prints all rows and the report, in the width of the paper, in light colours.
func TestPage_prints(t *testing.T) {
	r, b := openScene(t, 1280, 800, "dark")
	for i := range 100 {
		r.put(flowtest.Plain(flow.ID(1000 + i)))
	}
	b.press("6")
	b.waitFor(`detour.grid.items.at(-1).id === 1099`)
	value[bool](b, `dispatchEvent(new Event("beforeprint"))`)
	b.media("print", "dark")
	call(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: 1047, Height: 800, DeviceScaleFactor: 1})
	rows := value[int](b, `[...document.querySelectorAll(".body .row")].filter((r) => r.getBoundingClientRect().height > 0).length`)
	if want := value[int](b, `detour.grid.items.length`); rows != want {
		t.Errorf("%d rows are printed, want %d", rows, want)
	}
	if w := value[int](b, `document.documentElement.scrollWidth`); w > 1047 {
		t.Errorf("the page is %d pixels wide", w)
	}
	if !value[bool](b, `document.getElementById("report").textContent.includes("Evidence") && document.getElementById("report").offsetHeight > 0`) {
		t.Error("the findings aren't printed")
	}
	if got := value[string](b, `getComputedStyle(document.documentElement).backgroundColor`); got != "rgb(255, 255, 255)" {
		t.Errorf("the paper is %s", got)
	}
	b.screenshot("print")
	b.media("", "dark")
	value[bool](b, `dispatchEvent(new Event("afterprint"))`)
	b.waitFor(`document.querySelectorAll(".body .row").length < 60`)
}
