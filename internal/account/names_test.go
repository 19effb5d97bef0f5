package account

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"detour/internal/flow"
)

const (
	fResolvers = "list-resolver-endpoints.json"
	fAddresses = "addresses_rslvr-in-1.json"
	fDNSGroup  = "describe-security-groups-dns.json"
)

// withResolver adds an inbound endpoint with an address in each subnet, whose group admits the office.
func withResolver(w *world) (servers []netip.AddrPort) {
	w.files[fResolvers] = m{"ResolverEndpoints": l{m{
		"Id": "rslvr-in-1", "Direction": "INBOUND", "HostVPCId": "vpc-1", "Status": "OPERATIONAL", "SecurityGroupIds": l{"sg-dns"},
	}}}
	a, b := w.pick("10.64.16.53", "fdc4:1a2b:3c00:16::53"), w.pick("10.64.17.53", "fdc4:1a2b:3c00:17::53")
	member := w.pick("Ip", "Ipv6")
	w.files[fAddresses] = m{"IpAddresses": l{m{member: a, "SubnetId": "subnet-a"}, m{member: b, "SubnetId": "subnet-b"}}}
	office := w.source(w.pick("172.22.0.0/16", "fd22:40:7::/48"))
	w.files[fDNSGroup] = m{"SecurityGroups": l{m{
		"GroupId": "sg-dns", "VpcId": "vpc-1", "OwnerId": "123456789012",
		"IpPermissions": l{w.permission("udp", 53, 53, office), w.permission("tcp", 53, 53, office)},
	}}}
	return []netip.AddrPort{addrPort(a, 53), addrPort(b, 53)}
}

// lookup is a call whose name no nameserver resolved.
func (w *world) lookup(proto string, servers ...netip.AddrPort) *flow.Flow {
	f := w.call(2, "logs", nil, flow.DialTimeout)
	f.Failure = &flow.Failure{Stage: flow.StageDNS}
	r := &flow.Resolution{Name: "logs.eu-central-1.amazonaws.com", Outcome: flow.DNSTimeout, Source: flow.SourceDNS, Start: began, Took: 10 * time.Second}
	for _, s := range servers {
		for _, kind := range []string{"A", "AAAA"} {
			r.Queries = append(r.Queries, flow.DNSQuery{Server: s, Proto: proto, Name: r.Name, Type: kind, Took: 5 * time.Second})
		}
	}
	f.Conn.Resolution = r
	return f
}

// resolvedBy says which nameserver resolved a call's name.
func resolvedBy(f *flow.Flow, server netip.AddrPort) *flow.Flow {
	f.Conn.Resolution = &flow.Resolution{Outcome: flow.DNSOK, Source: flow.SourceDNS, Nameserver: server}
	return f
}

// A query that isn't answered is stopped by what stops its packets.
func TestProve_namesWhatStopsAQuery(t *testing.T) {
	const proven, admitted, unknown = flow.Proven, flow.Admitted, flow.Unknown
	group := func(w *world) m { return w.object(fDNSGroup, "sg-dns") }
	acl := func(w *world) m { return w.object(fACLs, "acl-1") }
	vpc := func(w *world) m { return w.source(w.pick("10.64.0.0/16", "fdc4:1a2b:3c00::/56")) }
	all := func(w *world) string { return w.pick("0.0.0.0/0", "::/0") }
	for _, x := range []struct {
		name    string
		change  func(w *world)
		proto   string
		verdict flow.ProofVerdict
		check   flow.CheckName
		object  string
	}{
		{"nothing", func(*world) {}, "udp", admitted, "", ""},
		{"a group with TCP alone", func(w *world) { group(w)["IpPermissions"] = group(w)["IpPermissions"].(l)[1:] }, "udp", proven, flow.CheckResolver, "rslvr-in-1"},
		{"a group with UDP alone, and queries over it", func(w *world) { group(w)["IpPermissions"] = group(w)["IpPermissions"].(l)[:1] }, "udp", admitted, "", ""},
		{"a group with UDP alone, and queries over TCP", func(w *world) { group(w)["IpPermissions"] = group(w)["IpPermissions"].(l)[:1] }, "tcp", proven, flow.CheckResolver, "rslvr-in-1"},
		{"a group with another port", func(w *world) { group(w)["IpPermissions"] = l{w.permission("udp", 5353, 5353, vpc(w))} }, "udp", proven, flow.CheckResolver, "rslvr-in-1"},
		{"a group that admits the VPC alone", func(w *world) { group(w)["IpPermissions"] = l{w.permission("udp", 53, 53, vpc(w))} }, "udp", proven, flow.CheckResolver, "rslvr-in-1"},
		{"a group that isn't in the files", func(w *world) { delete(w.files, fDNSGroup) }, "udp", unknown, "", ""},
		{"an endpoint without groups", func(w *world) { delete(w.object(fResolvers, "rslvr-in-1"), "SecurityGroupIds") }, "udp", unknown, "", ""},
		{"an ACL that denies UDP", func(w *world) {
			acl(w)["Entries"] = append(acl(w)["Entries"].(l), w.entry(90, false, "deny", "17", all(w), 53, 53))
		}, "udp", proven, flow.CheckNACLIn, "acl-1"},
		{"an ACL that denies UDP, and queries over TCP", func(w *world) {
			acl(w)["Entries"] = append(acl(w)["Entries"].(l), w.entry(90, false, "deny", "17", all(w), 53, 53))
		}, "tcp", admitted, "", ""},
		{"an ACL that denies all answers", func(w *world) {
			acl(w)["Entries"] = append(acl(w)["Entries"].(l), w.entry(90, true, "deny", "17", all(w), 1024, 65535))
		}, "udp", proven, flow.CheckNACLOut, "acl-1"},
		{"an ACL that denies some answers", func(w *world) {
			acl(w)["Entries"] = append(acl(w)["Entries"].(l), w.entry(90, true, "deny", "17", all(w), 50000, 65535))
		}, "udp", unknown, "", ""},
		{"no route back", func(w *world) {
			w.object(fTables, "rtb-1")["Routes"] = w.object(fTables, "rtb-1")["Routes"].(l)[:1]
		}, "udp", proven, flow.CheckRouteBack, "rtb-1"},
		{"a VPN that is down", vpnDown, "udp", proven, flow.CheckGateway, "vpn-1"},
		{"an endpoint that needs action", func(w *world) { w.object(fResolvers, "rslvr-in-1")["Status"] = "ACTION_NEEDED" }, "udp", unknown, "", ""},
		{"an outbound endpoint", func(w *world) {
			w.object(fResolvers, "rslvr-in-1")["Direction"] = "OUTBOUND"
			group(w)["IpPermissions"] = l{}
		}, "udp", unknown, "", ""},
		{"two versions of an endpoint", func(w *world) {
			group(w)["IpPermissions"] = l{}
			w.files["older.json"] = m{"ResolverEndpoints": l{m{"Id": "rslvr-in-1", "Direction": "INBOUND", "HostVPCId": "vpc-1", "SecurityGroupIds": l{"sg-a"}}}}
		}, "udp", unknown, "", ""},
		{"a nameserver that another VPC may have", func(w *world) {
			group(w)["IpPermissions"] = l{}
			w.files[fVPCs]["Vpcs"] = append(w.files[fVPCs]["Vpcs"].(l), m{"VpcId": "vpc-2", "CidrBlock": "10.64.0.0/16", "Ipv6CidrBlockAssociationSet": l{
				m{"Ipv6CidrBlock": "fdc4:1a2b:3c00::/56", "Ipv6CidrBlockState": m{"State": "associated"}},
			}})
		}, "udp", unknown, "", ""},
	} {
		for _, six := range []bool{false, true} {
			w := newWorld(six)
			servers := withResolver(w)
			x.change(w)
			c := w.config(t)
			f := w.lookup(x.proto, servers...)
			// A connect that isn't answered shows the client's address, and refutes nothing.
			parts := c.Study([]*flow.Flow{f, w.call(3, "ssm", w.ssm, flow.DialTimeout)}, began.Add(time.Minute), Client{}).Prove(finding())
			if len(parts) != 1 {
				t.Errorf("%s, IPv6 %t: %d parts", x.name, six, len(parts))
				continue
			}
			p := parts[0].Proof
			if p.Verdict != x.verdict || (p.Cause != nil) != (x.verdict == proven) {
				t.Errorf("%s, IPv6 %t: %s, want %s: %s\n%s", x.name, six, p.Verdict, x.verdict, p.Says, lines(p))
				continue
			}
			if p.Cause != nil && (p.Cause.Check != x.check || p.Cause.Object != x.object || p.Cause.Of != "rslvr-in-1" || p.Cause.Interface != "") {
				t.Errorf("%s, IPv6 %t: the cause is %+v", x.name, six, p.Cause)
			}
			if x.check == flow.CheckResolver && (p.Fix == nil || !strings.Contains(p.Fix.CLI[0], "--group-id sg-dns ") ||
				!strings.Contains(strings.ReplaceAll(p.Fix.CLI[0], "IpProtocol=", "--protocol "), "--protocol "+x.proto) ||
				!slices.Equal(p.Fix.Verify, []string{"detour probe logs.eu-central-1.amazonaws.com"})) {
				t.Errorf("%s, IPv6 %t: %+v", x.name, six, p.Fix)
			}
		}
	}
}

// What isn't known of a query proves nothing, and one that was answered refutes a denial.
func TestProve_aQueryThatIsNotExplained(t *testing.T) {
	w := newWorld(false)
	servers := withResolver(w)
	w.object(fDNSGroup, "sg-dns")["IpPermissions"] = l{w.permission("udp", 53, 53, w.source("10.64.0.0/16"))}
	prove := func(client Client, flows ...*flow.Flow) flow.Proof {
		t.Helper()
		parts := w.config(t).Study(flows, began.Add(time.Minute), client).Prove(finding())
		if len(parts) == 0 {
			return flow.Proof{}
		}
		return parts[0].Proof
	}
	stuck := w.call(3, "ssm", w.ssm, flow.DialTimeout)
	lookup := w.lookup("udp", servers...)
	if p := prove(Client{}, lookup); p.Verdict != flow.Unknown {
		t.Errorf("without the client's address: %s: %s", p.Verdict, p.Says)
	}
	if p := prove(Client{From: w.client.Addr()}, lookup); p.Verdict != flow.Proven {
		t.Errorf("with --from: %s: %s", p.Verdict, p.Says)
	}
	if p := prove(Client{}, lookup, stuck); p.Verdict != flow.Proven || !strings.Contains(strings.Join(p.Caveats, "\n"), "source of the queries") {
		t.Errorf("with a connect to the VPC: %s: %s %q", p.Verdict, p.Says, p.Caveats)
	}
	other := w.call(4, "ssm", w.ssm[:1], flow.DialTimeout)
	other.Conn.Attempts[0].Local = netip.MustParseAddrPort("172.22.40.18:50000")
	if p := prove(Client{}, lookup, stuck, other); p.Verdict != flow.Unknown {
		t.Errorf("with connects from two addresses: %s: %s", p.Verdict, p.Says)
	}
	if p := prove(Client{}, lookup, stuck, resolvedBy(w.call(5, "s3", nil, flow.DialTimeout), servers[0])); p.Verdict != flow.Contradiction ||
		!strings.Contains(p.Says, ": a client got answers from the nameserver") {
		t.Errorf("an answer to a call without a connect: %s: %s", p.Verdict, p.Says)
	}
	answered := resolvedBy(w.call(5, "ssm", w.ssm[:1], flow.DialTimeout), servers[0])
	if p := prove(Client{}, lookup, stuck, answered); p.Verdict != flow.Contradiction {
		t.Errorf("another query was answered: %s: %s", p.Verdict, p.Says)
	}
	if p := prove(Client{}, w.lookup("udp", servers[0], netip.MustParseAddrPort("10.99.0.2:53")), stuck); p.Verdict != flow.Unknown {
		t.Errorf("with another nameserver: %s: %s", p.Verdict, p.Says)
	}
	if p := prove(Client{Strict: true}, lookup, stuck); p.Verdict != flow.Unknown || !strings.Contains(p.Says, "stand-ins") {
		t.Errorf("stand-ins: %s: %s", p.Verdict, p.Says)
	}
	refused := w.lookup("udp", servers...)
	refused.Conn.Resolution.Outcome = flow.DNSError // port unreachable
	if p := prove(Client{}, refused, stuck); p.Verdict == flow.Proven {
		t.Errorf("a rejection: %s", p.Says)
	}
	got := w.config(t).Study([]*flow.Flow{lookup, stuck}, began.Add(time.Minute), Client{}).Apply([]flow.Finding{finding()}, same)
	if want := "the names of logs.eu-central-1.amazonaws.com don't resolve, because of resolver endpoint rslvr-in-1: sg-dns admits"; !strings.HasPrefix(got[0].Title, want) {
		t.Errorf("the title is %q", got[0].Title)
	}
}

// The nameserver that answered, and the rules of its VPC, say where an answer comes from.
func TestProve_saysWhichResolverAnswered(t *testing.T) {
	rules := func(w *world, kind, domain, target, vpc string) {
		w.files["rules.json"] = m{"ResolverRules": l{m{"Id": "rslvr-rr-1", "DomainName": domain, "RuleType": kind, "TargetIps": l{m{"Ip": target}}}}}
		w.files["associations.json"] = m{"ResolverRuleAssociations": l{m{"Id": "rslvr-rrassoc-1", "ResolverRuleId": "rslvr-rr-1", "VPCId": vpc, "Status": "COMPLETE"}}}
	}
	for _, x := range []struct {
		name, says string
		change     func(w *world) (server string)
		verdict    flow.CheckVerdict
	}{
		{"the endpoint's VPC's", "rslvr-in-1: answered, in vpc-1", func(*world) string { return "10.64.16.53" }, flow.CheckAdmits},
		{"another one", "the nameserver 10.99.0.2 isn't an inbound endpoint", func(*world) string { return "10.99.0.2" }, flow.CheckUnknown},
		{"another VPC's", "and vpce-logs is in vpc-1: a hosted zone or a rule must lead there", func(w *world) string {
			w.object(fResolvers, "rslvr-in-1")["HostVPCId"] = "vpc-2"
			return "10.64.16.53"
		}, flow.CheckUnknown},
		{"a rule to another network", "rslvr-rr-1: the rule forwards amazonaws.com from vpc-1 to 10.99.0.2", func(w *world) string {
			rules(w, "FORWARD", "amazonaws.com.", "10.99.0.2", "vpc-1")
			return "10.64.16.53"
		}, flow.CheckUnknown},
		{"a rule for another VPC", "rslvr-in-1: answered, in vpc-1", func(w *world) string {
			rules(w, "FORWARD", "amazonaws.com.", "10.99.0.2", "vpc-9")
			return "10.64.16.53"
		}, flow.CheckAdmits},
		{"a rule for another domain", "rslvr-in-1: answered, in vpc-1", func(w *world) string {
			rules(w, "FORWARD", "notamazonaws.com.", "10.99.0.2", "vpc-1")
			return "10.64.16.53"
		}, flow.CheckAdmits},
		{"a rule that leaves names to the VPC", "rslvr-in-1: answered, in vpc-1", func(w *world) string {
			rules(w, "SYSTEM", ".", "10.99.0.2", "vpc-1")
			return "10.64.16.53"
		}, flow.CheckAdmits},
		{"TCP that doesn't get there", "TCP, which large answers need, doesn't get there", func(w *world) string {
			g := w.object(fDNSGroup, "sg-dns")
			g["IpPermissions"] = g["IpPermissions"].(l)[:1]
			return "10.64.16.53"
		}, flow.CheckAdmits},
	} {
		w := newWorld(false)
		withResolver(w)
		vpcAlone(w)
		server := addrPort(x.change(w), 53)
		p := w.prove(t, []*flow.Flow{resolvedBy(w.call(2, "logs", w.logs, flow.DialTimeout), server)})
		if p.Verdict != flow.Proven {
			t.Errorf("%s: %s: %s", x.name, p.Verdict, p.Says)
		}
		i := slices.IndexFunc(p.Checks, func(c flow.ProofCheck) bool { return c.Check == flow.CheckResolver })
		if i < 0 || p.Checks[i].Verdict != x.verdict || !strings.Contains(fmt.Sprintf("%s: %s", p.Checks[i].Object, p.Checks[i].Says), x.says) {
			t.Errorf("%s: want %s, %q:\n%s", x.name, x.verdict, x.says, lines(p))
		}
	}
	// An address of nobody that a rule explains.
	w := newWorld(false)
	server := withResolver(w)[0]
	rules(w, "FORWARD", "amazonaws.com.", "10.99.0.2", "vpc-1")
	f := resolvedBy(w.call(2, "logs", []netip.AddrPort{netip.MustParseAddrPort("10.77.0.9:443")}, flow.DialTimeout), server)
	if p := w.prove(t, []*flow.Flow{f}); p.Verdict != flow.NotHere || !strings.Contains(lines(p), "the rule forwards amazonaws.com from vpc-1 to 10.99.0.2") {
		t.Errorf("%s: %s\n%s", p.Verdict, p.Says, lines(p))
	}
}

// Nothing that is missing proves what stops a query.
func TestProve_absentIsUnknownOfQueries(t *testing.T) {
	for _, world6 := range []bool{false, true} {
		t.Run(fmt.Sprintf("IPv6 %t", world6), func(t *testing.T) {
			w := newWorld(world6)
			servers := withResolver(w)
			absentIsUnknown(t, w.files, func(c *Config) (verdict flow.ProofVerdict, against []string) {
				flows := []*flow.Flow{w.lookup("udp", servers...), w.call(3, "ssm", w.ssm, flow.DialTimeout)}
				for _, part := range c.Study(flows, began.Add(time.Minute), Client{}).Prove(finding()) {
					verdict = part.Proof.Verdict
				}
				answered := resolvedBy(w.call(4, "ssm", w.ssm, flow.DialConnected), servers[0])
				for _, x := range c.Study([]*flow.Flow{answered}, began, Client{}).Contradictions() {
					against = append(against, x.Text)
				}
				return verdict, against
			})
		})
	}
}

// Who asks a resolver endpoint must reach each of its addresses, over UDP and over TCP.
func TestReach_theResolversOwnPath(t *testing.T) {
	group := func(w *world) m { return w.object(fDNSGroup, "sg-dns") }
	for _, x := range []struct {
		name   string
		change func(*world)
		from   string
		want   string // the verdicts of udp and tcp, at each address
	}{
		{"admitted", func(*world) {}, "172.22.40.17/32", "udp admitted, tcp admitted, udp admitted, tcp admitted"},
		{"UDP alone", func(w *world) { group(w)["IpPermissions"] = group(w)["IpPermissions"].(l)[:1] }, "172.22.40.17/32", "udp admitted, tcp proven, udp admitted, tcp proven"},
		{"another network", func(*world) {}, "192.168.7.7/32", "udp proven, tcp proven, udp proven, tcp proven"},
		{"no ACLs", func(w *world) { delete(w.files, fACLs) }, "172.22.40.17/32", "udp unknown, tcp unknown, udp unknown, tcp unknown"},
		{"another family", func(*world) {}, "fd22::1/128", ""},
	} {
		w := newWorld(false)
		servers := withResolver(w)
		x.change(w)
		all, known := w.config(t).Reach(Question{Clients: netip.MustParsePrefix(x.from), Resolver: servers[1].Addr()})
		var got []string
		for _, r := range all {
			if r.Query != "" {
				got = append(got, r.Query+" "+string(r.Proof.Verdict))
			}
		}
		if text := strings.Join(got, ", "); !known || text != x.want {
			t.Errorf("%s: %s, want %s", x.name, text, x.want)
		}
	}
}

// What is missing is which object it is: there is no name to say it of.
func TestProve_unknownWithoutAnObject(t *testing.T) {
	w := newWorld(false)
	delete(w.files, fInterfaces)
	if p := w.prove(t, w.broken()); p.Verdict != flow.Unknown || strings.Contains(p.Says, "endpoint :") || strings.Contains(p.Says, "  ") {
		t.Errorf("%s: %s", p.Verdict, p.Says)
	}
}
