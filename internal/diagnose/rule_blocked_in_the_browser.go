package diagnose

import (
	"fmt"
	"strings"
	"time"

	"detour/internal/flow"
)

func blockedInTheBrowser() Rule {
	return Rule{
		Code:     "blocked-in-the-browser",
		Level:    flow.LevelProblem,
		Meaning:  "The browser itself blocked a call: the request never left it.",
		HowKnown: "The browser's own error in a HAR. detour never sees such a request.",
		WhatElse: "None: the error is specific.",
		Asks:     []flow.Ask{askEndpointUser("Open the page in a browser without extensions.")},
		Source:   "https://source.chromium.org/chromium/chromium/src/+/main:net/base/net_error_list.h",
		match:    func(f *flow.Flow, _ time.Time) bool { return Blocker(f) != "" },
		explain: func(g group) flow.Finding {
			by := g.distinct(func(f *flow.Flow) []string { return []string{Blocker(f)} })
			return flow.Finding{
				Title:        fmt.Sprintf("%s: never sent: blocked in the browser by %s", g.hostList(), list(by, "")),
				Because:      g.failures(),
				Confidence:   flow.ConfidenceHigh,
				Alternatives: []string{"a service worker of the page that responds in place of the network"},
				Try:          []flow.NextStep{shell("Open the same page in a browser without extensions", "detour run")},
			}
		},
	}
}

// blockers are browsers' errors for requests that they block, with what blocks them.
func blockers() map[string]string {
	return map[string]string{
		"ERR_BLOCKED_BY_CLIENT":        "an extension, such as a content blocker",
		"ERR_BLOCKED_BY_ADMINISTRATOR": "a browser policy",
		"ERR_BLOCKED_BY_CSP":           "the page's own Content-Security-Policy",
		"ERR_BLOCKED_BY_RESPONSE":      "a policy in the response (CORP, COEP)",
		"NS_ERROR_BLOCKED_BY_POLICY":   "a browser policy",
		"NS_ERROR_DOM_BAD_URI":         "a policy of the page or of an extension",
	}
}

// Blocker is what kept a browser from sending a request, or a page from reading the
// response, according to a HAR; "" if it isn't known.
func Blocker(f *flow.Flow) string {
	if f.Failure == nil || f.Source != flow.SourceHAR {
		return ""
	}
	for text, by := range blockers() {
		if strings.Contains(f.Failure.Message, text) {
			return by
		}
	}
	return ""
}
