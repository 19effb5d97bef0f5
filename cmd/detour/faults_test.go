package main

import "detour/internal/lab"

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

	all   expected // on every way
	probe expected // what differs from it: probe sends no signed call
	har   expected // … a HAR can't tell as much
	not   string   // in the sentence of a finding, it is a false reason
}

// expected are the codes of a right and of an unsure verdict. A problem that is neither is
// wrong.
type expected struct{ right, unsure string }

const quiet = "quiet"

func (f fault) of(way expected) expected {
	if way == (expected{}) {
		return f.all
	}
	return way
}

// faults are the states of the network that every way of looking at it has to tell apart.
func faults() []fault {
	is := func(right string) expected { return expected{right: right} }
	const (
		private = "private-endpoint-unreachable"
		group   = "security group"
		dead    = "that isn't working"
	)
	// What a HAR says of calls that never got a connection: none of its facts tell why.
	unconnected := is("direct-calls-unanswered calls-failed")
	return []fault{
		{name: "healthy", state: lab.CaseHealthy, all: is(quiet), fast: true},
		{name: "tab-closed", state: lab.CaseUnhurried, all: is(quiet), way: "leave"},
		{name: "autocomplete-cancelled", state: lab.CaseUnhurried, all: is(quiet), way: "search"},

		{name: "sg-drop", state: lab.CaseSGDrop, all: is(private), har: unconnected, fast: true},
		{name: "public-drop", state: lab.CasePublicDrop, all: is("connect-timeout"), har: unconnected, not: group},
		{name: "half-eni", state: lab.CaseOneDead, all: is("address-unanswered"), har: is(quiet + " *slow*")},
		{name: "late-3s", state: lab.CaseLate, all: is(quiet + " *slow*"), not: group},
		{name: "late-7s", state: lab.CaseLater, all: is("*slow*"), probe: expected{"*slow*", private}, har: unconnected},
		{name: "refused", state: lab.CaseRST, all: is("connect-refused"), har: is("connect-refused calls-failed"), not: group, fast: true},
		{name: "prohibited", state: lab.CaseProhibited, all: is("connect-unreachable"), not: group, fast: true},
		{name: "no-route", state: lab.CaseNoRoute, all: is("connect-unreachable"), not: group, fast: true},
		{name: "fake-address-dead", state: lab.CaseFakeDead, all: is("connect-timeout"), har: unconnected, not: group},
		{name: "fake-address", state: lab.CaseFake, all: is(quiet)},

		{name: "silent-tls", state: lab.CaseSilent, all: is("tls-failed"), har: unconnected, not: "(MTU)"},
		{name: "mtu-black-hole", state: lab.CaseBlackHole, all: is("tls-failed"), har: unconnected, not: group},
		{name: "reset-on-hello", state: lab.CaseResetData, all: is("tls-failed"), not: group},
		{name: "filtered-sni", state: lab.CaseSNIReset, all: is("tls-failed"), not: group, fast: true},
		{name: "expired-at-one", state: lab.CaseExpired, all: is("tls-failed"), not: "clock"},
		{name: "wrong-endpoint", state: lab.CaseWrongEndpoint, all: is("tls-failed"), not: group},

		{name: "no-cors-options", state: lab.CaseNoCORSPreflight, all: is("*cors*"), probe: is(quiet), preflight: true},
		{name: "no-cors-answer", state: lab.CaseNoCORSAnswer, all: is("*cors*"), probe: is(quiet), preflight: true},
		{name: "gateway-redirect", state: lab.CaseGatewayRedirect, all: is("answer-not-from-aws")},
		{name: "gateway-html", state: lab.CaseGatewayHTML, all: is("answer-not-from-aws")},
		{name: "gateway-json", state: lab.CaseGatewayJSON, all: is("answer-not-from-aws")},
		{name: "empty-response", state: lab.CaseEmpty, all: is("*no-answer* *unanswered*"), not: group},
		{name: "slow-answer", state: lab.CaseSlow, all: is("*slow*"), probe: is(quiet + " *slow*"), not: group},

		{
			name: "vpn-death", state: lab.CaseVPNDeath, midRun: true, kept: true,
			all: expected{"network-*", "dns-failed connect-timeout"}, probe: is("network-* dns-failed"), not: dead,
		},
		{
			name: "offline", state: lab.CaseOffline, midRun: true, kept: true,
			all: expected{"network-*", "dns-failed connect-unreachable"}, probe: is("network-* dns-failed"), not: dead,
		},
		{
			name: "portal-certificate", state: lab.CasePortal, midRun: true,
			all: expected{"*portal*", "tls-failed"}, not: "another service's endpoint",
		},
		{name: "portal-redirect", state: lab.CasePortalRedirect, midRun: true, all: is("*portal* answer-not-from-aws")},

		{name: "sinkhole-zero", state: lab.CaseSinkZero, all: is("sinkholed"), not: group, fast: true},
		{name: "sinkhole-loopback", state: lab.CaseSinkLoopback, all: is("sinkholed"), not: group},
		{name: "sinkhole-nobody", state: lab.CaseSinkNobody, all: is(private), har: unconnected},
		{name: "nxdomain", state: lab.CaseShadow, all: is("dns-failed"), not: group, fast: true},
		{name: "no-data", state: lab.CaseNoData, all: is("dns-failed"), not: group},
		{name: "dead-alias", state: lab.CaseDeadAlias, all: is("dns-failed *alias*"), not: "private hosted zone"},
		{name: "servfail", state: lab.CaseServFail, all: is("dns-failed"), not: dead},
		{name: "names-unanswered", state: lab.CaseDNSSilent, all: is("dns-failed"), har: unconnected, not: dead},
		{name: "resolver-no-route", state: lab.CaseNSNoRoute, midRun: true, all: is("dns-failed"), not: dead},
		{name: "resolver-refuses", state: lab.CaseNSRefused, midRun: true, all: is("dns-failed"), not: group},
		{name: "no-edns", state: lab.CaseNoEDNS, all: is(quiet)},
		{name: "no-aaaa", state: lab.CaseNoAAAA, all: is(quiet + " *slow* *aaaa*")},
	}
}
