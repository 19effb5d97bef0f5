// Package lab is the network of the story: a console whose pages call AWS in two
// ways, a VPC whose DNS gives private addresses for two of the services, and a
// security group that admits nobody from outside the VPC.
//
// It comes in two forms with the same names, addresses and servers. Up makes it
// of network namespaces (Linux, root): real packets, really dropped. InProcess
// makes it inside this process, for a demonstration anywhere.
package lab

import (
	"net/netip"
	"strings"
)

// The story's names and addresses. The public ones are TEST-NET-3 (RFC 5737).
const (
	Region      = "ap-northeast-1"
	ConsoleHost = Region + ".console.aws.amazon.com"
	StaticHost  = "a.b.cdn.console.awsstatic.com"
	MetricsHost = "monitoring." + Region + ".amazonaws.com"
	LogsHost    = "logs." + Region + ".amazonaws.com"
	EC2Host     = "ec2." + Region + ".amazonaws.com"

	Resolver  = "10.0.0.2"     // the Route 53 Resolver inbound endpoint
	Second    = "10.0.0.3"     // its other address, which is healthy in most cases
	Outside   = "203.0.113.53" // a resolver on the internet, which knows of no private zone
	VPCCIDR   = "10.0.0.0/16"  // what the endpoints' security group admits
	ClientIP  = "172.16.8.5"   // this machine, on premises behind Direct Connect
	consoleIP = "203.0.113.10"
	otherIP   = "203.0.113.30"
	ec2IP     = "203.0.113.22"
)

// publicIPs and privateIPs are what the names resolve to from inside the VPC.
func publicIPs() map[string]string {
	return map[string]string{
		"console.aws.amazon.com": consoleIP, "signin.aws.amazon.com": consoleIP,
		ConsoleHost: consoleIP, StaticHost: consoleIP, EC2Host: ec2IP,
	}
}

// privateIPs are the network interfaces of the two interface endpoints, one in
// each of two availability zones.
func privateIPs() map[string][]string {
	return map[string][]string{
		MetricsHost: {"10.0.1.23", "10.0.2.23"},
		LogsHost:    {"10.0.1.24", "10.0.2.24"},
	}
}

// thirdIPs are interfaces in a third zone, which CaseOneOfThree has besides.
func thirdIPs() map[string][]string {
	return map[string][]string{MetricsHost: {"10.0.3.23"}, LogsHost: {"10.0.3.24"}}
}

// sixIPs are the addresses that CaseDeadAAAA has besides.
func sixIPs() map[string][]string {
	return map[string][]string{MetricsHost: {"fd00:10:1::23"}, LogsHost: {"fd00:10:1::24"}}
}

// Resolve is the answer of the VPC's resolver for a name; nil if there is none.
func Resolve(name string) []netip.Addr {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	ips := privateIPs()[name]
	if ip, ok := publicIPs()[name]; ok {
		ips = []string{ip}
	} else if ips == nil && (strings.HasSuffix(name, ".amazonaws.com") || strings.HasSuffix(name, ".amazon.com")) {
		ips = []string{otherIP}
	}
	var out []netip.Addr
	for _, ip := range ips {
		out = append(out, netip.MustParseAddr(ip))
	}
	return out
}

// hosts are all names that the servers have certificates for.
func hosts() []string {
	return []string{
		"console.aws.amazon.com", "signin.aws.amazon.com", ConsoleHost, StaticHost, MetricsHost, LogsHost, EC2Host,
	}
}

// A Case is a state of the network. It can be changed while the lab runs.
type Case string

// The cases.
const (
	CaseSGDrop  Case = "sg-drop" // the story: the security group drops what isn't from the VPC
	CaseHealthy Case = "healthy" // the endpoints answer
	CaseRST     Case = "rst"     // something at the endpoints' addresses refuses

	// These are of namespaces alone.
	CaseProhibited Case = "prohibited" // a router says by ICMP that it may not pass
	CaseOneDead    Case = "one-dead"   // the endpoints' interfaces in one of two zones are dead
	CaseSilent     Case = "silent"     // TCP is accepted, and what is said then goes unheard
	CaseBlackHole  Case = "black-hole" // the path swallows packets above 1,200 bytes
	CaseShadow     Case = "shadow"     // a private hosted zone hides the endpoints' names
	CaseNoData     Case = "no-data"    // … has the names, but no address for them
	CaseServFail   Case = "servfail"   // the resolver can't find the endpoints' names out
	CaseDNSSilent  Case = "dns-silent" // … doesn't answer for them
	CaseTruncated  Case = "truncated"  // its answers for them fit into TCP alone

	CaseOneOfThree    Case = "one-of-three"    // there are three zones, and one is dead
	CaseDeadAAAA      Case = "dead-aaaa"       // the endpoints have IPv6 addresses, too, that nobody answers at
	CaseNoRoute       Case = "no-route"        // this machine has no route to the VPC
	CaseHosts         Case = "hosts"           // its hosts file sends the endpoints' names elsewhere
	CaseDisagree      Case = "disagree"        // the other nameserver doesn't know of the private zone
	CaseWrongEndpoint Case = "wrong-endpoint"  // another service's endpoint is at the addresses
	CaseResetData     Case = "reset-data"      // TCP is accepted, and what is said then is answered by RST
	CaseBrief         Case = "brief"           // healthy, with answers that are good for a second
	CasePublic        Case = "private-dns-off" // the names are public all of a sudden; good for a second
)

// A Page is one of the story's three screens.
type Page struct {
	Title string
	Path  string
}

// URL is where the page is.
func (p Page) URL() string { return "https://" + ConsoleHost + p.Path }

// Pages are the screens in the order in which the story opens them.
func Pages() []Page {
	return []Page{
		{"EC2 instance | Monitoring", "/ec2/home"},
		{"CloudWatch | Dashboards", "/cloudwatch/home"},
		{"CloudWatch | Log groups", "/cloudwatch/logs"},
	}
}
