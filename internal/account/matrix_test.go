package account

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"detour/internal/flow"
)

// A mutation changes one thing of a healthy world, and says what must be proven of logs, which
// doesn't respond.
type mutation struct {
	name    string
	change  func(w *world)
	verdict flow.ProofVerdict
	check   flow.CheckName // of the cause, if it is proven
	object  string         // of the cause; or partly
}

// partly marks mutations that deny, and of which nothing can be proven: one of the two addresses
// of logs, or those of another host.
const partly = "partly"

// mutations are all of them.
func mutations() []mutation { return slices.Concat(pathMutations(), stateMutations(), zoneMutations()) }

// The sources of a rule: that of the client, of somebody else, and both forms that name others.
func pathMutations() []mutation {
	group := func(w *world) m { return w.object(fGroups, "sg-a") }
	acl := func(w *world) m { return w.object(fACLs, "acl-1") }
	table := func(w *world) m { return w.object(fTables, "rtb-1") }
	rules := func(rs ...func(w *world) m) func(w *world) {
		return func(w *world) {
			all := l{}
			for _, r := range rs {
				all = append(all, r(w))
			}
			group(w)["IpPermissions"] = all
		}
	}
	from := func(protocol string, lo, hi int, v4, v6 string) func(w *world) m { //nolint:unparam // it varies
		return func(w *world) m { return w.permission(protocol, lo, hi, w.source(w.pick(v4, v6))) }
	}
	byList := func(w *world) m {
		return w.permission("tcp", 443, 443, m{"PrefixListIds": l{m{"PrefixListId": "pl-0a"}}})
	}
	byGroup := func(id string) func(w *world) m {
		return func(w *world) m { return w.permission("tcp", 443, 443, m{"UserIdGroupPairs": l{m{"GroupId": id}}}) }
	}
	entries := func(file string, more bool, v4, v6 string) func(w *world) {
		return func(w *world) {
			rules(byList)(w)
			w.files[file] = m{"Entries": l{m{"Cidr": w.pick(v4, v6)}}}
			if more {
				w.files[file]["NextToken"] = "abc"
			}
		}
	}
	deny := func(number int, egress bool, ports ...int) func(w *world) {
		return func(w *world) {
			a := acl(w)
			a["Entries"] = append(a["Entries"].(l), w.entry(number, egress, "deny", "6", w.pick("172.22.0.0/16", "fd22:40:7::/48"), ports...))
		}
	}
	without := func(file string) func(w *world) { return func(w *world) { delete(w.files, file) } }
	partial := func(file string) func(w *world) {
		return func(w *world) {
			w.files[file]["NextToken"] = "abc"
			for k, v := range w.files[file] {
				if list, ok := v.(l); ok {
					w.files[file][k] = list[1:]
				}
			}
		}
	}
	routes := func(rs ...func(w *world) m) func(w *world) {
		return func(w *world) {
			all := table(w)["Routes"].(l)[:1]
			for _, r := range rs {
				all = append(all, r(w))
			}
			table(w)["Routes"] = all
		}
	}
	to := func(v4, v6, member, target string) func(w *world) m {
		return func(w *world) m { return w.route(w.pick(v4, v6), member, target) }
	}
	set := func(object func(w *world) m, member string, v any) func(w *world) {
		return func(w *world) { object(w)[member] = v }
	}
	const (
		proven, admitted, unknown = flow.Proven, flow.Admitted, flow.Unknown
		sg                        = flow.CheckSecurityGroup
	)
	office4, office6 := "172.22.0.0/16", "fd22:40:7::/48"
	vpc4, vpc6 := "10.64.0.0/16", "fdc4:1a2b:3c00::/56"
	return []mutation{
		{"nothing", func(*world) {}, admitted, "", ""},

		{"a group that admits the VPC alone", rules(from("tcp", 443, 443, vpc4, vpc6)), proven, sg, "sg-a"},
		{"a group without rules", rules(), proven, sg, "sg-a"},
		{"a group that admits everyone", rules(from("tcp", 443, 443, "0.0.0.0/0", "::/0")), admitted, "", ""},
		{"a group that admits the client alone", rules(from("tcp", 443, 443, "172.22.40.17/32", "fd22:40:7:1::17/128")), admitted, "", ""},
		{"a group that admits another client", rules(from("tcp", 443, 443, "172.22.40.18/32", "fd22:40:7:1::18/128")), proven, sg, "sg-a"},
		{"a group that admits every protocol", rules(from("-1", 0, 0, office4, office6)), admitted, "", ""},
		{"a group that writes TCP as 6", rules(from("6", 443, 443, office4, office6)), admitted, "", ""},
		{"a group with a range of ports", rules(from("tcp", 1, 1024, office4, office6)), admitted, "", ""},
		{"a group with another port", rules(from("tcp", 80, 80, office4, office6)), proven, sg, "sg-a"},
		{"a group with another protocol", rules(from("udp", 443, 443, office4, office6)), proven, sg, "sg-a"},
		{"a second rule that admits", rules(from("tcp", 443, 443, vpc4, vpc6), from("tcp", 443, 443, office4, office6)), admitted, "", ""},
		{"a rule without ports", rules(func(w *world) m {
			p := from("tcp", 443, 443, office4, office6)(w)
			delete(p, "FromPort")
			return p
		}), unknown, "", ""},
		{"a source that isn't a prefix", rules(from("tcp", 443, 443, "office", "office")), unknown, "", ""},
		{"a group whose rules were left out", func(w *world) { delete(group(w), "IpPermissions") }, unknown, "", ""},
		{"no file of groups", without(fGroups), unknown, "", ""},
		{"a partial page of groups", partial(fGroups), unknown, "", ""},
		{"a second group that admits", func(w *world) {
			rules(from("tcp", 443, 443, vpc4, vpc6))(w)
			for _, id := range []string{"eni-1", "eni-2"} {
				w.object(fInterfaces, id)["Groups"] = l{m{"GroupId": "sg-a"}, m{"GroupId": "sg-b"}}
			}
			w.object(fEndpoints, "vpce-logs")["Groups"] = l{m{"GroupId": "sg-a"}, m{"GroupId": "sg-b"}}
		}, admitted, "", ""},
		{"a second group that isn't in the files", func(w *world) {
			rules(from("tcp", 443, 443, vpc4, vpc6))(w)
			w.object(fInterfaces, "eni-1")["Groups"] = l{m{"GroupId": "sg-a"}, m{"GroupId": "sg-z"}}
		}, unknown, "", partly},
		{"an endpoint with a newer group than its interface", func(w *world) {
			rules(from("tcp", 443, 443, vpc4, vpc6))(w)
			w.object(fEndpoints, "vpce-logs")["Groups"] = l{m{"GroupId": "sg-b"}}
		}, unknown, "", ""},
		{"two versions of a group", func(w *world) {
			rules(from("tcp", 443, 443, vpc4, vpc6))(w)
			old := w.object(fGroups, "sg-b")
			again := m{"GroupId": "sg-a", "VpcId": "vpc-1", "OwnerId": "123456789012", "GroupName": "sg-a", "IpPermissions": old["IpPermissions"]}
			w.files["older.json"] = m{"SecurityGroups": l{again}}
		}, unknown, "", ""},

		{"a prefix list with the client", entries("entries_pl-0a.json", false, office4, office6), admitted, "", ""},
		{"a prefix list without the client", entries("entries_pl-0a.json", false, vpc4, vpc6), proven, sg, "sg-a"},
		{"a prefix list without its entries", rules(byList), unknown, "", ""},
		{"a partial page of a prefix list", entries("entries_pl-0a.json", true, vpc4, vpc6), unknown, "", ""},
		{"a partial page of a prefix list that has the client", entries("entries_pl-0a.json", true, office4, office6), admitted, "", ""},
		{"entries of a list that isn't named", entries("entries.json", false, office4, office6), unknown, "", ""},

		{"a group of the VPC", rules(byGroup("sg-b")), proven, sg, "sg-a"},
		{"itself", rules(byGroup("sg-a")), proven, sg, "sg-a"},
		{"a group that isn't in the files, over a VPN", rules(byGroup("sg-peer")), proven, sg, "sg-a"},
		{"a group that isn't in the files, over a peering", func(w *world) {
			rules(byGroup("sg-peer"))(w)
			routes(to(office4, office6, "VpcPeeringConnectionId", "pcx-1"))(w)
		}, unknown, "", ""},
		{"a group that the client's own interface has", func(w *world) {
			rules(byGroup("sg-b"))(w)
			n := w.object(fInterfaces, "eni-3")
			client := m{"NetworkInterfaceId": "eni-9", "SubnetId": "subnet-z", "VpcId": "vpc-1", "Groups": n["Groups"], "Status": "in-use", "Ipv6Addresses": l{}}
			if w.world6 {
				client["Ipv6Addresses"] = l{m{"Ipv6Address": w.client.Addr().String()}}
			} else {
				client["PrivateIpAddress"] = w.client.Addr().String()
			}
			w.files[fInterfaces]["NetworkInterfaces"] = append(w.files[fInterfaces]["NetworkInterfaces"].(l), client)
		}, admitted, "", ""},

		{"an ACL that denies before it admits", deny(90, false, 443, 443), proven, flow.CheckNACLIn, "acl-1"},
		{"an ACL that denies after it admits", deny(110, false, 443, 443), admitted, "", ""},
		{"an ACL that denies another port", deny(90, false, 80, 80), admitted, "", ""},
		{"an ACL that denies the client's port", deny(90, true, 61000, 65535), proven, flow.CheckNACLOut, "acl-1"},
		{"an ACL that denies other ports of clients", deny(90, true, 1024, 61233), admitted, "", ""},
		{"an ACL without entries for the client", func(w *world) {
			acl(w)["Entries"] = l{w.entry(100, false, "allow", "-1", w.pick(vpc4, vpc6)), w.entry(100, true, "allow", "-1", w.pick(vpc4, vpc6))}
		}, proven, flow.CheckNACLIn, "acl-1"},
		{"an ACL whose TCP entry has no ports", deny(90, false), unknown, "", ""},
		{"an ACL whose entries were left out", func(w *world) { delete(acl(w), "Entries") }, unknown, "", ""},
		{"an ACL of other subnets", set(acl, "Associations", l{m{"SubnetId": "subnet-z"}}), unknown, "", ""},
		{"no file of ACLs", without(fACLs), unknown, "", ""},
		{"a partial page of ACLs", partial(fACLs), unknown, "", ""},

		{"no route back", routes(), proven, flow.CheckRouteBack, "rtb-1"},
		{"a route back over an internet gateway", routes(to("0.0.0.0/0", "::/0", "GatewayId", "igw-1")), proven, flow.CheckRouteBack, "rtb-1"},
		{"a route back over a NAT gateway", routes(to("0.0.0.0/0", "::/0", "NatGatewayId", "nat-1")), proven, flow.CheckRouteBack, "rtb-1"},
		{"a route back that is a blackhole", routes(func(w *world) m {
			r := to(office4, office6, "GatewayId", "vgw-1")(w)
			r["State"] = "blackhole"
			return r
		}), proven, flow.CheckRouteBack, "rtb-1"},
		{
			"a more specific route over an internet gateway",
			routes(to(office4, office6, "GatewayId", "vgw-1"), to("172.22.40.0/24", "fd22:40:7:1::/64", "GatewayId", "igw-1")), proven, flow.CheckRouteBack, "rtb-1",
		},
		{"a route back over a peering", routes(to(office4, office6, "VpcPeeringConnectionId", "pcx-1")), admitted, "", ""},
		{"a route back over an interface", routes(to(office4, office6, "NetworkInterfaceId", "eni-7")), admitted, "", ""},
		{"a route back over a transit gateway that isn't in the files", routes(to(office4, office6, "TransitGatewayId", "tgw-1")), unknown, "", ""},
		{"a route by a prefix list without its entries", routes(func(*world) m {
			return m{"DestinationPrefixListId": "pl-0b", "TransitGatewayId": "tgw-1", "State": "active", "Origin": "CreateRoute"}
		}), unknown, "", ""},
		{"the main table, and no other", func(w *world) {
			routes()(w)
			table(w)["Associations"] = l{m{"Main": true}}
		}, proven, flow.CheckRouteBack, "rtb-1"},
		{"the main table, and a partial page", func(w *world) {
			routes()(w)
			table(w)["Associations"] = l{m{"Main": true}}
			w.files[fTables]["NextToken"] = "abc"
		}, unknown, "", ""},
		{"a table whose routes were left out", func(w *world) { delete(table(w), "Routes") }, unknown, "", ""},
		{"no file of tables", without(fTables), unknown, "", ""},

		{"a gateway that isn't attached", set(func(w *world) m { return w.object(fVGWs, "vgw-1") }, "VpcAttachments", l{}), proven, flow.CheckGateway, "vgw-1"},
		{"no file of gateways", without(fVGWs), unknown, "", ""},
		{
			"a VPN that is down", set(func(w *world) m { return w.object(fVPNs, "vpn-1") }, "VgwTelemetry", l{m{"Status": "DOWN"}, m{"Status": "DOWN"}}),
			proven, flow.CheckGateway, "vpn-1",
		},
		{"a VPN that is down beside Direct Connect", func(w *world) {
			w.object(fVPNs, "vpn-1")["VgwTelemetry"] = l{m{"Status": "DOWN"}}
			w.files["vifs.json"] = m{"virtualInterfaces": l{m{"virtualInterfaceId": "dxvif-1", "virtualGatewayId": "vgw-1", "virtualInterfaceState": "available"}}}
		}, admitted, "", ""},

		{"an endpoint that was rejected", set(func(w *world) m { return w.object(fEndpoints, "vpce-logs") }, "State", "rejected"), proven, flow.CheckEndpoint, "vpce-logs"},
		{"an endpoint in a state that isn't known", set(func(w *world) m { return w.object(fEndpoints, "vpce-logs") }, "State", "partial"), unknown, "", ""},
		{"an endpoint of another service", func(w *world) {
			e := w.object(fEndpoints, "vpce-logs")
			e["ServiceName"], e["DnsEntries"] = "com.amazonaws.eu-central-1.kms", l{m{"DnsName": "kms.eu-central-1.amazonaws.com"}}
			rules()(w)
		}, unknown, "", partly},
		{"no file of endpoints", without(fEndpoints), unknown, "", ""},
		{"no file of interfaces", without(fInterfaces), unknown, "", ""},
		{"an address of nobody", func(w *world) {
			w.files[fInterfaces]["NetworkInterfaces"] = w.files[fInterfaces]["NetworkInterfaces"].(l)[2:]
			w.object(fEndpoints, "vpce-logs")["NetworkInterfaceIds"] = []string{}
			rules()(w)
		}, flow.NotHere, "", ""},
		{"an address of nobody, though an endpoint names interfaces that aren't there", func(w *world) {
			w.files[fInterfaces]["NetworkInterfaces"] = w.files[fInterfaces]["NetworkInterfaces"].(l)[2:]
			rules()(w)
		}, unknown, "", ""},
		{"one address of nobody", func(w *world) {
			w.files[fInterfaces]["NetworkInterfaces"] = w.files[fInterfaces]["NetworkInterfaces"].(l)[1:]
			rules()(w)
		}, unknown, "", partly},
	}
}

func TestProve_namesWhatAMutationDenies(t *testing.T) {
	for _, world6 := range []bool{false, true} {
		for _, x := range mutations() {
			t.Run(fmt.Sprintf("%s, IPv6 %t", x.name, world6), func(t *testing.T) {
				w := newWorld(world6)
				x.change(w)
				p := w.prove(t, w.broken()[1:]) // without the one that responds: some of these stop it, too
				if p.Verdict != x.verdict {
					t.Fatalf("%s, want %s: %s\n%s", p.Verdict, x.verdict, p.Says, lines(p))
				}
				if (p.Verdict == flow.Proven) != (p.Cause != nil) {
					t.Fatalf("%s with the cause %+v", p.Verdict, p.Cause)
				}
				if p.Cause != nil && (p.Cause.Check != x.check || p.Cause.Object != x.object) {
					t.Errorf("the cause is %s %s, want %s %s", p.Cause.Check, p.Cause.Object, x.check, x.object)
				}
				if p.Verdict != flow.Proven && p.Fix != nil {
					t.Errorf("%s has a fix: %v", p.Verdict, p.Fix.CLI)
				}
			})
		}
	}
}

// What responds refutes a configuration that denies it: whatever is changed, the only claims
// about a healthy capture are contradictions.
func TestStudy_aHealthyCaptureOnlyContradicts(t *testing.T) {
	for _, world6 := range []bool{false, true} {
		for _, x := range mutations() {
			t.Run(fmt.Sprintf("%s, IPv6 %t", x.name, world6), func(t *testing.T) {
				w := newWorld(world6)
				x.change(w)
				var flows []*flow.Flow
				for i, a := range w.logs {
					flows = append(flows, w.call(flow.ID(i+1), "logs", w.logs[i:i+1], flow.DialConnected)) //nolint:gosec // few
					_ = a
				}
				s := w.config(t).Study(flows, began, Client{})
				if got := len(s.Contradictions()) > 0; got != (x.verdict == flow.Proven || x.object == partly) {
					t.Errorf("contradictions: %v, and the mutation is %s", s.Contradictions(), x.verdict)
				}
			})
		}
	}
}

// A configuration that denies what responds proves nothing of what doesn't.
func TestProve_claimsNothingAgainstWhatResponds(t *testing.T) {
	for _, x := range mutations() {
		if x.verdict != flow.Proven {
			continue
		}
		t.Run(x.name, func(t *testing.T) {
			w := newWorld(false)
			x.change(w)
			flows := append(w.broken()[1:], w.call(3, "logs", w.logs[:1], flow.DialConnected))
			p := w.prove(t, flows)
			if p.Verdict != flow.Contradiction || p.Cause != nil || p.Fix != nil {
				t.Errorf("%s with the cause %+v, want a contradiction", p.Verdict, p.Cause)
			}
		})
	}
}

// lines are the checks of a proof, to read a failed test.
func lines(p flow.Proof) string {
	var out []string
	for _, c := range p.Checks {
		out = append(out, fmt.Sprintf("%s %s %s: %s (%s %s)", c.Check, c.Verdict, c.Object, c.Says, c.File, c.Path))
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}
