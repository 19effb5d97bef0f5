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
	Fake    = "198.18.0.23" // as a client on this machine makes them up (RFC 2544's range)
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

// Faults of the whole network. A test sets them in the middle of a run, as they happen.
const (
	CaseOffline        Case = "offline"         // there is no route to anywhere
	CaseVPNDeath       Case = "vpn-death"       // every packet is dropped, those of open connections too
	CasePortal         Case = "portal"          // every host presents the same foreign certificate
	CasePortalRedirect Case = "portal-redirect" // every host redirects to a login page
)

// Faults of the path to the endpoints.
const (
	CasePublicDrop Case = "public-drop"  // the names are public, and the path there drops SYNs
	CaseSNIReset   Case = "sni-reset"    // the names are public, and a filter resets the connection on the ClientHello
	CaseLate       Case = "late"         // a connection's SYNs are dropped at first: it connects after 3 s
	CaseLater      Case = "later"        // … after 6 or 7 s
	CaseFakeDead   Case = "fake-dead"    // the names have addresses of 198.18.0.0/15, which drop SYNs
	CaseFake       Case = "fake-healthy" // … which answer
)

// Faults of nameservers.
const (
	CaseSinkZero     Case = "sinkhole-zero"     // the names have the address 0.0.0.0
	CaseSinkLoopback Case = "sinkhole-loopback" // … 127.0.0.1
	CaseSinkNobody   Case = "sinkhole-nobody"   // … a private address that nobody has
	CaseDeadAlias    Case = "dead-alias"        // … an alias to an endpoint that was deleted
	CaseNSNoRoute    Case = "ns-no-route"       // this machine has no route to its nameservers
	CaseNSRefused    Case = "ns-refused"        // nobody listens at the nameservers' addresses
	CaseNoEDNS       Case = "no-edns"           // they answer queries with EDNS by FORMERR
	CaseNoAAAA       Case = "no-aaaa"           // they don't answer queries for AAAA records
)

// Faults of the endpoints' servers, and of gateways before them.
const (
	CaseExpired         Case = "expired"          // one endpoint's certificate has expired
	CaseNoCORSPreflight Case = "no-cors-options"  // preflights are answered without CORS fields
	CaseNoCORSAnswer    Case = "no-cors-answer"   // … with them, but calls without
	CaseGatewayRedirect Case = "gateway-redirect" // calls are redirected to another company's login page
	CaseGatewayHTML     Case = "gateway-html"     // … answered by a 403 page
	CaseGatewayJSON     Case = "gateway-json"     // … by a 403 in JSON, without AWS's fields
	CaseEmpty           Case = "empty"            // the connection is closed after a call, without an answer
	CaseSlow            Case = "slow"             // an answer takes 8 s
	CaseUnhurried       Case = "unhurried"        // an answer takes 1 s, so that a page can cancel a call
)
