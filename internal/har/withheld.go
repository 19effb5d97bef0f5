package har

import "detour/internal/flow"

// withheld reports whether the browser kept a complete response from the page because it
// doesn't allow the page's origin. Chromium writes the status and an error without a reason (seen
// with version 156), Firefox writes nothing: its request says that the rules of CORS apply
// (fetch.spec.whatwg.org, "CORS check").
func (e *entry) withheld() bool {
	if e.exporter == flow.ExporterChromium && (e.words == "" || e.reason.kind != flow.KindUnknown) {
		return false // mostly: without a look at header fields
	}
	asked, answered := fields(e.Request.Headers), fields(e.Response.Headers)
	if flow.Has(answered, "Access-Control-Allow-Origin") {
		return false
	}
	switch e.exporter {
	case flow.ExporterChromium:
		origin := flow.Get(asked, "Origin")
		return origin != "" && authority(origin) != e.asked
	case flow.ExporterFirefox:
		site := flow.Get(asked, "Sec-Fetch-Site")
		return flow.Get(asked, "Sec-Fetch-Mode") == "cors" && (site == "cross-site" || site == "same-site") &&
			len(answered) > 0 && e.status >= 200 && e.status/100 != 3 && string(e.Request.Method) != "OPTIONS"
	case flow.ExporterWebKit:
	}
	return false
}
