package diagnose

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"detour/internal/flow"
	"detour/internal/wording"
)

// wrongEndpointAnswers is a private address at which another service lives.
func wrongEndpointAnswers() Rule {
	unknown := anyCode("UnknownOperationException", "UnknownOperation", "InvalidAction", "UnknownAction", "UnsupportedOperation")
	return Rule{
		Code:     "wrong-endpoint-answers",
		Level:    flow.LevelProblem,
		tier:     tierAnswer,
		Meaning:  "A server at a private address doesn't know the operation that it was asked for.",
		HowKnown: "The code of the error, or 404 without one, and the address.",
		WhatElse: "An operation that the endpoint doesn't offer yet.",
		Asks:     []flow.Ask{askAccountOwner("Have the private DNS name %h lead to the endpoint of its own service and Region (%e).")},
		Source:   "https://docs.aws.amazon.com/vpc/latest/privatelink/vpce-interface-dns.html",
		match: ofAnswers(func(f *flow.Flow) bool {
			return direct(f) && byPrivateWay(f) && (unknown(f) || status(f) == 404 && f.AWS.Error == nil && f.AWS.RequestID == "")
		}),
		explain: func(g group) flow.Finding {
			return flow.Finding{
				Title:        fmt.Sprintf("%s: who answers doesn't know the operation: consistent with another service's endpoint at that address", list(g.hosts(), "")),
				Because:      append(g.refusals(), g.answerers()...),
				Confidence:   flow.ConfidenceMedium,
				Alternatives: []string{"an operation that the interface endpoint doesn't offer, and the public one does"},
				Try:          texts("detour probe " + g.hosts()[0] + ": the names in its certificate tell whose endpoint it is"),
			}
		},
	}
}

// throttled is too many calls.
func throttled() Rule {
	codes := anyCode("RequestLimitExceeded", "SlowDown", "TooManyRequestsException", "TooManyRequests", "ProvisionedThroughputExceededException",
		"BandwidthLimitExceeded", "PriorRequestNotComplete", "RequestThrottled", "RequestThrottledException")
	return Rule{
		Code:     "throttled",
		Level:    flow.LevelNotice,
		tier:     tierAnswer,
		Meaning:  "A service turned calls away because there were too many.",
		HowKnown: "The code of the error, or status 429.",
		WhatElse: "Somebody else's calls: the limits are an account's, not a person's.",
		Asks:     []flow.Ask{askAccountOwner("A higher quota for %o, or fewer of them at once.")},
		Source:   "https://docs.aws.amazon.com/general/latest/gr/api-retries.html",
		match: ofAnswers(func(f *flow.Flow) bool {
			return codes(f) || strings.HasPrefix(code(f), "Throttl") || status(f) == 429
		}),
		explain: func(g group) flow.Finding {
			first, last := g.flows[0].Times.Start, g.flows[len(g.flows)-1].Times.Start
			return flow.Finding{
				Title:        fmt.Sprintf("%s: turned away for their number: this is no trouble of the network", list(g.calls(), list(g.services(), "AWS"))),
				Because:      append(g.refusals(), fmt.Sprintf("%s within %.0f s", wording.Count(len(g.flows), "call"), last.Sub(first).Seconds())),
				Confidence:   flow.ConfidenceHigh,
				Alternatives: []string{"other users and programs of the account share its limits"},
				Try:          texts("wait, and load the page once: a dashboard that refreshes itself adds to it", "aws service-quotas list-service-quotas --service-code SERVICE"),
			}
		},
	}
}

// serverError is a fault on AWS's side, or the console's.
func serverError() Rule {
	return Rule{
		Code:     "server-error",
		Level:    flow.LevelProblem,
		tier:     tierAnswer,
		Meaning:  "A service, or the console's server, answers that it has failed itself.",
		HowKnown: "A status of 500 or above.",
		WhatElse: "Something between that answers in its place: the request ID tells, AWS's servers give one.",
		Asks:     []flow.Ask{askAccountOwner("Ask AWS support about %o, with the request ids: %r.")},
		Source:   "https://docs.aws.amazon.com/general/latest/gr/aws_service_limits.html",
		match:    ofAnswers(func(f *flow.Flow) bool { return status(f) >= 500 }),
		explain: func(g group) flow.Finding {
			f := flow.Finding{
				Title:      fmt.Sprintf("%s: the server says that it failed: consistent with trouble at AWS", list(g.calls(), list(g.services(), "AWS"))),
				Because:    g.refusals(),
				Confidence: flow.ConfidenceMedium,
				Try:        texts("the AWS Health Dashboard for the Region", "AWS support, with the request IDs above"),
			}
			if g.each(func(f *flow.Flow) bool { return f.AWS.RequestID == "" }) {
				f.Confidence = flow.ConfidenceLow
				f.Alternatives = []string{"a proxy or firewall that answers itself: none of the answers has a request ID"}
			}
			return f
		},
	}
}

// isHTML reports whether a call was answered by a page, and not by a service. Flows
// that were judged before may have lost their fields since: then their finding tells.
func isHTML(f *flow.Flow) bool {
	if !direct(f) || f.AWS.Operation == "" || f.AWS.RequestID != "" || f.AWS.Error != nil {
		return false
	}
	if slices.Contains(f.Findings, notAWS) {
		return true
	}
	s := f.Response.Status
	return strings.HasPrefix(flow.Get(f.Response.Headers, "Content-Type"), "text/html") && (s < 500 || s == 511)
}

const notAWS = "answer-not-from-aws"

// notAWSAnswers is a page where a service's answer should be.
func notAWSAnswers() Rule {
	return Rule{
		Code:     notAWS,
		Level:    flow.LevelProblem,
		tier:     tierAnswer,
		Meaning:  "A call to a service was answered by a web page that no service sends.",
		HowKnown: "The answer is HTML and has no request ID, which every service gives.",
		WhatElse: "A service's endpoint behind a page of somebody's own.",
		Asks:     []flow.Ask{askNetworkTeam("Find what stands between %f and %h and answers for it, or changes requests; leave these hosts out.")},
		Source:   "https://www.rfc-editor.org/rfc/rfc8952",
		match:    ofAnswers(isHTML),
		explain: func(g group) flow.Finding {
			return flow.Finding{
				Title:      fmt.Sprintf("%s: a web page answers in place of the service: consistent with a captive portal, or a block page of a proxy", list(g.hosts(), "")),
				Because:    append(g.refusals(), append(g.answerers(), g.interceptors()...)...),
				Confidence: flow.ConfidenceMedium,
				Alternatives: []string{
					"a proxy that wants people to sign in first: open any http:// page in the browser",
				},
				Try: texts("curl -v https://" + g.hosts()[0] + "/"),
			}
		},
	}
}

// giveUps are how long systems try to connect before they say so (the retries of
// SYNs: Windows 3+6+12 s, macOS 75 s, Linux with tcp_syn_retries 6 about 127 to 135 s).
func giveUps() []giveUp {
	return []giveUp{{21 * time.Second, "Windows"}, {75 * time.Second, "macOS"}, {127 * time.Second, "Linux"}, {130 * time.Second, "Linux"}}
}

type giveUp struct {
	after  time.Duration
	system string
}

const shortestGiveUp = 20 * time.Second

// giveUpOf says whose patience a duration looks like, times how often it was tried.
func giveUpOf(d time.Duration) (system string, times int, ok bool) {
	for _, g := range giveUps() {
		for n := 1; n <= 4; n++ {
			want := time.Duration(n) * g.after
			if off := d - want; off >= -want/50 && off <= want/25 {
				return g.system, n, true
			}
		}
	}
	return "", 0, false
}

// pageTimedOut is a beacon with which a page tells that a call took as long as a
// system tries to connect.
func pageTimedOut() Rule {
	return Rule{
		Code:     "page-measured-timeouts",
		Level:    flow.LevelNotice,
		tier:     tierAnswer,
		Meaning:  "A page of the console reports that a call took as long as a system tries to connect before it gives up.",
		HowKnown: "The duration in the page's own beacon is that of Windows (21 s), macOS (75 s) or Linux (127 s), or a multiple.",
		WhatElse: "A call that really takes that long.",
		Asks: []flow.Ask{
			askEndpointUser("Run detour on that machine with the same page: what was sent here doesn't say where the calls to %h end."),
			askAccountOwner("If they turn out to go to private addresses: in the security group of the interface endpoints for %e, an inbound rule for TCP port 443 from that machine."),
		},
		Source: "https://www.rfc-editor.org/rfc/rfc6298#section-5.5",
		match: ofAnswers(func(f *flow.Flow) bool {
			_, _, ok := giveUpOf(f.AWS.Measured)
			return f.Origin == flow.OriginTelemetry && ok
		}),
		explain: func(g group) flow.Finding {
			return flow.Finding{
				Title: fmt.Sprintf("%s: the page itself measured connects that were given up: consistent with addresses that don't answer", list(g.calls(), "calls")),
				Because: g.distinct(func(f *flow.Flow) []string {
					system, n, _ := giveUpOf(f.AWS.Measured)
					return []string{fmt.Sprintf("%s took %.1f s by the page's beacon: %s of %s", clean(f.AWS.Operation), f.AWS.Measured.Seconds(), wording.Count(n, "give-up"), system)}
				}),
				Confidence:   flow.ConfidenceLow,
				Alternatives: []string{"a call that really took that long"},
				Try:          texts("detour run on that machine, and the same page: then the connects themselves are seen"),
			}
		},
	}
}
