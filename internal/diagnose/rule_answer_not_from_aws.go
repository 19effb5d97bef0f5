package diagnose

import (
	"fmt"
	"slices"
	"strings"

	"detour/internal/flow"
)

const answerNotFromAWSCode = "answer-not-from-aws"

func answerNotFromAWS() Rule {
	return Rule{
		Code:     answerNotFromAWSCode,
		Level:    flow.LevelProblem,
		tier:     tierAnswer,
		Meaning:  "A call to a service returned a web page, which no service sends.",
		HowKnown: "The response is HTML and has no request ID, which every service sends.",
		WhatElse: "Your own web server in front of a service endpoint.",
		Asks:     []flow.Ask{askNetworkTeam(findIntermediary)},
		Source:   "https://www.rfc-editor.org/rfc/rfc8952",
		match:    ofAnswers(isHTML),
		explain: func(g group) flow.Finding {
			return flow.Finding{
				Title: fmt.Sprintf("%s: a web page was returned instead of the service's response: "+
					"consistent with a captive portal, or a proxy's block page", g.hostList()),
				Because:      append(g.refusals(), append(g.answerers(), g.privateCAs()...)...),
				Confidence:   flow.ConfidenceMedium,
				Alternatives: []string{"a proxy that requires people to sign in first: open any http:// page in the browser"},
				Try:          []flow.NextStep{shell("Read the page", "curl -v "+g.url())},
			}
		},
	}
}

// isHTML reports whether a call returned a web page instead of the service's response. A
// flow that was diagnosed earlier may have lost its headers: its findings then decide.
func isHTML(f *flow.Flow) bool {
	if !direct(f) || f.AWS.Operation == "" || f.AWS.RequestID != "" || f.AWS.Error != nil {
		return false
	}
	if slices.Contains(f.Findings, answerNotFromAWSCode) {
		return true
	}
	s := f.Response.Status
	return strings.HasPrefix(flow.Get(f.Response.Headers, "Content-Type"), "text/html") && (s < 500 || s == 511)
}
