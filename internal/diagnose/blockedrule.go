package diagnose

import (
	"fmt"
	"strings"
	"time"

	"detour/internal/flow"
)

// blockers are browsers' own errors for what they didn't send, and who it was.
func blockers() map[string]string {
	return map[string]string{
		"ERR_BLOCKED_BY_CLIENT":        "an extension of the browser, as a content blocker",
		"ERR_BLOCKED_BY_ADMINISTRATOR": "a policy of the browser",
		"ERR_BLOCKED_BY_CSP":           "the page's own Content-Security-Policy",
		"ERR_BLOCKED_BY_RESPONSE":      "a policy of the answer (CORP, COEP)",
		"NS_ERROR_BLOCKED_BY_POLICY":   "a policy of the browser",
		"NS_ERROR_DOM_BAD_URI":         "a policy of the page or of an extension",
	}
}

// Blocker is who kept a browser's request from being sent, or its answer from the page, as a
// HAR tells it; "" if nobody is known to.
func Blocker(f *flow.Flow) string {
	if f.Failure == nil || f.Source != flow.SourceHAR {
		return ""
	}
	for text, who := range blockers() {
		if strings.Contains(f.Failure.Message, text) {
			return who
		}
	}
	return ""
}

// browserBlocked is a call that never left the browser.
func browserBlocked() Rule {
	return Rule{
		Code:     "blocked-in-the-browser",
		Level:    flow.LevelProblem,
		Meaning:  "The browser itself kept a call from being sent.",
		HowKnown: "The browser's own error in a HAR; detour sees nothing of such a call.",
		WhatElse: "Nothing: the error says it.",
		Asks:     []flow.Ask{askEndpointUser("Open the same page without extensions.")},
		Source:   "https://source.chromium.org/chromium/chromium/src/+/main:net/base/net_error_list.h",
		match:    func(f *flow.Flow, _ time.Time) bool { return Blocker(f) != "" },
		explain: func(g group) flow.Finding {
			return flow.Finding{
				Title:        fmt.Sprintf("%s: never sent: stopped by %s", list(g.hosts(), ""), list(g.distinct(func(f *flow.Flow) []string { return []string{Blocker(f)} }), "")),
				Because:      g.distinct(func(f *flow.Flow) []string { return []string{hostOf(f) + ": " + clean(f.Failure.Message)} }),
				Confidence:   flow.ConfidenceHigh,
				Alternatives: []string{"a service worker of the page that answers in its place"},
				Try:          texts("the same page in a window without extensions: detour run starts one"),
			}
		},
	}
}
