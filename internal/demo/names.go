package demo

import (
	"net/netip"
	"strings"
)

// Names and addresses. The public addresses are from TEST-NET-3 (RFC 5737).
const (
	Region      = "ap-northeast-1"
	ConsoleHost = Region + ".console.aws.amazon.com"
	StaticHost  = "a.b.cdn.console.awsstatic.com"
	MetricsHost = "monitoring." + Region + ".amazonaws.com"
	LogsHost    = "logs." + Region + ".amazonaws.com"
	EC2Host     = "ec2." + Region + ".amazonaws.com"

	Resolver  = "10.0.0.2"     // the Route 53 Resolver inbound endpoint
	Outside   = "203.0.113.53" // a resolver on the internet, without the private zones
	ClientIP  = "172.16.8.5"   // this machine, on premises behind Direct Connect
	ConsoleIP = "203.0.113.10"
	EC2IP     = "203.0.113.22"
	OtherIP   = "203.0.113.30" // every other host of AWS
)

// publicIPs are the addresses of the names that have public ones.
func publicIPs() map[string]string {
	return map[string]string{
		"console.aws.amazon.com": ConsoleIP, "signin.aws.amazon.com": ConsoleIP,
		ConsoleHost: ConsoleIP, StaticHost: ConsoleIP, EC2Host: EC2IP,
	}
}

// PrivateIPs returns the addresses of the two interface endpoints, by host: one in each of
// two Availability Zones.
func PrivateIPs() map[string][]string {
	return map[string][]string{
		MetricsHost: {"10.0.1.23", "10.0.2.23"},
		LogsHost:    {"10.0.1.24", "10.0.2.24"},
	}
}

// Resolve returns the addresses that the VPC's resolver has for a name; nil: none.
func Resolve(name string) []netip.Addr {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	ips := PrivateIPs()[name]
	if ip, ok := publicIPs()[name]; ok {
		ips = []string{ip}
	} else if ips == nil && (strings.HasSuffix(name, ".amazonaws.com") || strings.HasSuffix(name, ".amazon.com")) {
		ips = []string{OtherIP}
	}
	var out []netip.Addr
	for _, ip := range ips {
		out = append(out, netip.MustParseAddr(ip))
	}
	return out
}

// Hosts returns the names for which the servers need certificates.
func Hosts() []string {
	return []string{
		"console.aws.amazon.com", "signin.aws.amazon.com", ConsoleHost, StaticHost, MetricsHost, LogsHost, EC2Host,
	}
}

// A Page is one of the console's three pages.
type Page struct {
	Title string
	Path  string
}

// URL returns the page's address.
func (p Page) URL() string { return "https://" + ConsoleHost + p.Path }

// Pages returns the pages in the order in which Browse opens them.
func Pages() []Page {
	return []Page{
		{"EC2 instance | Monitoring", "/ec2/home"},
		{"CloudWatch | Dashboards", "/cloudwatch/home"},
		{"CloudWatch | Log groups", "/cloudwatch/logs"},
	}
}
