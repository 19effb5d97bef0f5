package account

import "detour/internal/flow"

// vpnDown takes down the only VPN behind the gateway.
func vpnDown(w *world) {
	w.object(fVPNs, "vpn-1")["VgwTelemetry"] = l{m{"Status": "DOWN"}, m{"Status": "DOWN"}}
}

// overTransit leads the way back through a transit gateway.
func overTransit(w *world) (attachment, route m) {
	rt := w.object(fTables, "rtb-1")
	office := w.pick("172.22.0.0/16", "fd22:40:7::/48")
	rt["Routes"] = l{rt["Routes"].(l)[0], w.route(office, "TransitGatewayId", "tgw-1")}
	attachment = m{
		"TransitGatewayAttachmentId": "tgw-attach-1", "TransitGatewayId": "tgw-1", "ResourceId": "vpc-1", "ResourceType": "vpc", "State": "available",
		"Association": m{"TransitGatewayRouteTableId": "tgw-rtb-0a", "State": "associated"},
	}
	route = m{
		"DestinationCidrBlock": office, "State": "active", "Type": "static",
		"TransitGatewayAttachments": l{m{"TransitGatewayAttachmentId": "tgw-attach-2", "ResourceId": "vpn-1"}},
	}
	w.files["attachments.json"] = m{"TransitGatewayAttachments": l{attachment}}
	w.files["search_tgw-rtb-0a.json"] = m{"AdditionalRoutesAvailable": false, "Routes": l{route}}
	v := w.object(fVPNs, "vpn-1")
	v["VpnGatewayId"], v["TransitGatewayId"] = "", "tgw-1"
	return attachment, route
}

// stateMutations are the states of what may carry the answers: those that AWS documents, and
// others, of which nothing is known.
func stateMutations() (out []mutation) {
	const proven, admitted, unknown = flow.Proven, flow.Admitted, flow.Unknown
	add := func(name string, verdict flow.ProofVerdict, check flow.CheckName, object string, change func(w *world)) {
		if verdict != proven {
			check, object = "", ""
		}
		out = append(out, mutation{name, change, verdict, check, object})
	}
	gateway := flow.CheckGateway
	for state, v := range map[string]flow.ProofVerdict{
		"available": admitted, "pending": unknown, "deleting": proven, "deleted": proven, "Available": unknown, "frozen": unknown,
	} {
		add("a gateway that is "+state, v, gateway, "vgw-1", func(w *world) { w.object(fVGWs, "vgw-1")["State"] = state })
	}
	for state, v := range map[string]flow.ProofVerdict{
		"attached": admitted, "attaching": unknown, "detaching": unknown, "detached": proven, "Attached": unknown, "held": unknown,
	} {
		add("a gateway's attachment that is "+state, v, gateway, "vgw-1", func(w *world) {
			w.object(fVGWs, "vgw-1")["VpcAttachments"] = l{m{"VpcId": "vpc-1", "State": state}}
		})
	}
	for state, v := range map[string]flow.ProofVerdict{
		"available": admitted, "modifying": admitted, "initiating": unknown, "initiatingRequest": unknown, "pending": unknown, "rollingBack": unknown,
		"pendingAcceptance": proven, "rejecting": proven, "rejected": proven, "deleting": unknown, "deleted": proven, "failing": proven, "failed": proven,
		"Available": unknown, "paused": unknown,
	} {
		add("a transit attachment that is "+state, v, gateway, "tgw-attach-1", func(w *world) {
			a, _ := overTransit(w)
			a["State"] = state
		})
	}
	add("a transit attachment that is deleted, and a partial page", unknown, "", "", func(w *world) {
		a, _ := overTransit(w)
		a["State"] = "deleted"
		w.files["attachments.json"]["NextToken"] = "abc"
	})
	for state, v := range map[string]flow.ProofVerdict{"active": admitted, "blackhole": proven, "pending": unknown, "deleting": unknown, "Blackhole": unknown, "": unknown} {
		add("a transit route that is "+state, v, gateway, "tgw-rtb-0a", func(w *world) {
			_, r := overTransit(w)
			r["State"] = state
		})
	}
	for kind, v := range map[string]flow.ProofVerdict{"static": proven, "propagated": unknown, "other": unknown} {
		add("a VPN that is down behind a transit route that is "+kind, v, gateway, "vpn-1", func(w *world) {
			_, r := overTransit(w)
			r["Type"] = kind
			vpnDown(w)
		})
	}
	for state, v := range map[string]flow.ProofVerdict{
		"available": proven, "pending": proven, "deleting": proven, "deleted": admitted, "Available": unknown, "modifying": unknown, "": unknown,
	} {
		add("a VPN that is down and "+state, v, gateway, "vpn-1", func(w *world) {
			vpnDown(w)
			w.object(fVPNs, "vpn-1")["State"] = state
		})
	}
	for status, v := range map[string]flow.ProofVerdict{"UP": admitted, "DOWN": proven, "down": admitted, "DEGRADED": admitted, "": admitted} {
		add("a tunnel that is "+status, v, gateway, "vpn-1", func(w *world) {
			w.object(fVPNs, "vpn-1")["VgwTelemetry"] = l{m{"Status": status}}
		})
	}
	return append(out, directMutations()...)
}

// directMutations are the states of Direct Connect beside a VPN that is down, and without one.
func directMutations() (out []mutation) {
	const proven, admitted, unknown = flow.Proven, flow.Admitted, flow.Unknown
	vif := func(member, of, state, bgp string) m {
		return m{
			"virtualInterfaceId": "dxvif-1", member: of, "virtualInterfaceState": state, "virtualInterfaceType": "private", "bgpPeers": l{m{"bgpStatus": bgp}},
		}
	}
	add := func(name string, verdict flow.ProofVerdict, object string, change func(w *world)) {
		x := mutation{name, change, verdict, "", ""}
		if verdict == proven {
			x.check, x.object = flow.CheckGateway, object
		}
		out = append(out, x)
	}
	for state, v := range map[string]flow.ProofVerdict{
		"available": proven, "confirming": proven, "verifying": proven, "pending": proven, "testing": proven, "deleting": proven,
		"down": proven, "deleted": proven, "rejected": proven, "unknown": admitted, "Available": admitted, "standby": admitted,
	} {
		add("a virtual interface without BGP that is "+state, v, "dxvif-1", func(w *world) {
			w.files[fVPNs] = m{"VpnConnections": l{}}
			w.files[fVIFs] = m{"virtualInterfaces": l{vif("virtualGatewayId", "vgw-1", state, "down")}}
		})
	}
	for bgp, v := range map[string]flow.ProofVerdict{"up": admitted, "down": proven, "unknown": admitted, "DOWN": admitted, "": admitted} {
		add("a virtual interface whose BGP is "+bgp, v, "dxvif-1", func(w *world) {
			w.files[fVPNs] = m{"VpnConnections": l{}}
			w.files[fVIFs] = m{"virtualInterfaces": l{vif("virtualGatewayId", "vgw-1", "available", bgp)}}
		})
	}
	beside := func(name string, verdict flow.ProofVerdict, member, of, state, bgp string) {
		add("a VPN that is down beside "+name, verdict, "vpn-1", func(w *world) {
			vpnDown(w)
			w.files[fVIFs] = m{"virtualInterfaces": l{vif(member, of, state, bgp)}}
		})
	}
	beside("a virtual interface that is down", proven, "virtualGatewayId", "vgw-1", "down", "down")
	beside("a virtual interface that is up", admitted, "virtualGatewayId", "vgw-1", "available", "up")
	beside("another gateway's virtual interface", proven, "virtualGatewayId", "vgw-9", "available", "up")
	beside("a Direct Connect gateway's virtual interface that is up", admitted, "directConnectGatewayId", "dxgw-1", "available", "up")
	beside("a Direct Connect gateway's virtual interface that is down", unknown, "directConnectGatewayId", "dxgw-1", "down", "down")
	add("no VPN, and another gateway's virtual interface that is down", admitted, "", func(w *world) {
		w.files[fVPNs] = m{"VpnConnections": l{}}
		w.files[fVIFs] = m{"virtualInterfaces": l{vif("directConnectGatewayId", "dxgw-1", "down", "down")}}
	})
	add("a VPN that is down beside a transit gateway with Direct Connect", unknown, "", func(w *world) {
		vpnDown(w)
		w.files["attachments.json"] = m{"TransitGatewayAttachments": l{m{
			"TransitGatewayAttachmentId": "tgw-attach-7", "TransitGatewayId": "tgw-1", "ResourceId": "dxgw-1", "ResourceType": "direct-connect-gateway", "State": "available",
		}}}
	})
	add("a VPN that is down, and a partial page of virtual interfaces", unknown, "", func(w *world) {
		vpnDown(w)
		w.files[fVIFs] = m{"virtualInterfaces": l{}, "nextToken": "abc"}
	})
	return out
}

// zoneMutations are endpoints whose files don't fit together.
func zoneMutations() []mutation {
	return []mutation{
		{"an interface in a subnet that its endpoint hasn't", func(w *world) {
			vpcAlone(w)
			w.object(fEndpoints, "vpce-logs")["SubnetIds"] = l{"subnet-a"}
		}, flow.Unknown, "", partly},
		{"an endpoint whose subnets were left out", func(w *world) {
			vpcAlone(w)
			delete(w.object(fEndpoints, "vpce-logs"), "SubnetIds")
		}, flow.Proven, flow.CheckSecurityGroup, "sg-a"},
		{"an ACL of one subnet that denies", func(w *world) {
			all := w.pick("0.0.0.0/0", "::/0")
			w.object(fACLs, "acl-1")["Associations"] = l{m{"SubnetId": "subnet-a"}}
			w.files[fACLs]["NetworkAcls"] = append(w.files[fACLs]["NetworkAcls"].(l), m{
				"NetworkAclId": "acl-2", "VpcId": "vpc-1", "Associations": l{m{"SubnetId": "subnet-b"}},
				"Entries": l{w.entry(32767, false, "deny", "-1", all), w.entry(32767, true, "deny", "-1", all)},
			})
		}, flow.Unknown, "", partly},
		{"a table of one subnet without the route", func(w *world) {
			rt := w.object(fTables, "rtb-1")
			rt["Associations"] = l{m{"SubnetId": "subnet-a"}, m{"Main": true}}
			w.files[fTables]["RouteTables"] = append(w.files[fTables]["RouteTables"].(l), m{
				"RouteTableId": "rtb-2", "VpcId": "vpc-1", "Associations": l{m{"SubnetId": "subnet-b"}}, "Routes": rt["Routes"].(l)[:1],
			})
		}, flow.Unknown, "", partly},
		{"an interface that isn't in the files", func(w *world) {
			vpcAlone(w)
			w.files[fInterfaces]["NetworkInterfaces"] = w.files[fInterfaces]["NetworkInterfaces"].(l)[1:]
		}, flow.Unknown, "", partly},
	}
}

// vpcAlone makes the group admit the VPC alone.
func vpcAlone(w *world) {
	w.object(fGroups, "sg-a")["IpPermissions"] = l{w.permission("tcp", 443, 443, w.source(w.pick("10.64.0.0/16", "fdc4:1a2b:3c00::/56")))}
}
