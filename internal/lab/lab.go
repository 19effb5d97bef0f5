// Package lab builds the network of the demo from three network namespaces, for tests
// with real packets. It needs Linux and root.
//
// Up builds the network in a [Case], and SetCase changes the case while a test runs. Names,
// addresses, servers and certificates are those of package demo.
package lab

// Addresses that the demo doesn't have.
const (
	Second  = "10.0.0.3"    // the inbound endpoint's other address; it works in most cases
	VPCCIDR = "10.0.0.0/16" // what the endpoints' security group allows
)

// A Case is a state of the network. It can be changed while the lab runs.
type Case string

// The cases.
const (
	CaseSGDrop  Case = "sg-drop" // the security group drops what isn't from the VPC
	CaseHealthy Case = "healthy" // the endpoints answer
	CaseRST     Case = "rst"     // the endpoints' addresses refuse connections

	CaseProhibited Case = "prohibited" // a router answers with ICMP "administratively prohibited"
	CaseOneDead    Case = "one-dead"   // the endpoints' interfaces in one of two zones are dead
	CaseSilent     Case = "silent"     // TCP is accepted, and what is sent then goes unanswered
	CaseBlackHole  Case = "black-hole" // the path drops packets above 1,200 bytes, without ICMP
	CaseShadow     Case = "shadow"     // a private hosted zone shadows the endpoints' names
	CaseNoData     Case = "no-data"    // … has the names, but no address for them
	CaseServFail   Case = "servfail"   // the resolver fails to resolve the endpoints' names
	CaseDNSSilent  Case = "dns-silent" // … doesn't answer for them
	CaseTruncated  Case = "truncated"  // its answers for them are truncated over UDP

	CaseOneOfThree    Case = "one-of-three"    // there are three zones, and one is dead
	CaseDeadAAAA      Case = "dead-aaaa"       // the endpoints also have IPv6 addresses, which don't answer
	CaseNoRoute       Case = "no-route"        // this machine has no route to the VPC
	CaseHosts         Case = "hosts"           // its hosts file has other addresses for the endpoints' names
	CaseDisagree      Case = "disagree"        // the other nameserver doesn't know of the private zone
	CaseWrongEndpoint Case = "wrong-endpoint"  // another service's endpoint is at the addresses
	CaseResetData     Case = "reset-data"      // TCP is accepted, and what is sent then is answered by RST
	CaseBrief         Case = "brief"           // healthy, with answers that are good for a second
	CasePublic        Case = "private-dns-off" // the names become public; answers are good for a second
)
