package main

import (
	"slices"
	"strings"

	"detour/internal/demo"
	"detour/internal/lab"
)

// A fault is a case of the lab with the verdicts that are right for it. Verdicts are codes
// of findings, separated by spaces, with * as in path.Match; quiet stands for no problem.
type fault struct {
	name  string
	state lab.Case

	midRun    bool   // it comes after the page has loaded, which it would prevent
	kept      bool   // … and after calls, whose connections are still open
	preflight bool   // curl, too, first asks for permission as a browser does
	way       string // of lab.Page
	fast      bool   // in the normal run of the tests

	only    string // the ways to look at it; "": all
	patient bool   // the page doesn't give calls up; the system does, after 3 s
	early   bool   // the HAR is saved while calls are in progress
	asks    bool   // the browser asks for permission (Local Network Access), and nobody gives it

	all     expected // on every way
	probe   expected // what differs from it: probe sends no signed call
	har     expected // … a HAR can't tell as much
	firefox expected // … one of Firefox's less than that; as har if it is empty
	not     string   // in the sentence of a finding, these are false reasons; separated by |
}

// expected are the codes of a right and of an unsure verdict. A problem that is neither is
// wrong.
type expected struct{ right, unsure string }

const quiet = "quiet"

// lookedAt returns whether the fault is to be looked at on a way.
func (f fault) lookedAt(way string) bool {
	return f.only == "" || slices.Contains(strings.Fields(f.only), way)
}

// hosts are those that a problem on a way has to name.
func (f fault) hosts(way string) []string {
	switch {
	case slices.Contains(strings.Fields(f.of(way).right), quiet):
		return nil
	case f.state == lab.CaseExpired:
		return []string{demo.MetricsHost}
	}
	return []string{demo.LogsHost, demo.MetricsHost}
}

// of is what is expected on a way, "" for all that detour sees itself.
func (f fault) of(way string) expected {
	want := f.all
	for _, w := range []struct {
		ways string
		want expected
	}{{"probe", f.probe}, {"chromium-har firefox-har", f.har}, {"firefox-har", f.firefox}} {
		if slices.Contains(strings.Fields(w.ways), way) && w.want != (expected{}) {
			want = w.want
		}
	}
	return want
}

// faults are the states of the network that every way of looking at it has to tell apart.
func faults() []fault {
	is := func(right string) expected { return expected{right: right} }
	const (
		private    = "private-endpoint-unreachable"
		group      = "security group"
		hars       = "chromium-har firefox-har"
		notWorking = "that isn't working"
		dead       = notWorking + "|own calls work"

		curlWorks = "programs like curl work"
	)
	// The page gave these calls up after seconds without a connection.
	given := is("direct-calls-given-up direct-calls-unanswered")
	// Firefox writes the same bytes for a dropped, refused, reset or unroutable connect, and
	// for a name that doesn't resolve.
	neutral := is("direct-calls-without-connection direct-calls-unanswered")
	fallsBack := is(quiet + " *slow* " + neutral.right) // or it doesn't, within the page's 4 s
	sunk := is("connect-refused sinkholed")
	gateway := expected{"answer-not-from-aws", "cors-fields-missing"} // the preflight meets it first
	return []fault{
		{name: "healthy", state: lab.CaseHealthy, all: is(quiet), fast: true},
		{name: "tab-closed", state: lab.CaseUnhurried, all: is(quiet), way: "leave"},
		{name: "autocomplete-cancelled", state: lab.CaseUnhurried, all: is(quiet), way: "search"},

		{name: "sg-drop", state: lab.CaseSGDrop, all: is(private), har: given, firefox: neutral, fast: true},
		{name: "sg-drop-patient", state: lab.CaseSGDrop, only: hars, patient: true, all: is("direct-calls-unanswered"), firefox: neutral},
		{name: "sg-drop-early", state: lab.CaseSGDrop, only: hars, early: true, all: is(quiet)},
		{name: "permission-denied", state: lab.CaseHealthy, only: "chromium-har", asks: true, all: is("local-network-access-blocked")},
		{name: "public-drop", state: lab.CasePublicDrop, all: is("connect-timeout"), har: given, firefox: neutral, not: group},
		{name: "half-eni", state: lab.CaseOneDead, all: is("address-unanswered"), har: is(quiet + " *slow*"), firefox: fallsBack},
		{name: "late-3s", state: lab.CaseLate, all: is(quiet + " *slow*"), not: group},
		{name: "late-7s", state: lab.CaseLater, all: is("*slow*"), probe: expected{"*slow*", private}, har: given, firefox: neutral},
		{name: "refused", state: lab.CaseRST, all: is("connect-refused"), firefox: neutral, not: group, fast: true},
		{name: "prohibited", state: lab.CaseProhibited, all: is("connect-unreachable"), firefox: neutral, not: group, fast: true},
		{name: "no-route", state: lab.CaseNoRoute, all: is("connect-unreachable"), firefox: neutral, not: group, fast: true},
		{name: "fake-address-dead", state: lab.CaseFakeDead, all: is("connect-timeout"), har: given, firefox: neutral, not: group + "|firewall"},
		{name: "fake-address", state: lab.CaseFake, all: is(quiet)},

		{name: "silent-tls", state: lab.CaseSilent, all: is("tls-failed"), har: given, firefox: neutral, not: "(MTU): "},
		{name: "mtu-black-hole", state: lab.CaseBlackHole, all: is("tls-failed"), har: given, firefox: neutral, not: group + "|blocks this name"},
		{name: "reset-on-hello", state: lab.CaseResetData, all: is("tls-failed connection-broken"), firefox: neutral, not: group},
		{name: "filtered-sni", state: lab.CaseSNIReset, all: is("tls-failed connection-broken"), firefox: neutral, not: group, fast: true},
		{name: "expired-at-one", state: lab.CaseExpired, all: is("tls-failed"), not: "clock", fast: true},
		{name: "wrong-endpoint", state: lab.CaseWrongEndpoint, all: is("tls-failed"), not: group},

		{name: "no-cors-options", state: lab.CaseNoCORSPreflight, all: is("cors-fields-missing"), probe: is(quiet), preflight: true},
		{name: "no-cors-answer", state: lab.CaseNoCORSAnswer, all: is("cors-fields-missing"), probe: is(quiet), preflight: true},
		{name: "gateway-redirect", state: lab.CaseGatewayRedirect, all: is("answer-not-from-aws"), har: gateway, not: curlWorks, fast: true},
		{name: "gateway-html", state: lab.CaseGatewayHTML, all: is("answer-not-from-aws"), har: gateway, not: curlWorks},
		{name: "gateway-json", state: lab.CaseGatewayJSON, all: is("answer-not-from-aws"), har: gateway, not: curlWorks},
		{name: "empty-response", state: lab.CaseEmpty, all: is("request-unanswered connection-broken"), not: group},
		{
			name: "slow-answer", state: lab.CaseSlow, all: expected{"*slow*", "request-unanswered"}, // it was given up before
			probe: expected{quiet + " *slow*", "request-unanswered"},
			har:   expected{"*slow* request-unanswered", given.right}, firefox: expected{"*slow* request-unanswered", neutral.right}, not: group,
		},

		{
			name: "vpn-death", state: lab.CaseVPNDeath, midRun: true, kept: true,
			all: expected{"nothing-answers", "dns-failed connect-timeout"}, probe: is("nothing-answers dns-failed"),
			firefox: expected{"nothing-answers", neutral.right + " calls-failed"}, not: dead,
		},
		{
			name: "offline", state: lab.CaseOffline, midRun: true, kept: true,
			all: expected{"nothing-answers", "dns-failed connect-unreachable"}, probe: is("nothing-answers dns-failed"),
			firefox: expected{"nothing-answers", neutral.right + " calls-failed"}, not: dead,
		},
		{
			name: "portal-certificate", state: lab.CasePortal, midRun: true,
			all: expected{"*portal*", "tls-failed"}, not: "another service's endpoint",
		},
		{name: "portal-redirect", state: lab.CasePortalRedirect, midRun: true, all: is("*portal* answer-not-from-aws"), not: curlWorks},

		{name: "sinkhole-zero", state: lab.CaseSinkZero, all: is("sinkholed"), har: sunk, firefox: neutral, not: group, fast: true},
		{name: "sinkhole-loopback", state: lab.CaseSinkLoopback, all: is("sinkholed"), har: sunk, firefox: neutral, not: group},
		{name: "sinkhole-nobody", state: lab.CaseSinkNobody, all: is(private), har: given, firefox: neutral},
		{name: "nxdomain", state: lab.CaseShadow, all: is("dns-failed"), firefox: neutral, not: group, fast: true},
		{name: "no-data", state: lab.CaseNoData, all: is("dns-failed"), firefox: neutral, not: group},
		{name: "dead-alias", state: lab.CaseDeadAlias, all: is("dns-failed *alias*"), firefox: neutral, not: "private hosted zone", fast: true},
		{name: "servfail", state: lab.CaseServFail, all: is("dns-failed"), firefox: neutral, not: notWorking},
		{name: "names-unanswered", state: lab.CaseDNSSilent, all: is("dns-failed"), har: given, firefox: neutral, not: notWorking},
		{name: "resolver-no-route", state: lab.CaseNSNoRoute, midRun: true, all: is("dns-failed"), firefox: neutral, not: notWorking},
		{name: "resolver-refuses", state: lab.CaseNSRefused, midRun: true, all: is("dns-failed"), har: given, firefox: neutral, not: group},
		{name: "no-edns", state: lab.CaseNoEDNS, all: is(quiet), fast: true},
		{name: "no-aaaa", state: lab.CaseNoAAAA, all: is(quiet + " dns-queries-dropped")},
	}
}
