package account

import (
	"net/netip"
	"strings"
	"testing"

	"detour/internal/flow"
)

// What isn't certain proves nothing, though a simple reading of the files denies.
func TestProve_doubtProvesNothing(t *testing.T) {
	denyAll := func(w *world) { w.object(fACLs, "acl-1")["Entries"] = l{} }
	vpcOnly := func(w *world) {
		w.object(fGroups, "sg-a")["IpPermissions"] = l{w.permission("tcp", 443, 443, w.source("10.64.0.0/16"))}
	}
	inVPC := func(w *world) {
		w.client = netip.MustParseAddrPort("10.64.16.200:61234")
		w.object(fGroups, "sg-a")["IpPermissions"] = l{w.permission("tcp", 443, 443, w.source("10.64.0.0/16"))}
	}
	routes := func(w *world, all ...m) {
		table := w.object(fTables, "rtb-1")
		for _, r := range all {
			table["Routes"] = append(table["Routes"].(l), r)
		}
	}
	without := func(w *world, files ...string) {
		for _, f := range files {
			delete(w.files, f)
		}
	}
	entry := func(w *world, e m) {
		w.object(fACLs, "acl-1")["Entries"] = append(w.object(fACLs, "acl-1")["Entries"].(l), e)
	}
	other := func(w *world, gateway bool) { // another VPC, with an interface that has the address
		vpcOnly(w)
		ns := w.files[fInterfaces]["NetworkInterfaces"].(l)
		for _, a := range []string{"10.64.16.31", "10.64.17.31"} {
			ns = append(ns, m{"NetworkInterfaceId": "eni-x" + a, "SubnetId": "subnet-x", "VpcId": "vpc-x", "PrivateIpAddress": a, "Groups": l{m{"GroupId": "sg-x"}}})
		}
		w.files[fInterfaces]["NetworkInterfaces"] = ns
		rs := l{w.route("10.64.0.0/16", "GatewayId", "local")}
		if gateway {
			rs = append(rs, w.route("172.22.0.0/16", "TransitGatewayId", "tgw-x"))
		}
		w.files[fTables]["RouteTables"] = append(w.files[fTables]["RouteTables"].(l),
			m{"RouteTableId": "rtb-x", "VpcId": "vpc-x", "Associations": l{m{"Main": true}}, "Routes": rs})
	}
	for _, x := range []struct {
		name    string
		change  func(w *world)
		verdict flow.ProofVerdict
	}{
		{"an ACL, and a client that may be in the interface's subnet", func(w *world) {
			denyAll(w)
			inVPC(w)
			without(w, fSubnets)
		}, flow.Unknown},
		{"an ACL, and a client that isn't in the VPC", func(w *world) {
			denyAll(w)
			without(w, fSubnets)
		}, flow.Proven},
		{"an ACL, and a client that isn't in a local route", func(w *world) {
			denyAll(w)
			without(w, fSubnets, fVPCs)
		}, flow.Proven},
		{"two entries of an ACL with one number", func(w *world) {
			entry(w, w.entry(100, false, "deny", "6", "172.22.0.0/16", 443, 443))
		}, flow.Unknown},
		{"an ACL that writes TCP by its name", func(w *world) {
			entry(w, w.entry(90, false, "allow", "tcp", "172.22.0.0/16", 443, 443))
			entry(w, w.entry(95, false, "deny", "6", "172.22.0.0/16", 443, 443))
		}, flow.Admitted},
		{"an entry of an ACL whose ports were left out", func(w *world) {
			e := w.entry(90, false, "allow", "6", "172.22.0.0/16")
			e["PortRange"] = m{}
			entry(w, e)
			entry(w, w.entry(95, false, "deny", "6", "172.22.0.0/16", 443, 443))
		}, flow.Unknown},

		{"a blackhole within a route that works", func(w *world) {
			r := w.route("172.22.40.0/24", "GatewayId", "vgw-9")
			r["State"] = "blackhole"
			routes(w, r)
		}, flow.Unknown},
		{"a propagated route within the local one", func(w *world) {
			inVPC(w)
			r := w.route("10.64.16.0/24", "GatewayId", "vgw-9")
			r["Origin"] = "EnableVgwRoutePropagation"
			routes(w, r)
		}, flow.Admitted},
		{"a static route before a propagated one", func(w *world) {
			r := w.route("172.22.0.0/16", "NatGatewayId", "nat-1")
			r["Origin"] = "EnableVgwRoutePropagation"
			routes(w, r)
		}, flow.Admitted},
		{"a route by a prefix list before a propagated one", func(w *world) {
			w.object(fTables, "rtb-1")["Routes"].(l)[1].(m)["Origin"] = "EnableVgwRoutePropagation"
			routes(w, m{"DestinationPrefixListId": "pl-0b", "NatGatewayId": "nat-1", "State": "active", "Origin": "CreateRoute"})
			w.files["entries_pl-0b.json"] = m{"Entries": l{m{"Cidr": "172.22.0.0/16"}}}
		}, flow.Proven},
		{"a route over a Gateway Load Balancer endpoint by a prefix list", func(w *world) {
			table := w.object(fTables, "rtb-1")
			table["Routes"] = table["Routes"].(l)[:1]
			routes(w, m{"DestinationPrefixListId": "pl-0123456789abcdef0", "GatewayId": "vpce-0aaaaaaaaaaaaaaa1", "State": "active", "Origin": "CreateRoute"})
		}, flow.Unknown},
		{"a route to Amazon S3 by a prefix list", func(w *world) {
			table := w.object(fTables, "rtb-1")
			table["Routes"] = table["Routes"].(l)[:1]
			routes(w, m{"DestinationPrefixListId": "pl-6ea54007", "GatewayId": "vpce-0aaaaaaaaaaaaaaa1", "State": "active", "Origin": "CreateRoute"})
		}, flow.Proven},
		{"a route in a state that isn't known", func(w *world) {
			w.object(fTables, "rtb-1")["Routes"].(l)[1].(m)["State"] = "filtered"
		}, flow.Unknown},

		{"a gateway that is being made", func(w *world) { w.object(fVGWs, "vgw-1")["State"] = "pending" }, flow.Unknown},
		{"a gateway whose attachments were left out", func(w *world) { delete(w.object(fVGWs, "vgw-1"), "VpcAttachments") }, flow.Unknown},
		{"two versions of a VPN connection", func(w *world) {
			w.object(fVPNs, "vpn-1")["VgwTelemetry"] = l{m{"Status": "DOWN"}}
			w.files["older.json"] = m{"VpnConnections": l{m{"VpnConnectionId": "vpn-1", "VpnGatewayId": "vgw-1", "VgwTelemetry": l{m{"Status": "UP"}}}}}
		}, flow.Unknown},
		{"an endpoint that is being changed", func(w *world) { w.object(fEndpoints, "vpce-logs")["State"] = "pending" }, flow.Unknown},

		{"the address in another VPC that the client can reach", func(w *world) { other(w, true) }, flow.Unknown},
		{"the address in another VPC that isn't connected", func(w *world) { other(w, false) }, flow.Proven},
		{"a page that may have another VPC's interface with the address", func(w *world) {
			vpcOnly(w)
			w.files[fVPCs]["Vpcs"] = append(w.files[fVPCs]["Vpcs"].(l), m{"VpcId": "vpc-x", "CidrBlock": "10.64.0.0/16"})
			w.files[fInterfaces]["NextToken"] = "abc"
		}, flow.Unknown},

		{"an address that IPv4 over IPv6 uses on the machine", func(w *world) {
			vpcOnly(w)
			w.client = netip.MustParseAddrPort("192.0.0.2:61234")
		}, flow.Unknown},
		{"AWS Client VPN with interfaces on another page", func(w *world) {
			w.client = netip.MustParseAddrPort("172.30.0.9:61234")
			w.files["cvpn.json"] = m{"ClientVpnEndpoints": l{m{"ClientVpnEndpointId": "cvpn-1", "ClientCidrBlock": "172.30.0.0/22"}}}
			w.files[fInterfaces]["NetworkInterfaces"] = append(w.files[fInterfaces]["NetworkInterfaces"].(l), m{
				"NetworkInterfaceId": "eni-8", "Description": "ClientVPN Endpoint resource", "SubnetId": "subnet-c", "VpcId": "vpc-1",
				"PrivateIpAddress": "10.64.18.7", "Groups": l{},
			})
			w.files[fInterfaces]["NextToken"] = "abc"
			w.object(fGroups, "sg-a")["IpPermissions"] = l{w.permission("tcp", 443, 443, w.source("10.64.19.0/24"))}
		}, flow.Unknown},
		{"AWS Client VPN whose addresses aren't known", func(w *world) {
			vpcOnly(w)
			w.files["cvpn.json"] = m{"ClientVpnEndpoints": l{m{"ClientVpnEndpointId": "cvpn-1"}}}
		}, flow.Unknown},
	} {
		t.Run(x.name, func(t *testing.T) {
			w := newWorld(false)
			x.change(w)
			if p := w.prove(t, w.broken()[1:]); p.Verdict != x.verdict {
				t.Errorf("%s, want %s: %s\n%s", p.Verdict, x.verdict, p.Says, lines(p))
			}
		})
	}
}

// Whatever responded at an interface's address refutes files that deny it: under another name,
// over a connection that another call made, or by a reset.
func TestProve_everyResponseCounts(t *testing.T) {
	alias := func(w *world) *flow.Flow {
		f := w.call(7, "intranet", w.logs[:1], flow.DialConnected)
		f.Request.URL, f.AWS = "https://logs.corp.example/", nil
		return f
	}
	reused := func(w *world) *flow.Flow {
		f := w.call(7, "logs", w.logs[:1], flow.DialConnected)
		f.Reused = true
		return f
	}
	for name, more := range map[string]func(*world) *flow.Flow{"another name": alias, "a reused connection": reused} {
		w := vpcOnly(false)
		if p := w.prove(t, append(w.broken()[1:], more(w))); p.Verdict != flow.Contradiction || p.Cause != nil {
			t.Errorf("%s: %s: %s", name, p.Verdict, p.Says)
		}
	}
	w := vpcOnly(false)
	flows := append(w.broken()[1:], w.call(7, "logs", w.logs[:1], flow.DialRefused))
	f := finding()
	f.Flows = append(f.Flows, 7)
	if p := w.config(t).Study(flows, began, Client{}).Prove(f)[0].Proof; p.Verdict == flow.Proven {
		t.Errorf("a reset: %s: %s", p.Verdict, p.Says)
	}
}

// A finding about what came after the connect isn't explained by an address that was tried in
// vain before.
func TestProve_aFindingAboutAResponseIsNotAboutConnects(t *testing.T) {
	w := vpcOnly(false)
	f := w.call(2, "logs", w.logs[:1], flow.DialTimeout)
	f.Conn.Attempts = append(f.Conn.Attempts, flow.DialAttempt{Addr: netip.MustParseAddrPort("203.0.113.9:443"), Outcome: flow.DialConnected})
	x := finding()
	x.Code = "tls-failed"
	if parts := w.config(t).Study([]*flow.Flow{f}, began, Client{}).Prove(x); len(parts) != 0 {
		t.Errorf("%+v", parts)
	}
	x.Connects = true
	if parts := w.config(t).Study([]*flow.Flow{f}, began, Client{}).Prove(x); len(parts) != 1 || parts[0].Proof.Verdict != flow.Proven {
		t.Errorf("about connects: %+v", parts)
	}
}

// A policy that denies what was answered is of another time; a statement that can't be read
// decides nothing.
func TestProve_aPolicyIsRefutedByAnAnswer(t *testing.T) {
	for _, x := range []struct {
		name, policy string
		answered     bool
		verdict      flow.ProofVerdict
	}{
		{"another action", `{"Statement":{"Effect":"Allow","Principal":"*","Action":"logs:Get*","Resource":"*"}}`, false, flow.Proven},
		{"another action, and an answer", `{"Statement":{"Effect":"Allow","Principal":"*","Action":"logs:Get*","Resource":"*"}}`, true, flow.Contradiction},
		{"all actions but others", `{"Statement":[{"Effect":"Allow","Principal":"*","NotAction":["logs:Get*"],"Resource":"*"}]}`, false, flow.Admitted},
		{"all actions but this", `{"Statement":[{"Effect":"Allow","Principal":"*","NotAction":"logs:Describe*","Resource":"*"}]}`, false, flow.Proven},
		{"a denial of all but some", `{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"},` +
			`{"Effect":"Deny","NotPrincipal":{"AWS":"1"},"Action":"*","Resource":"*"}]}`, false, flow.Unknown},
		{"a condition", `{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","Condition":{"X":{"y":"z"}}}]}`, false, flow.Unknown},
		{"a statement without actions", `{"Statement":[{"Effect":"Allow","Principal":"*","Resource":"*"}]}`, false, flow.Unknown},
		{"no policy", "", false, flow.Unknown},
	} {
		w := newWorld(false)
		w.object(fEndpoints, "vpce-logs")["PolicyDocument"] = x.policy
		call := func(id flow.ID, status int) *flow.Flow {
			f := w.call(id, "logs", w.logs[:1], flow.DialConnected)
			f.AWS.Operation, f.Response = "DescribeLogGroups", &flow.Response{Status: status}
			return f
		}
		refused := call(2, 403)
		refused.AWS.Error = &flow.AWSError{Code: "AccessDeniedException", Action: "logs:DescribeLogGroups"}
		flows := []*flow.Flow{refused}
		if x.answered {
			flows = append(flows, call(3, 200))
		}
		got := w.config(t).Study(flows, began, Client{}).Prove(finding())
		if len(got) != 1 || got[0].Proof.Verdict != x.verdict || (got[0].Proof.Cause != nil) != (x.verdict == flow.Proven) {
			t.Errorf("%s: %+v, want %s", x.name, got, x.verdict)
		}
	}
}

// A transit gateway's attachment that is being made, or a second, deleted one, denies nothing.
func TestProve_attachmentsOfATransitGateway(t *testing.T) {
	for state, want := range map[string]flow.ProofVerdict{
		"available": flow.Admitted, "initiating": flow.Unknown, "deleted": flow.Proven, "failed": flow.Proven, "pendingAcceptance": flow.Proven,
	} {
		w := newWorld(false)
		w.object(fTables, "rtb-1")["Routes"] = l{w.route("10.64.0.0/16", "GatewayId", "local"), w.route("172.22.0.0/16", "TransitGatewayId", "tgw-1")}
		link := func(id, state string) m {
			return m{
				"TransitGatewayAttachmentId": id, "TransitGatewayId": "tgw-1", "ResourceId": "vpc-1", "ResourceType": "vpc", "State": state,
				"Association": m{"TransitGatewayRouteTableId": "tgw-rtb-0a", "State": "associated"},
			}
		}
		w.files["attachments.json"] = m{"TransitGatewayAttachments": l{link("tgw-attach-1", state)}}
		w.files["routes_tgw-rtb-0a.json"] = m{"Routes": l{m{"DestinationCidrBlock": "172.22.0.0/16", "State": "active", "TransitGatewayAttachments": l{}}}}
		if p := w.prove(t, w.broken()[1:]); p.Verdict != want {
			t.Errorf("%s: %s, want %s: %s", state, p.Verdict, want, p.Says)
		}
		w.files["attachments.json"] = m{"TransitGatewayAttachments": l{link("tgw-attach-1", "deleted"), link("tgw-attach-2", state)}}
		if p := w.prove(t, w.broken()[1:]); state == "available" && p.Verdict != flow.Admitted {
			t.Errorf("%s beside a deleted one: %s: %s", state, p.Verdict, p.Says)
		}
	}
}

// A virtual interface of Direct Connect that is down is the cause, if nothing else is behind the
// gateway.
func TestProve_directConnectThatIsDown(t *testing.T) {
	vif := func(state, bgp string) m {
		return m{"virtualInterfaceId": "dxvif-1", "virtualGatewayId": "vgw-1", "virtualInterfaceState": state, "bgpPeers": l{m{"bgpStatus": bgp}}}
	}
	down := m{"VpnConnections": l{m{"VpnConnectionId": "vpn-1", "VpnGatewayId": "vgw-1", "State": "available", "VgwTelemetry": l{m{"Status": "DOWN"}}}}}
	none := m{"VpnConnections": l{}}
	for _, x := range []struct {
		name      string
		vif, vpns m
		static    bool
		verdict   flow.ProofVerdict
		object    string
	}{
		{"BGP down, and no VPN", vif("available", "down"), none, true, flow.Proven, "dxvif-1"},
		{"down, and no VPN", vif("down", "down"), none, true, flow.Proven, "dxvif-1"},
		{"up, and the VPN is down", vif("available", "up"), down, true, flow.Admitted, ""},
		{"down, and so is the VPN", vif("down", "down"), down, true, flow.Proven, "vpn-1"},
		{"down, and whether there is a VPN isn't known", vif("down", "down"), nil, true, flow.Unknown, ""},
		{"down, and its route is there", vif("down", "down"), none, false, flow.Unknown, ""},
	} {
		w := newWorld(false)
		w.files["vifs.json"] = m{"virtualInterfaces": l{x.vif}}
		if delete(w.files, fVPNs); x.vpns != nil {
			w.files[fVPNs] = x.vpns
		}
		if !x.static {
			w.object(fTables, "rtb-1")["Routes"].(l)[1].(m)["Origin"] = "EnableVgwRoutePropagation"
		}
		p := w.prove(t, w.broken()[1:])
		if p.Verdict != x.verdict || p.Cause != nil && p.Cause.Object != x.object {
			t.Errorf("%s: %s %+v, want %s %s: %s", x.name, p.Verdict, p.Cause, x.verdict, x.object, p.Says)
		}
	}
}

// Of two groups that deny, opening one suffices: that the other one denies, too, is no step.
func TestApply_oneGroupThatAdmitsSuffices(t *testing.T) {
	w := vpcOnly(false)
	both := l{m{"GroupId": "sg-a"}, m{"GroupId": "sg-b"}}
	for _, id := range []string{"eni-1", "eni-2"} {
		w.object(fInterfaces, id)["Groups"] = both
	}
	w.object(fEndpoints, "vpce-logs")["Groups"] = both
	w.object(fGroups, "sg-b")["IpPermissions"] = l{}
	got := w.config(t).Study(w.broken()[1:], began, Client{}).Apply([]flow.Finding{finding()}, same)
	if len(got) != 1 || got[0].Proof.Verdict != flow.Proven || len(got[0].Proof.Also) != 1 {
		t.Fatalf("%+v", got)
	}
	for _, s := range got[0].Try {
		if strings.Contains(s.Text, "sg-b") {
			t.Errorf("a step names the other group: %q", s.Text)
		}
	}
}

// A fix of a network ACL comes before every entry that denies one of the client's connects.
func TestProve_aFixComesBeforeTheFirstEntryThatDenies(t *testing.T) {
	w := newWorld(false)
	acl := w.object(fACLs, "acl-1")
	acl["Entries"] = append(acl["Entries"].(l),
		w.entry(80, true, "deny", "6", "172.22.0.0/16", 61235, 61235), w.entry(90, true, "deny", "6", "172.22.0.0/16", 61234, 61234))
	if p := w.prove(t, w.broken()[1:]); p.Fix == nil || !strings.Contains(p.Fix.CLI[0], "--rule-number 79 ") {
		t.Errorf("%+v", p.Fix)
	}
}

// An address that a router says is unreachable says nothing about what comes after the router.
func TestProve_unreachableDecidesNothing(t *testing.T) {
	w := vpcOnly(false)
	p := w.prove(t, []*flow.Flow{w.call(2, "logs", w.logs, flow.DialUnreachable)})
	if p.Verdict != flow.Unknown || p.Cause != nil || !strings.Contains(p.Says, "no way to") {
		t.Errorf("%s: %s", p.Verdict, p.Says)
	}
}
