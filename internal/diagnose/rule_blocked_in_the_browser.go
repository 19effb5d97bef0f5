package diagnose

import (
	"fmt"
	"time"

	"detour/internal/diagnose/ending"
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
			by := g.Distinct(func(f *flow.Flow) []string { return []string{Blocker(f)} })
			others := g.othersWork()
			f := flow.Finding{
				Title:        fmt.Sprintf("%s: blocked in the browser by %s", g.HostList(), list(by, "")),
				Because:      append(g.endings(), others...),
				Confidence:   sure(true, len(others) > 0),
				Alternatives: []string{"a service worker of the page that responds in place of the network"},
				Try:          []flow.NextStep{shell("On that machine, open the same page in a browser without extensions", "detour run")},
			}
			if g.Each(func(f *flow.Flow) bool { return ending.Kind(f) == flow.KindBlockedByAdmin }) {
				f.Alternatives = nil
				f.Try = []flow.NextStep{step("On that machine, open chrome://policy or edge://policy, and look for the policy that blocks " +
					"the host (URLBlocklist)")}
				f.Asks = []flow.Ask{askEndpointUser("Ask whoever manages the browser's policies to allow %h.")}
			}
			return f
		},
	}
}

// Blocker is what kept a browser from sending a request, or a page from reading the
// response, according to a HAR; "" if it isn't known.
func Blocker(f *flow.Flow) string {
	if f.Failure == nil || f.Source != flow.SourceHAR {
		return ""
	}
	switch f.Failure.Kind { //nolint:exhaustive // no others are the browser's
	case flow.KindBlockedByClient:
		return "an extension, such as a content blocker"
	case flow.KindBlockedByAdmin:
		return "a browser policy"
	case flow.KindBlockedByPage:
		return "the page's own policy (Content-Security-Policy, mixed content)"
	case flow.KindBlockedByResponse:
		return "a policy in the response (CORP, COEP)"
	}
	return ""
}
