package account

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"detour/internal/flow"
	"detour/internal/fulltest"
)

func cidrMember(p netip.Prefix, v4, v6 string) (string, string) {
	if p.Addr().Is4() {
		return v4, p.String()
	}
	return v6, p.String()
}

// files are the network as outputs of commands, one object each.
func (o *oracle) files() map[string][]m {
	out := make(map[string][]m)
	add := func(set string, x m) { out[set] = append(out[set], x) }
	for _, e := range o.ends {
		var enis l
		for _, n := range e.enis {
			enis = append(enis, n.id)
		}
		add("VpcEndpoints", m{
			"VpcEndpointId": e.id, "VpcEndpointType": "Interface", "VpcId": e.vpc.id, "State": e.state, "PrivateDnsEnabled": true,
			"ServiceName": "com.amazonaws.eu-central-1." + e.service, "Groups": groupIDs(e.enis[0].groups), "NetworkInterfaceIds": enis,
			"DnsEntries": l{m{"DnsName": e.service + ".eu-central-1.amazonaws.com"}},
		})
	}
	for _, n := range o.enis {
		x := m{"NetworkInterfaceId": n.id, "VpcId": n.vpc.id, "SubnetId": n.subnet.id, "Groups": groupIDs(n.groups)}
		if strings.HasPrefix(n.id, "eni-cvpn") {
			x["Description"] = "ClientVPN Endpoint resource"
		}
		if n.addr.Is4() {
			x["PrivateIpAddress"] = n.addr.String()
		} else {
			x["Ipv6Addresses"] = l{m{"Ipv6Address": n.addr.String()}}
		}
		add("NetworkInterfaces", x)
	}
	for _, id := range slices.Sorted(maps.Keys(o.groups)) {
		g := o.groups[id]
		rules := l{}
		for _, r := range g.rules {
			p := m{"IpProtocol": r.protocol, "IpRanges": l{}, "Ipv6Ranges": l{}, "PrefixListIds": l{}, "UserIdGroupPairs": l{}}
			if r.protocol != "-1" {
				p["FromPort"], p["ToPort"] = r.lo, r.hi
			}
			switch {
			case r.group != "":
				p["UserIdGroupPairs"] = l{m{"GroupId": r.group}}
			case r.list != "":
				p["PrefixListIds"] = l{m{"PrefixListId": r.list}}
			case r.cidr.Addr().Is4():
				p["IpRanges"] = l{m{"CidrIp": r.cidr.String()}}
			default:
				p["Ipv6Ranges"] = l{m{"CidrIpv6": r.cidr.String()}}
			}
			rules = append(rules, p)
		}
		add("SecurityGroups", m{"GroupId": g.id, "VpcId": g.vpc, "IpPermissions": rules})
	}
	for _, v := range o.vpcs {
		o.vpcFiles(v, add)
	}
	if len(o.dns) > 0 {
		add("ResolverEndpoints", m{
			"Id": "rslvr-in-0a", "Direction": "INBOUND", "HostVPCId": o.vpcs[0].id, "Status": "OPERATIONAL", "SecurityGroupIds": o.dns[0].groups,
		})
	}
	for _, n := range o.dns {
		member := "Ip"
		if o.six {
			member = "Ipv6"
		}
		add("IpAddresses", m{member: n.addr.String(), "SubnetId": n.subnet.id})
	}
	if o.cvpn {
		add("ClientVpnEndpoints", m{"ClientVpnEndpointId": "cvpn-1", "ClientCidrBlock": "172.30.0.0/22"})
	}
	return out
}

func groupIDs(all []string) (out l) {
	for _, g := range all {
		out = append(out, m{"GroupId": g})
	}
	return out
}

func (o *oracle) vpcFiles(v *oVPC, add func(string, m)) {
	x := m{"VpcId": v.id}
	if o.six {
		x["Ipv6CidrBlockAssociationSet"] = l{m{"Ipv6CidrBlock": v.blocks[0].String(), "Ipv6CidrBlockState": m{"State": "associated"}}}
	} else {
		x["CidrBlockAssociationSet"] = l{m{"CidrBlock": v.blocks[0].String(), "CidrBlockState": m{"State": "associated"}}}
	}
	add("Vpcs", x)
	for _, s := range v.subnets {
		y := m{"SubnetId": s.id, "VpcId": v.id, "CidrBlock": "192.168.0.0/24", "Ipv6CidrBlockAssociationSet": l{}}
		if o.six {
			y["Ipv6CidrBlockAssociationSet"] = l{m{"Ipv6CidrBlock": s.block.String(), "Ipv6CidrBlockState": m{"State": "associated"}}}
		} else {
			y["CidrBlock"] = s.block.String()
		}
		add("Subnets", y)
	}
	for _, a := range v.acls {
		of, entries := l{}, l{}
		for _, s := range v.subnets {
			if s.acl == a {
				of = append(of, m{"SubnetId": s.id})
			}
		}
		for _, side := range []bool{false, true} {
			all := a.in
			if side {
				all = a.out
			}
			for _, e := range all {
				member, cidr := cidrMember(e.from, "CidrBlock", "Ipv6CidrBlock")
				y := m{"RuleNumber": e.number, "Egress": side, "Protocol": e.protocol, member: cidr, "RuleAction": "deny"}
				if e.allow {
					y["RuleAction"] = "allow"
				}
				if e.protocol != "-1" {
					y["PortRange"] = m{"From": e.lo, "To": e.hi}
				}
				entries = append(entries, y)
			}
		}
		o.r.Shuffle(len(entries), func(i, j int) { entries[i], entries[j] = entries[j], entries[i] })
		add("NetworkAcls", m{"NetworkAclId": a.id, "VpcId": v.id, "Associations": of, "Entries": entries})
	}
	for i, t := range v.tables {
		of, routes := l{}, l{}
		if i == 0 {
			of = append(of, m{"Main": true})
		}
		for _, s := range v.subnets {
			if s.table == t {
				of = append(of, m{"SubnetId": s.id})
			}
		}
		for _, r := range t.routes {
			y := m{"State": "active", "Origin": "CreateRoute"}
			switch r.target {
			case "local":
				y["GatewayId"], y["Origin"] = "local", "CreateRouteTable"
			case "vgw", "igw":
				y["GatewayId"] = r.target + "-" + v.id
			case "nat":
				y["NatGatewayId"] = "nat-" + v.id
			case "pcx":
				y["VpcPeeringConnectionId"] = "pcx-1"
			case "eni":
				y["NetworkInterfaceId"] = "eni-router"
			}
			if r.propagated {
				y["Origin"] = "EnableVgwRoutePropagation"
			}
			if r.blackhole {
				y["State"] = "blackhole"
			}
			if r.list != "" {
				y["DestinationPrefixListId"] = r.list
			} else {
				member, cidr := cidrMember(r.to, "DestinationCidrBlock", "DestinationIpv6CidrBlock")
				y[member] = cidr
			}
			routes = append(routes, y)
		}
		o.r.Shuffle(len(routes), func(i, j int) { routes[i], routes[j] = routes[j], routes[i] })
		add("RouteTables", m{"RouteTableId": t.id, "VpcId": v.id, "Associations": of, "Routes": routes})
	}
	of, state := l{}, "UP"
	if v.vgw {
		of = append(of, m{"VpcId": v.id, "State": "attached"})
	}
	if !o.vpn {
		state = "DOWN"
	}
	add("VpnGateways", m{"VpnGatewayId": "vgw-" + v.id, "State": "available", "VpcAttachments": of})
	add("VpnConnections", m{
		"VpnConnectionId": "vpn-" + v.id, "VpnGatewayId": "vgw-" + v.id, "State": "available",
		"VgwTelemetry": l{m{"Status": state}, m{"Status": "DOWN"}},
	})
}

// read reads the files. With some probability, files or objects are missing, and a page says
// that there is more; objects are in several files.
func (o *oracle) read(t *testing.T, less bool, r *rand.Rand) *Config {
	t.Helper()
	var files []File
	put := func(name string, x any) {
		b, err := json.Marshal(x)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, File{Name: name, Data: b})
	}
	sets := o.files()
	for _, set := range slices.Sorted(maps.Keys(sets)) {
		objects := sets[set]
		gone, part := less && r.IntN(5) == 0, less && r.IntN(5) == 0
		if set == "ClientVpnEndpoints" {
			gone, part = false, false // without it, nothing shows that the client's address is translated
		}
		if gone {
			continue
		}
		page := m{}
		if part {
			objects = slices.DeleteFunc(slices.Clone(objects), func(m) bool { return r.IntN(2) == 0 })
			page["NextToken"] = "more"
		}
		page[set] = objects
		if objects == nil {
			page[set] = l{}
		}
		put(set+".json", page)
	}
	for _, id := range slices.Sorted(maps.Keys(o.lists)) {
		if less && r.IntN(3) == 0 {
			continue
		}
		var entries l
		page := m{}
		for _, p := range o.lists[id] {
			if less && r.IntN(4) == 0 {
				page["NextToken"] = "more"
				continue
			}
			entries = append(entries, m{"Cidr": p.String()})
		}
		page["Entries"] = entries
		if entries == nil {
			page["Entries"] = l{}
		}
		put("entries_"+id+".json", page)
	}
	c := Read(files)
	if !less && len(c.Problems) > 0 {
		t.Fatalf("the simulator's files aren't whole: %q", c.Problems)
	}
	return c
}

// overlaps reports whether two VPCs have the same addresses.
func (o *oracle) overlaps() bool {
	seen := make(map[netip.Prefix]bool)
	for _, v := range o.vpcs {
		if seen[v.blocks[0]] {
			return true
		}
		seen[v.blocks[0]] = true
	}
	return false
}

// A run is what a client saw of the network.
type run struct {
	flows    []*flow.Flow
	finding  flow.Finding
	denials  []map[string]bool // of each connect that wasn't answered
	answered bool              // one that isn't answered would be, but for a firewall on the way
	refuted  bool              // one that was answered is denied: the files are of another time
}

// browse connects to every address of each service.
func (o *oracle) browse() (out run) {
	o.client = o.client.Unmap()
	out.finding = flow.Finding{Code: "private-endpoint-unreachable", Connects: true}
	firewall := o.r.IntN(4) == 0
	stale := !firewall && o.r.IntN(12) == 0
	id := flow.ID(0)
	for _, service := range []string{"logs", "ssm"} {
		host := service + ".eu-central-1.amazonaws.com"
		var e *oEndpoint // the one that the resolver's VPC has
		var reached []*oEndpoint
		for _, x := range o.ends {
			if x.service == service && e == nil {
				e = x
			}
		}
		for i, n := range e.enis {
			// Several VPCs may have the address: one of them is reached.
			reached = reached[:0]
			for _, x := range o.ends {
				if x.service == service && x.enis[i].addr == n.addr {
					reached = append(reached, x)
				}
			}
			to := pick(o.r, reached...)
			port := pick(o.r, 33000, 50000, 61234)
			denied := o.denials(to, to.enis[i], port, 443)
			outcome, took := flow.DialConnected, 20*time.Millisecond
			blocked := firewall && o.r.IntN(2) == 0
			if len(denied) > 0 && stale && o.r.IntN(2) == 0 {
				// Groups, routes and gateways may be of doubt, even with all files.
				acl := "nacl-in " + to.enis[i].subnet.acl.id
				out.refuted, denied = out.refuted || denied[acl], nil
			}
			if len(denied) > 0 || blocked {
				outcome, took = flow.DialTimeout, 21*time.Second
				out.denials = append(out.denials, denied)
				out.answered = out.answered || len(denied) == 0
			}
			id++
			f := &flow.Flow{
				ID: id, State: flow.StateDone, Origin: flow.OriginDirect, Request: flow.Request{Method: "POST", URL: "https://" + host + "/"},
				AWS:   &flow.AWS{Service: service, Region: "eu-central-1", EndpointService: "com.amazonaws.eu-central-1." + service},
				Times: flow.Times{Start: began},
				Conn: &flow.Conn{ID: id, Authority: host + ":443", Start: began, Attempts: []flow.DialAttempt{{
					Addr: netip.AddrPortFrom(n.addr, 443), Local: netip.AddrPortFrom(o.client, uint16(port)), //nolint:gosec // a port
					Outcome: outcome, Start: began, Took: took,
				}}},
			}
			out.flows = append(out.flows, f)
			if outcome == flow.DialTimeout {
				out.finding.Flows = append(out.finding.Flows, id)
				out.finding.Hosts = append(out.finding.Hosts, host)
			}
		}
	}
	return out
}

// simulated is how many worlds are simulated.
func simulated() int { return fulltest.Or(200, 10_000) }

// TestProve_neverContradictsASimulatedNetwork compares proofs with packets that are simulated
// from AWS's documentation, with all files and with some of them.
func TestProve_neverContradictsASimulatedNetwork(t *testing.T) {
	worlds := simulated()
	verdicts := make(map[flow.ProofVerdict]int)
	causes := make(map[flow.CheckName]int)
	for seed := range uint64(worlds) {
		o := newOracle(seed)
		saw := o.browse()
		if len(saw.finding.Flows) == 0 {
			continue
		}
		o.checkNames(t, seed, saw, verdicts, causes)
		full := o.proofs(t, saw, false, seed)
		for _, p := range full {
			verdicts[p.Verdict]++
			if p.Cause != nil {
				causes[p.Cause.Check]++
			}
		}
		if saw.refuted && !o.overlaps() && !o.cvpn && proven(full) {
			t.Errorf("world %d: proven, though something that the files deny responded:\n%s", seed, full[0].Says)
		}
		o.compare(t, seed, "with all files", full, saw)
		for i := range uint64(3) {
			if o.overlaps() {
				break // without the other VPC's files, nothing shows that it has the addresses, too
			}
			less := o.proofs(t, saw, true, seed*7+i)
			o.compare(t, seed, fmt.Sprintf("without some files (%d)", i), less, saw)
			if proven(less) && !proven(full) && full[0].Verdict != flow.Contradiction {
				t.Errorf("world %d (%d): %s with all files (%s), and with fewer proven: %s\n%s\n\n%s", seed, i, full[0].Verdict, full[0].Says, less[0].Says, lines(full[0]), lines(less[0]))
			}
		}
		if t.Failed() {
			t.FailNow()
		}
	}
	t.Logf("%v; %v", verdicts, causes)
	for _, c := range []flow.CheckName{
		flow.CheckEndpoint, flow.CheckResolver, flow.CheckSecurityGroup, flow.CheckNACLIn, flow.CheckNACLOut, flow.CheckRouteBack, flow.CheckGateway,
	} {
		if causes[c] < worlds/200 {
			t.Errorf("%s was proven only %d times", c, causes[c])
		}
	}
}

// checkNames looks names up at the resolver, and compares the proof of those that no address of it
// answered. Those that it answered are weighed with everything else.
func (o *oracle) checkNames(t *testing.T, seed uint64, saw run, verdicts map[flow.ProofVerdict]int, causes map[flow.CheckName]int) {
	t.Helper()
	if len(o.dns) == 0 {
		return
	}
	firewall := o.r.IntN(5) == 0
	out := run{finding: flow.Finding{Code: "dns-failed", Hosts: []string{"kms.eu-central-1.amazonaws.com"}, Flows: []flow.ID{100}}}
	r := &flow.Resolution{Outcome: flow.DNSTimeout, Source: flow.SourceDNS, Took: 10 * time.Second}
	for _, f := range saw.flows {
		g := *f
		conn := *f.Conn
		g.Conn = &conn
		out.flows = append(out.flows, &g)
	}
	for _, n := range o.dns {
		denied := o.unresolved(n, pick(o.r, 33000, 50000, 61234))
		at := netip.AddrPortFrom(n.addr, 53)
		if len(denied) == 0 && !firewall {
			pick(o.r, out.flows...).Conn.Resolution = &flow.Resolution{Outcome: flow.DNSOK, Source: flow.SourceDNS, Nameserver: at}
			continue
		}
		out.answered = out.answered || len(denied) == 0
		out.denials = append(out.denials, denied)
		r.Queries = append(r.Queries, flow.DNSQuery{Server: at, Proto: "udp", Took: 5 * time.Second})
	}
	if len(r.Queries) == 0 {
		return
	}
	out.flows = append(out.flows, &flow.Flow{
		ID: 100, State: flow.StateDone, Origin: flow.OriginDirect, Request: flow.Request{Method: "POST", URL: "https://kms.eu-central-1.amazonaws.com/"},
		AWS: &flow.AWS{Service: "kms"}, Failure: &flow.Failure{Stage: flow.StageDNS}, Conn: &flow.Conn{ID: 100, Resolution: r},
	})
	for i := range uint64(3) {
		if less := i > 0; !less || !o.overlaps() {
			all := o.proofs(t, out, less, seed*11+i)
			o.compare(t, seed, fmt.Sprintf("names, without some files %t", less), all, out)
			for _, p := range all {
				if verdicts[p.Verdict]++; p.Cause != nil {
					causes[p.Cause.Check]++
				}
			}
		}
	}
}

func proven(all []flow.Proof) bool {
	return slices.ContainsFunc(all, func(p flow.Proof) bool { return p.Verdict == flow.Proven })
}

func (o *oracle) proofs(t *testing.T, saw run, less bool, seed uint64) (out []flow.Proof) {
	t.Helper()
	c := o.read(t, less, rand.New(rand.NewPCG(seed, 4))) //nolint:gosec // reproducible
	for _, p := range c.Study(saw.flows, began.Add(time.Minute), Client{}).Prove(saw.finding) {
		out = append(out, p.Proof)
	}
	return out
}

// compare reports a proof that the network contradicts.
func (o *oracle) compare(t *testing.T, seed uint64, which string, all []flow.Proof, saw run) {
	t.Helper()
	for _, p := range all {
		if p.Verdict != flow.Proven {
			if p.Cause != nil || p.Fix != nil {
				t.Errorf("world %d, %s: %s with a cause", seed, which, p.Verdict)
			}
			continue
		}
		if saw.answered {
			t.Errorf("world %d, %s: proven, though the network would answer: %s\n%s", seed, which, p.Says, lines(p))
		}
		for _, x := range append([]flow.ProofCause{*p.Cause}, p.Also...) {
			if !slices.ContainsFunc(saw.denials, func(d map[string]bool) bool { return d[string(x.Check)+" "+x.Object] }) {
				t.Errorf("world %d, %s: claims %s %s (%s), which denies nothing; these do: %v\n%s",
					seed, which, x.Check, x.Object, x.Says, saw.denials, lines(p))
			}
		}
	}
}
