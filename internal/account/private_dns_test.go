package account

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"detour/internal/flow"
)

// withZones lists the private hosted zones of the VPC: of a service, or the account's own.
func withZones(w *world, service bool, names ...string) {
	zones := l{}
	for _, n := range names {
		owner := m{"OwningAccount": "123456789012"}
		if service {
			owner = m{"OwningService": "vpce.amazonaws.com"}
		}
		zones = append(zones, m{"HostedZoneId": "Z" + strings.ToUpper(n[:3]), "Name": n + ".", "Owner": owner})
	}
	w.files["list-hosted-zones-by-vpc_vpc-1.json"] = m{"HostedZoneSummaries": zones}
}

// Private DNS says how the name leads to the endpoint, and is never the cause: whatever it says, a
// group that denies is.
func TestProve_privateDNS(t *testing.T) {
	const host = "logs.eu-central-1.amazonaws.com"
	ep := func(w *world) m { return w.object(fEndpoints, "vpce-logs") }
	off := func(w *world) { ep(w)["PrivateDnsEnabled"] = false }
	attribute := func(w *world, name string, on bool) {
		w.files[name+".json"] = m{"VpcId": "vpc-1", name: m{"Value": on}}
	}
	inboundOnly := func(w *world) { ep(w)["DnsOptions"] = m{"PrivateDnsOnlyForInboundResolverEndpoint": true} }
	for _, x := range []struct {
		name    string
		change  func(w *world)
		verdict flow.CheckVerdict
		says    string
	}{
		{"on", func(w *world) {
			attribute(w, "EnableDnsSupport", true)
			attribute(w, "EnableDnsHostnames", true)
			withZones(w, true, host)
		}, flow.CheckAdmits, "vpce-logs: private DNS is on"},
		{"on, without the attributes", func(*world) {}, flow.CheckAdmits, "attributes, which it needs, aren't in these files"},
		{"on, and no resolver", func(w *world) { attribute(w, "EnableDnsSupport", false) }, flow.CheckUnknown, "enableDnsSupport"},
		{"on, and no host names", func(w *world) { attribute(w, "EnableDnsHostnames", false) }, flow.CheckUnknown, "enableDnsHostnames"},
		{"on, and its zone isn't associated", func(w *world) { withZones(w, true, "ssm.eu-central-1.amazonaws.com") }, flow.CheckUnknown, "no hosted zone of it"},
		{"on, and another page of zones", func(w *world) {
			withZones(w, true, "ssm.eu-central-1.amazonaws.com")
			w.files["list-hosted-zones-by-vpc_vpc-1.json"]["NextToken"] = "abc"
		}, flow.CheckAdmits, "private DNS is on"},
		{"off, and an own zone", func(w *world) {
			off(w)
			withZones(w, false, "eu-central-1.amazonaws.com", host)
		}, flow.CheckAdmits, "ZLOG: private DNS is off; the private hosted zone logs."},
		{"off, and no zone", func(w *world) {
			off(w)
			withZones(w, false, "corp.example")
		}, flow.CheckUnknown, "another network's DNS"},
		{"off, and zones that aren't known", off, flow.CheckUnknown, "private DNS is off"},
		{"for inbound endpoints alone, from outside", inboundOnly, flow.CheckAdmits, "for inbound resolver endpoints alone"},
		{"for inbound endpoints alone, from the VPC", func(w *world) {
			inboundOnly(w)
			w.client = addrPort(w.pick("10.64.18.9", "fdc4:1a2b:3c00:18::9"), 50001)
		}, flow.CheckUnknown, "clients in vpc-1 are sent to the gateway endpoint"},
	} {
		for _, six := range []bool{false, true} {
			w := newWorld(six)
			w.object(fGroups, "sg-a")["IpPermissions"] = l{}
			x.change(w)
			p := w.prove(t, w.broken()[1:])
			i := slices.IndexFunc(p.Checks, func(c flow.ProofCheck) bool { return c.Check == flow.CheckPrivateDNS })
			if i < 0 || p.Checks[i].Verdict != x.verdict || !strings.Contains(p.Checks[i].Object+": "+p.Checks[i].Says, x.says) {
				t.Errorf("%s, IPv6 %t: want %s, %q:\n%s", x.name, six, x.verdict, x.says, lines(p))
			}
			if p.Verdict != flow.Proven || p.Cause.Check != flow.CheckSecurityGroup {
				t.Errorf("%s, IPv6 %t: %s %+v", x.name, six, p.Verdict, p.Cause)
			}
		}
	}
}

// A deleted endpoint whose zone stayed isn't here; the zone that has the name is named.
func TestProve_aRecordThatRemains(t *testing.T) {
	w := newWorld(false)
	server := withResolver(w)[0]
	e := w.object(fEndpoints, "vpce-logs")
	e["State"], e["NetworkInterfaceIds"] = "deleted", []string{}
	w.files[fInterfaces]["NetworkInterfaces"] = w.files[fInterfaces]["NetworkInterfaces"].(l)[2:]
	withZones(w, false, "logs.eu-central-1.amazonaws.com")
	for _, to := range []netip.AddrPort{w.logs[0], netip.MustParseAddrPort("10.96.5.20:443")} {
		p := w.prove(t, []*flow.Flow{resolvedBy(w.call(2, "logs", []netip.AddrPort{to}, flow.DialTimeout), server)})
		if p.Verdict != flow.NotHere || p.Cause != nil || !strings.Contains(lines(p), "its record may be stale: vpce-logs, for this service, is deleted") {
			t.Errorf("%s: %s\n%s", p.Verdict, p.Says, lines(p))
		}
	}
}
