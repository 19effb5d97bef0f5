package account

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"testing"

	"detour/internal/flow"
	"detour/internal/fulltest"
)

// deciding are the lists whose elements are the configuration itself: without one of them the
// account is another one, and no file shows that it is missing. By its set's completeness, so
// is the table of a subnet among all tables of its VPC.
var deciding = map[string]bool{
	"IpPermissions": true, "IpRanges": true, "Ipv6Ranges": true, "PrefixListIds": true, "UserIdGroupPairs": true,
	"Entries": true, "Routes": true, "VpcAttachments": true, "TransitGatewayAttachments": true,
	"CidrBlockAssociationSet": true, "Ipv6CidrBlockAssociationSet": true, "virtualInterfaces": true,
	"RouteTables": true, "VgwTelemetry": true, "VpnConnections": true, "Associations": true,
}

const fVIFs = "describe-virtual-interfaces.json"

// A damage is what stands in place of a member; nil: nothing does.
type damage struct {
	what string
	with any
}

// damages are those of a value: what is missing, and what can't be understood. What says
// something else isn't damage: an empty list of rules, another ID. All take minutes and are left
// to make full; else every third member of a world is missing.
func damages(member string, old any) []damage {
	if !fulltest.On() {
		return []damage{{"without", nil}}
	}
	out := []damage{{"without", nil}, {"null", json.RawMessage("null")}, {"an empty object", m{}}}
	switch old.(type) {
	case []any:
		out = append(out, damage{"a text", "x"}, damage{"a list of null", l{nil}})
		if !deciding[member] {
			out = append(out, damage{"an empty list", l{}})
		}
	case float64, int:
		out = append(out, damage{"a text", "443"}, damage{"a fraction", 7.5}, damage{"a large number", 1e300})
	case bool:
		out = append(out, damage{"a text", "true"})
	case string:
		out = append(out, damage{"empty", ""}, damage{"a number", 1}, damage{"a list", l{old}})
	}
	return out
}

// damaged calls visit with every variant of v that has one member, at any depth, damaged. The
// member is put back afterwards.
func damaged(v any, path string, visit func(what string)) {
	switch x := v.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(x)) {
			old := x[k]
			for _, d := range damages(k, old) {
				if x[k] = d.with; d.with == nil {
					delete(x, k)
				}
				visit(d.what + " " + path + "." + k)
			}
			x[k] = old
			if list, isList := old.([]any); isList && !deciding[k] {
				for i := range list {
					x[k] = slices.Delete(slices.Clone(list), i, i+1)
					visit(fmt.Sprintf("without %s.%s[%d]", path, k, i))
				}
				x[k] = old
			}
			damaged(old, path+"."+k, visit)
		}
	case []any:
		for i := range x {
			damaged(x[i], fmt.Sprintf("%s[%d]", path, i), visit)
		}
	}
}

// absentIsUnknown checks that no damage to a file of a folder yields a proof, if the folder
// itself yields none, nor a contradiction of flows that agree with it.
func absentIsUnknown(t *testing.T, files map[string]m, prove func(*Config) (flow.ProofVerdict, []string)) {
	t.Helper()
	t.Parallel()
	var all []File
	for _, name := range slices.Sorted(maps.Keys(files)) {
		all = append(all, File{Name: name, Data: encode(t, files[name])})
	}
	read := func() *Config { return Read(all) }
	whole, against := prove(read())
	if whole == flow.Proven || len(against) > 0 {
		t.Fatalf("the folder isn't healthy: %s, %q", whole, against)
	}
	n := 0
	visit := func(i int) func(string) {
		file := all[i].Name
		return func(what string) {
			if n++; !fulltest.On() && n%3 != len(t.Name())%3 {
				return // the worlds differ in few members, so that another one has it
			}
			all[i].Data = encode(t, files[file])
			verdict, against := prove(read())
			if verdict == flow.Proven {
				t.Errorf("%s: %s: proven", file, what)
			}
			if len(against) > 0 {
				t.Errorf("%s: %s: contradicts %s", file, what, against[0])
			}
		}
	}
	for i, name := range slices.Sorted(maps.Keys(files)) {
		whole := all[i]
		if name == fVIFs {
			// Without this file, a VPN that is down counts as the only way behind a gateway.
			damaged(files[name][string(setVIFs)], "", visit(i))
			continue
		}
		if verdict, against := prove(Read(slices.Delete(slices.Clone(all), i, i+1))); verdict == flow.Proven || len(against) > 0 {
			t.Errorf("without %s: %s, %q", name, verdict, against)
		}
		damaged(files[name], "", visit(i))
		all[i] = whole
	}
	t.Logf("%d damages, %s", n, whole)
}

func encode(t *testing.T, v any) []byte {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// healthy are worlds in which logs isn't stopped, each by another rule.
func healthy(world6 bool) map[string]*world {
	out := make(map[string]*world)
	make1 := func(name string, change func(w *world)) {
		w := newWorld(world6)
		change(w)
		out[name] = w
	}
	office := newWorld(world6).pick("172.22.0.0/16", "fd22:40:7::/48")
	rule := func(w *world, source m) {
		w.object(fGroups, "sg-a")["IpPermissions"] = l{w.permission("tcp", 443, 443, source)}
	}
	addAddress := func(w *world, n m, address string) m {
		n["Ipv6Addresses"] = l{}
		if w.world6 {
			n["Ipv6Addresses"] = l{m{"Ipv6Address": address}}
		} else {
			n["PrivateIpAddress"] = address
		}
		return n
	}
	make1("base", func(*world) {})
	make1("prefix list", func(w *world) {
		rule(w, m{"PrefixListIds": l{m{"PrefixListId": "pl-0a"}}})
		w.files["entries_pl-0a.json"] = m{"Entries": l{m{"Cidr": office}}}
	})
	make1("address beside other sources", func(w *world) {
		s := w.source(office)
		s["UserIdGroupPairs"], s["PrefixListIds"] = l{m{"GroupId": "sg-b"}}, l{m{"PrefixListId": "pl-0a"}}
		rule(w, s)
		w.files["entries_pl-0a.json"] = m{"Entries": l{m{"Cidr": w.pick("10.64.0.0/16", "fdc4:1a2b:3c00::/56")}}}
	})
	make1("client in the VPC, by its group", func(w *world) {
		rule(w, m{"UserIdGroupPairs": l{m{"GroupId": "sg-b"}}})
		w.object(fGroups, "sg-b")["IpPermissions"] = l{w.permission("-1", 0, 0, w.source(w.pick("0.0.0.0/0", "::/0")))}
		a := w.pick("10.64.18.9", "fdc4:1a2b:3c00:18::9")
		w.client = addrPort(a, 50001)
		w.files["clients.json"] = m{"NetworkInterfaces": l{addAddress(w, m{
			"NetworkInterfaceId": "eni-9", "SubnetId": "subnet-c", "VpcId": "vpc-1", "Groups": l{m{"GroupId": "sg-b"}}, "Status": "in-use",
		}, a)}}
	})
	make1("client in the same subnet", func(w *world) {
		w.client = addrPort(w.pick("10.64.16.99", "fdc4:1a2b:3c00:16::99"), 50001)
		w.logs, w.ssm = w.logs[:1], w.ssm[:1]
		for _, g := range []string{"sg-a", "sg-b"} {
			w.object(fGroups, g)["IpPermissions"] = l{w.permission("tcp", 443, 443, w.source(w.pick("10.64.0.0/16", "fdc4:1a2b:3c00::/56")))}
		}
		w.object(fACLs, "acl-1")["Entries"] = l{
			w.entry(32767, false, "deny", "-1", w.pick("0.0.0.0/0", "::/0")), w.entry(32767, true, "deny", "-1", w.pick("0.0.0.0/0", "::/0")),
		}
	})
	make1("client in a second block of the VPC, by its group", func(w *world) {
		rule(w, m{"UserIdGroupPairs": l{m{"GroupId": "sg-b"}}})
		w.client = addrPort(w.pick("100.64.3.9", "fd99::9"), 50001)
		w.object(fGroups, "sg-b")["IpPermissions"] = l{w.permission("-1", 0, 0, w.source(w.pick("0.0.0.0/0", "::/0")))}
		v := w.object(fVPCs, "vpc-1")
		v["CidrBlockAssociationSet"] = l{
			m{"CidrBlock": "10.64.0.0/16", "CidrBlockState": m{"State": "associated"}}, m{"CidrBlock": "100.64.0.0/16", "CidrBlockState": m{"State": "associated"}},
		}
		v["Ipv6CidrBlockAssociationSet"] = append(v["Ipv6CidrBlockAssociationSet"].(l), m{"Ipv6CidrBlock": "fd99::/56", "Ipv6CidrBlockState": m{"State": "associated"}})
		rt := w.object(fTables, "rtb-1")
		rt["Routes"] = append(rt["Routes"].(l), w.route(w.pick("100.64.0.0/16", "fd99::/56"), "GatewayId", "local"))
	})
	make1("ACL with ports", func(w *world) {
		w.object(fACLs, "acl-1")["Entries"] = l{
			w.entry(80, false, "deny", "6", office, 80, 80), w.entry(81, false, "deny", "17", office, 443, 443), w.entry(90, false, "allow", "6", office, 443, 443),
			w.entry(70, true, "deny", "6", office, 1, 1023), w.entry(90, true, "allow", "6", office, 1024, 65535),
			w.entry(32767, false, "deny", "-1", w.pick("0.0.0.0/0", "::/0")), w.entry(32767, true, "deny", "-1", w.pick("0.0.0.0/0", "::/0")),
		}
	})
	make1("two groups", func(w *world) {
		rule(w, w.source(w.pick("10.64.0.0/16", "fdc4:1a2b:3c00::/56")))
		for _, id := range []string{"eni-1", "eni-2"} {
			w.object(fInterfaces, id)["Groups"] = l{m{"GroupId": "sg-a"}, m{"GroupId": "sg-b"}}
		}
		w.object(fEndpoints, "vpce-logs")["Groups"] = l{m{"GroupId": "sg-a"}, m{"GroupId": "sg-b"}}
	})
	make1("main table", func(w *world) { w.object(fTables, "rtb-1")["Associations"] = l{m{"Main": true}} })
	make1("own table beside a main one without the route", func(w *world) {
		rt := w.object(fTables, "rtb-1")
		rt["Associations"] = l{m{"SubnetId": "subnet-a", "AssociationState": m{"State": "associated"}}, m{"SubnetId": "subnet-b"}}
		w.files[fTables]["RouteTables"] = l{rt, m{
			"RouteTableId": "rtb-main", "VpcId": "vpc-1", "OwnerId": "123456789012", "Associations": l{m{"Main": true}}, "Routes": rt["Routes"].(l)[:1],
		}}
	})
	make1("more specific route", func(w *world) {
		rt := w.object(fTables, "rtb-1")
		rt["Routes"] = l{rt["Routes"].(l)[0], w.route(w.pick("0.0.0.0/0", "::/0"), "GatewayId", "igw-1"), rt["Routes"].(l)[1]}
	})
	make1("route by a prefix list", func(w *world) {
		rt := w.object(fTables, "rtb-1")
		rt["Routes"] = l{
			rt["Routes"].(l)[0], w.route(w.pick("0.0.0.0/0", "::/0"), "GatewayId", "igw-1"),
			m{"DestinationPrefixListId": "pl-0b", "GatewayId": "vgw-1", "State": "active", "Origin": "CreateRoute"},
		}
		w.files["entries_pl-0b.json"] = m{"Entries": l{m{"Cidr": office}}}
	})
	transit := func(w *world) {
		rt := w.object(fTables, "rtb-1")
		rt["Routes"] = l{rt["Routes"].(l)[0], w.route(office, "TransitGatewayId", "tgw-1")}
		w.files["attachments.json"] = m{"TransitGatewayAttachments": l{m{
			"TransitGatewayAttachmentId": "tgw-attach-1", "TransitGatewayId": "tgw-1", "ResourceId": "vpc-1", "ResourceType": "vpc", "State": "available",
			"Association": m{"TransitGatewayRouteTableId": "tgw-rtb-0a", "State": "associated"},
		}}}
		w.files["search_tgw-rtb-0a.json"] = m{"AdditionalRoutesAvailable": false, "Routes": l{
			m{"DestinationCidrBlock": w.pick("172.0.0.0/8", "fd00::/8"), "State": "blackhole", "Type": "static"},
			m{
				"DestinationCidrBlock": office, "State": "active", "Type": "static",
				"TransitGatewayAttachments": l{
					m{"TransitGatewayAttachmentId": "tgw-attach-2", "ResourceId": "vpn-1"}, m{"TransitGatewayAttachmentId": "tgw-attach-3", "ResourceId": "vpn-2"},
				},
			},
		}}
		v := w.object(fVPNs, "vpn-1")
		v["VpnGatewayId"], v["TransitGatewayId"] = "", "tgw-1"
		v["VgwTelemetry"] = l{m{"Status": "DOWN"}, m{"Status": "DOWN"}}
		w.files[fVPNs]["VpnConnections"] = l{v, m{"VpnConnectionId": "vpn-2", "TransitGatewayId": "tgw-1", "State": "available", "VgwTelemetry": l{m{"Status": "UP"}}}}
	}
	make1("transit gateway", transit)
	make1("two VPNs, one up", func(w *world) {
		w.object(fVPNs, "vpn-1")["VgwTelemetry"] = l{m{"Status": "DOWN"}, m{"Status": "DOWN"}}
		w.files[fVPNs]["VpnConnections"] = append(w.files[fVPNs]["VpnConnections"].(l),
			m{"VpnConnectionId": "vpn-2", "VpnGatewayId": "vgw-1", "State": "available", "VgwTelemetry": l{m{"Status": "UP"}}})
	})
	make1("a VPN that is down, and a propagated route", func(w *world) {
		w.object(fVPNs, "vpn-1")["VgwTelemetry"] = l{m{"Status": "DOWN"}, m{"Status": "DOWN"}}
		w.object(fTables, "rtb-1")["Routes"].(l)[1].(m)["Origin"] = "EnableVgwRoutePropagation"
	})
	make1("a VPN that is down beside Direct Connect", func(w *world) {
		w.object(fVPNs, "vpn-1")["VgwTelemetry"] = l{m{"Status": "DOWN"}}
		w.files[fVIFs] = m{"virtualInterfaces": l{m{"virtualInterfaceId": "dxvif-1", "virtualGatewayId": "vgw-1", "virtualInterfaceState": "available"}}}
	})
	make1("Client VPN", func(w *world) {
		rule(w, w.source(w.pick("10.64.0.0/16", "fdc4:1a2b:3c00::/56")))
		w.client = addrPort(w.pick("172.22.252.9", "fd22:40:7:fc::9"), 50001)
		w.object(fGroups, "sg-b")["IpPermissions"] = l{w.permission("-1", 0, 0, w.source(w.pick("0.0.0.0/0", "::/0")))}
		w.files["client-vpn.json"] = m{"ClientVpnEndpoints": l{m{"ClientVpnEndpointId": "cvpn-1", "ClientCidrBlock": w.pick("172.22.252.0/22", "fd22:40:7:fc::/64")}}}
		w.files["client-vpn-interfaces.json"] = m{"NetworkInterfaces": l{addAddress(w, m{
			"NetworkInterfaceId": "eni-8", "Description": "ClientVPN Endpoint resource", "SubnetId": "subnet-c", "VpcId": "vpc-1", "Groups": l{m{"GroupId": "sg-b"}},
		}, w.pick("10.64.18.7", "fdc4:1a2b:3c00:18::7"))}}
	})
	make1("resolver", func(w *world) {
		w.files["list-resolver-endpoints.json"] = m{"ResolverEndpoints": l{m{
			"Id": "rslvr-in-1", "Direction": "INBOUND", "HostVPCId": "vpc-1", "SecurityGroupIds": l{"sg-dns"},
		}}}
		w.files["addresses_rslvr-in-1.json"] = m{"IpAddresses": l{m{w.pick("Ip", "Ipv6"): w.pick("10.64.16.53", "fdc4:1a2b:3c00:16::53"), "SubnetId": "subnet-a"}}}
		w.files["dns.json"] = m{"SecurityGroups": l{m{
			"GroupId": "sg-dns", "VpcId": "vpc-1", "OwnerId": "123456789012",
			"IpPermissions": l{w.permission("udp", 53, 53, w.source(office))},
		}}}
	})
	return out
}

func addrPort(a string, port uint16) netip.AddrPort {
	return netip.AddrPortFrom(netip.MustParseAddr(a), port)
}

// What a file doesn't hold is unknown, never denied: nothing that is missing, or can't be
// understood, proves anything.
func TestProve_absentIsUnknownNeverDenied(t *testing.T) {
	for _, world6 := range []bool{false, true} {
		for name, w := range healthy(world6) {
			if world6 && !fulltest.On() {
				continue
			}
			t.Run(fmt.Sprintf("%s, IPv6 %t", name, world6), func(t *testing.T) {
				flows := w.broken()
				if len(w.files["list-resolver-endpoints.json"]) > 0 {
					for _, f := range flows {
						f.Conn.Resolution = &flow.Resolution{
							Source:     flow.SourceDNS,
							Nameserver: addrPort(w.pick("10.64.16.53", "fdc4:1a2b:3c00:16::53"), 53),
						}
					}
				}
				absentIsUnknown(t, w.files, func(c *Config) (verdict flow.ProofVerdict, against []string) {
					s := c.Study(flows[1:], began, Client{}) // without what responds, which refutes a proof
					for _, part := range s.Prove(finding()) {
						if verdict = part.Proof.Verdict; verdict == flow.Proven {
							break
						}
					}
					// The same of a capture in which all respond.
					var fine []*flow.Flow
					for _, f := range flows {
						g := *f
						conn := *f.Conn
						conn.Attempts = slices.Clone(conn.Attempts)
						for i := range conn.Attempts {
							conn.Attempts[i].Outcome = flow.DialConnected
						}
						g.Conn = &conn
						fine = append(fine, &g)
					}
					for _, x := range c.Study(fine, began, Client{}).Contradictions() {
						against = append(against, x.Text)
					}
					return verdict, against
				})
			})
		}
	}
}
