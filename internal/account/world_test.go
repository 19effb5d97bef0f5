package account

import (
	"encoding/json"
	"maps"
	"net/netip"
	"slices"
	"testing"
	"time"

	"detour/internal/flow"
)

type m = map[string]any

type l = []any

// A world is an account that is healthy for a client, as the outputs of commands, in each
// family of addresses. Tests change it.
type world struct {
	files  map[string]m
	client netip.AddrPort
	logs   []netip.AddrPort // addresses of the endpoint for logs, which doesn't respond
	ssm    []netip.AddrPort // of the one for ssm, which responds
	world6 bool
}

func (w *world) pick(v4, v6 string) string {
	if w.world6 {
		return v6
	}
	return v4
}

// source is a rule's source as a security group writes it.
func (w *world) source(cidr string) m {
	if w.world6 {
		return m{"Ipv6Ranges": l{m{"CidrIpv6": cidr}}, "IpRanges": l{}}
	}
	return m{"IpRanges": l{m{"CidrIp": cidr}}, "Ipv6Ranges": l{}}
}

// permission is a rule of a security group.
func (w *world) permission(protocol string, from, to int, source m) m {
	p := m{"IpProtocol": protocol, "UserIdGroupPairs": l{}, "PrefixListIds": l{}, "IpRanges": l{}, "Ipv6Ranges": l{}}
	if protocol != "-1" {
		p["FromPort"], p["ToPort"] = from, to
	}
	maps.Copy(p, source)
	return p
}

func (w *world) entry(number int, egress bool, action, protocol, cidr string, ports ...int) m {
	e := m{"RuleNumber": number, "Egress": egress, "RuleAction": action, "Protocol": protocol}
	if w.world6 {
		e["Ipv6CidrBlock"] = cidr
	} else {
		e["CidrBlock"] = cidr
	}
	if len(ports) == 2 {
		e["PortRange"] = m{"From": ports[0], "To": ports[1]}
	}
	return e
}

func (w *world) route(cidr, member, target string) m {
	r := m{"State": "active", "Origin": "CreateRoute", member: target}
	if w.world6 {
		r["DestinationIpv6CidrBlock"] = cidr
	} else {
		r["DestinationCidrBlock"] = cidr
	}
	return r
}

// The names of the world's files.
const (
	fEndpoints  = "describe-vpc-endpoints.json"
	fInterfaces = "describe-network-interfaces.json"
	fGroups     = "describe-security-groups.json"
	fSubnets    = "describe-subnets.json"
	fTables     = "describe-route-tables.json"
	fACLs       = "describe-network-acls.json"
	fVPCs       = "describe-vpcs.json"
	fVGWs       = "describe-vpn-gateways.json"
	fVPNs       = "describe-vpn-connections.json"
)

// newWorld is a VPC with endpoints for logs (group sg-a) and ssm (group sg-b) in two subnets,
// behind a virtual private gateway with a VPN.
func newWorld(world6 bool) *world {
	w := &world{world6: world6, files: make(map[string]m)}
	w.client = netip.MustParseAddrPort(w.pick("172.22.40.17:61234", "[fd22:40:7:1::17]:61234"))
	at := func(subnet, host string) string {
		return w.pick("10.64."+subnet+"."+host, "fdc4:1a2b:3c00:"+subnet+"::"+host)
	}
	endpoint := func(id, service, group string, enis ...string) m {
		return m{
			"VpcEndpointId": id, "VpcEndpointType": "Interface", "VpcId": "vpc-1", "OwnerId": "123456789012", "State": "available",
			"ServiceName": "com.amazonaws.eu-central-1." + service, "PrivateDnsEnabled": true, "SubnetIds": l{"subnet-a", "subnet-b"},
			"Groups": l{m{"GroupId": group}}, "NetworkInterfaceIds": enis,
			"DnsEntries":     l{m{"DnsName": service + ".eu-central-1.amazonaws.com"}},
			"PolicyDocument": `{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}`,
		}
	}
	eni := func(id, subnet, group, address string) m {
		n := m{
			"NetworkInterfaceId": id, "SubnetId": subnet, "VpcId": "vpc-1", "OwnerId": "123456789012", "Status": "in-use",
			"InterfaceType": "vpc_endpoint", "Groups": l{m{"GroupId": group}}, "Ipv6Addresses": l{}, "PrivateIpAddress": "10.64.99." + id[len(id)-1:],
		}
		if world6 {
			n["Ipv6Addresses"] = l{m{"Ipv6Address": address}}
		} else {
			n["PrivateIpAddress"] = address
		}
		return n
	}
	for i, subnet := range []string{"16", "17"} {
		w.logs = append(w.logs, netip.AddrPortFrom(netip.MustParseAddr(at(subnet, "31")), 443))
		w.ssm = append(w.ssm, netip.AddrPortFrom(netip.MustParseAddr(at(subnet, "61")), 443))
		_ = i
	}
	w.files[fEndpoints] = m{"VpcEndpoints": l{endpoint("vpce-logs", "logs", "sg-a", "eni-1", "eni-2"), endpoint("vpce-ssm", "ssm", "sg-b", "eni-3", "eni-4")}}
	w.files[fInterfaces] = m{"NetworkInterfaces": l{
		eni("eni-1", "subnet-a", "sg-a", at("16", "31")), eni("eni-2", "subnet-b", "sg-a", at("17", "31")),
		eni("eni-3", "subnet-a", "sg-b", at("16", "61")), eni("eni-4", "subnet-b", "sg-b", at("17", "61")),
	}}
	group := func(id string) m {
		return m{
			"GroupId": id, "VpcId": "vpc-1", "OwnerId": "123456789012", "GroupName": id,
			"IpPermissions": l{w.permission("tcp", 443, 443, w.source(w.pick("172.22.0.0/16", "fd22:40:7::/48")))},
		}
	}
	w.files[fGroups] = m{"SecurityGroups": l{group("sg-a"), group("sg-b")}}
	subnet := func(id, block string) m {
		return m{"SubnetId": id, "VpcId": "vpc-1", "AvailabilityZone": "eu-central-1a", "CidrBlock": "10.64." + block + ".0/24", "Ipv6CidrBlockAssociationSet": l{
			m{"Ipv6CidrBlock": "fdc4:1a2b:3c00:" + block + "::/64", "Ipv6CidrBlockState": m{"State": "associated"}},
		}}
	}
	w.files[fSubnets] = m{"Subnets": l{subnet("subnet-a", "16"), subnet("subnet-b", "17")}}
	all := w.pick("0.0.0.0/0", "::/0")
	w.files[fACLs] = m{"NetworkAcls": l{m{
		"NetworkAclId": "acl-1", "VpcId": "vpc-1", "OwnerId": "123456789012", "Associations": l{m{"SubnetId": "subnet-a"}, m{"SubnetId": "subnet-b"}},
		"Entries": l{
			w.entry(100, false, "allow", "-1", all), w.entry(100, true, "allow", "-1", all),
			w.entry(32767, false, "deny", "-1", all), w.entry(32767, true, "deny", "-1", all),
		},
	}}}
	w.files[fTables] = m{"RouteTables": l{m{
		"RouteTableId": "rtb-1", "VpcId": "vpc-1", "OwnerId": "123456789012",
		"Associations": l{m{"SubnetId": "subnet-a"}, m{"SubnetId": "subnet-b"}, m{"Main": true}},
		"Routes": l{
			w.route(w.pick("10.64.0.0/16", "fdc4:1a2b:3c00::/56"), "GatewayId", "local"),
			w.route(w.pick("172.22.0.0/16", "fd22:40:7::/48"), "GatewayId", "vgw-1"),
		},
	}}}
	w.files[fVPCs] = m{"Vpcs": l{m{"VpcId": "vpc-1", "OwnerId": "123456789012", "CidrBlock": "10.64.0.0/16", "CidrBlockAssociationSet": l{
		m{"CidrBlock": "10.64.0.0/16", "CidrBlockState": m{"State": "associated"}},
	}, "Ipv6CidrBlockAssociationSet": l{
		m{"Ipv6CidrBlock": "fdc4:1a2b:3c00::/56", "Ipv6CidrBlockState": m{"State": "associated"}},
	}}}}
	w.files[fVGWs] = m{"VpnGateways": l{m{"VpnGatewayId": "vgw-1", "State": "available", "VpcAttachments": l{m{"VpcId": "vpc-1", "State": "attached"}}}}}
	w.files[fVPNs] = m{"VpnConnections": l{m{
		"VpnConnectionId": "vpn-1", "VpnGatewayId": "vgw-1", "State": "available", "CustomerGatewayConfiguration": "<pre_shared_key>CANARY</pre_shared_key>",
		"VgwTelemetry": l{m{"Status": "UP"}, m{"Status": "DOWN"}},
	}}}
	return w
}

// object is the one of a file's objects that has the ID.
func (w *world) object(file, id string) m {
	for _, list := range w.files[file] {
		for _, o := range list.(l) {
			for _, v := range o.(m) {
				if v == id {
					return o.(m)
				}
			}
		}
	}
	panic("no " + id + " in " + file)
}

// config reads the world.
func (w *world) config(t testing.TB) *Config {
	t.Helper()
	var files []File
	for _, name := range slices.Sorted(maps.Keys(w.files)) {
		data, err := json.Marshal(w.files[name])
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, File{Name: name, Data: data})
	}
	return Read(files)
}

var began = time.Date(2026, 11, 25, 9, 14, 0, 0, time.UTC)

// call is a call to a service whose connects to the addresses had these outcomes.
func (w *world) call(id flow.ID, service string, to []netip.AddrPort, outcome flow.DialOutcome) *flow.Flow {
	host := service + ".eu-central-1.amazonaws.com"
	f := &flow.Flow{
		ID: id, State: flow.StateDone, Origin: flow.OriginDirect, Request: flow.Request{Method: "POST", URL: "https://" + host + "/"},
		AWS:   &flow.AWS{Service: service, Region: "eu-central-1", EndpointService: "com.amazonaws.eu-central-1." + service},
		Conn:  &flow.Conn{ID: id, Authority: host + ":443", Start: began},
		Times: flow.Times{Start: began, Done: began.Add(22 * time.Second)},
	}
	for i, a := range to {
		took := 21 * time.Second
		if outcome == flow.DialConnected {
			took = 20 * time.Millisecond
		}
		f.Conn.Attempts = append(f.Conn.Attempts, flow.DialAttempt{
			Addr: a, Outcome: outcome, Start: began, Took: took, Local: netip.AddrPortFrom(w.client.Addr(), w.client.Port()+uint16(i)), //nolint:gosec // few
		})
	}
	return f
}

// broken are the flows of the world in which logs doesn't respond and ssm does.
func (w *world) broken() []*flow.Flow {
	return []*flow.Flow{w.call(1, "ssm", w.ssm[:1], flow.DialConnected), w.call(2, "logs", w.logs, flow.DialTimeout)}
}

// finding is the one about logs.
func finding() flow.Finding {
	return flow.Finding{
		Code: "private-endpoint-unreachable", Level: flow.LevelProblem, Title: "a title", Hosts: []string{"logs.eu-central-1.amazonaws.com"}, Flows: []flow.ID{2},
	}
}

// prove is the only proof of the finding about logs.
func (w *world) prove(t *testing.T, flows []*flow.Flow) flow.Proof {
	t.Helper()
	parts := w.config(t).Study(flows, began.Add(time.Minute), Client{}).Prove(finding())
	if len(parts) != 1 {
		t.Fatalf("%d parts, want 1: %+v", len(parts), parts)
	}
	return parts[0].Proof
}
