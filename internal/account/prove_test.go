package account

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"detour/internal/cputime"
	"detour/internal/diagnose/awsside"
	"detour/internal/flow"
)

// vpcOnly is the world of the story: the group admits the VPC alone.
func vpcOnly(world6 bool) *world {
	w := newWorld(world6)
	w.object(fGroups, "sg-a")["IpPermissions"] = l{w.permission("tcp", 443, 443, w.source(w.pick("10.64.0.0/16", "fdc4:1a2b:3c00::/56")))}
	return w
}

func TestProve_saysWhichRuleAndHowToChangeIt(t *testing.T) {
	for _, world6 := range []bool{false, true} {
		w := vpcOnly(world6)
		p := w.prove(t, w.broken())
		c := p.Cause
		if c == nil || c.Object != "sg-a" || c.Of != "vpce-logs" || c.Interface != "eni-1" {
			t.Fatalf("the cause is %+v", c)
		}
		from := w.client.Addr().String()
		if want := "admits tcp/443 from " + w.pick("10.64.0.0/16", "fdc4:1a2b:3c00::/56") + "; the client is " + from; c.Says != want {
			t.Errorf("says %q, want %q", c.Says, want)
		}
		f := p.Fix
		if f == nil || len(f.CLI) != 2 || !strings.Contains(f.CLI[0], from+w.pick("/32", "/128")) ||
			!strings.Contains(f.CLI[1], w.pick("172.22.0.0/16", "fd22:40:7::/48")) {
			t.Fatalf("the fix isn't for the client first, then for the range that leads back: %+v", f)
		}
		for i := range f.CLI {
			if want := strings.Replace(f.CLI[i], "authorize", "revoke", 1); f.Undo[i] != want {
				t.Errorf("%q is undone by %q", f.CLI[i], f.Undo[i])
			}
		}
		if !strings.Contains(f.Terraform, "aws_vpc_security_group_ingress_rule") || !strings.Contains(f.CloudFormation, "AWS::EC2::SecurityGroupIngress") ||
			len(f.Verify) != 1 || f.Verify[0] != "detour probe logs.eu-central-1.amazonaws.com" {
			t.Errorf("a form of the fix is missing: %+v", f)
		}
		for _, k := range p.Checks {
			if k.Verdict != flow.CheckUnknown && (k.File == "" || k.Path == "") {
				t.Errorf("%s %s doesn't say where it stands", k.Check, k.Object)
			}
		}
	}
}

func TestProve_differentCausesAreDifferentFindings(t *testing.T) {
	w := newWorld(false)
	acl := w.object(fACLs, "acl-1")
	acl["Associations"] = l{m{"SubnetId": "subnet-a"}}
	denying := m{
		"NetworkAclId": "acl-2", "VpcId": "vpc-1", "OwnerId": "123456789012", "Associations": l{m{"SubnetId": "subnet-b"}},
		"Entries": l{w.entry(32767, false, "deny", "-1", "0.0.0.0/0"), w.entry(32767, true, "deny", "-1", "0.0.0.0/0")},
	}
	w.files[fACLs]["NetworkAcls"] = append(w.files[fACLs]["NetworkAcls"].(l), denying)
	w.object(fGroups, "sg-a")["IpPermissions"] = l{}
	w.object(fInterfaces, "eni-2")["Groups"] = l{m{"GroupId": "sg-b"}}
	w.object(fEndpoints, "vpce-logs")["Groups"] = l{m{"GroupId": "sg-a"}, m{"GroupId": "sg-b"}}
	w.object(fInterfaces, "eni-1")["Groups"] = l{m{"GroupId": "sg-a"}}
	got := w.config(t).Study(w.broken()[1:], began, Client{}).Apply([]flow.Finding{finding()}, same)
	if len(got) != 1 || got[0].Proof.Verdict != flow.Unknown { // eni-1 lacks sg-b, which its endpoint has
		t.Fatalf("%d findings, the first %+v", len(got), got[0].Proof)
	}
	w.object(fEndpoints, "vpce-logs")["Groups"] = l{m{"GroupId": "sg-a"}}
	got = w.config(t).Study(w.broken()[1:], began, Client{}).Apply([]flow.Finding{finding()}, same)
	if len(got) != 2 || got[0].Proof.Cause.Object != "sg-a" || got[1].Proof.Cause.Object != "acl-2" {
		t.Fatalf("%d findings: %+v", len(got), got)
	}
	for _, f := range got {
		if f.Code != "private-endpoint-unreachable" || len(f.Flows) != 1 || f.Confidence != flow.ConfidenceHigh {
			t.Errorf("%+v", f)
		}
	}
}

func TestProve_somethingElseThatDeniesIsAlsoNamed(t *testing.T) {
	w := vpcOnly(false)
	w.object(fTables, "rtb-1")["Routes"] = w.object(fTables, "rtb-1")["Routes"].(l)[:1]
	p := w.prove(t, w.broken()[1:])
	if p.Cause == nil || p.Cause.Check != flow.CheckSecurityGroup || len(p.Also) != 1 || p.Also[0].Object != "rtb-1" {
		t.Errorf("cause %+v, also %+v", p.Cause, p.Also)
	}
}

func TestProve_anUnknownClientProvesOnlyWhatHoldsForAll(t *testing.T) {
	w := vpcOnly(false)
	w.client = netip.AddrPort{}
	flows := w.broken()
	for _, f := range flows {
		for i := range f.Conn.Attempts {
			f.Conn.Attempts[i].Local = netip.AddrPort{}
		}
	}
	if p := w.prove(t, flows[1:]); p.Verdict != flow.Unknown || !strings.Contains(p.Says, "10.64.0.0/16") || len(p.Needs) == 0 {
		t.Errorf("%s: %s, needs %q", p.Verdict, p.Says, p.Needs)
	}
	given := w.config(t).Study(flows[1:], began, Client{From: netip.MustParseAddr("172.22.40.17")}).Prove(finding())[0].Proof
	if given.Verdict != flow.Proven || !strings.Contains(strings.Join(given.Caveats, "\n"), "given by hand") {
		t.Errorf("with --from: %s, %q", given.Verdict, given.Caveats)
	}
	own := vpcOnly(false)
	given = own.config(t).Study(own.broken()[1:], began, Client{From: netip.MustParseAddr("10.64.1.1")}).Prove(finding())[0].Proof
	if given.Verdict != flow.Proven || strings.Contains(strings.Join(given.Caveats, "\n"), "given by hand") {
		t.Errorf("--from isn't used, and %q", given.Caveats)
	}
	w.object(fGroups, "sg-a")["IpPermissions"] = l{}
	if p := w.prove(t, flows[1:]); p.Verdict != flow.Proven {
		t.Errorf("a group without rules: %s: %s", p.Verdict, p.Says)
	}
}

// An address that the VPC can't see is translated on the way: no rule can be held against it.
func TestProve_anAddressThatTheVPCCannotSeeIsUnknown(t *testing.T) {
	for _, a := range []string{"127.0.0.1:50000", "100.64.7.1:50000", "198.18.0.5:50000", "169.254.1.1:50000", "0.0.0.0:50000"} {
		w := vpcOnly(false)
		w.client = netip.MustParseAddrPort(a)
		if p := w.prove(t, w.broken()[1:]); p.Verdict != flow.Unknown {
			t.Errorf("%s: %s: %s", a, p.Verdict, p.Says)
		}
	}
	w := vpcOnly(false)
	w.client = netip.MustParseAddrPort("100.64.7.1:50000")
	table := w.object(fTables, "rtb-1")
	table["Routes"] = append(table["Routes"].(l), w.route("100.64.0.0/16", "GatewayId", "vgw-1"))
	if p := w.prove(t, w.broken()[1:]); p.Verdict != flow.Proven {
		t.Errorf("a shared address that the VPC has a route to: %s: %s", p.Verdict, p.Says)
	}
}

func TestProve_clientVPNTranslatesTheAddressAndKeepsThePort(t *testing.T) {
	w := vpcOnly(false)
	w.client = netip.MustParseAddrPort("172.30.0.9:61234")
	w.files["describe-client-vpn-endpoints.json"] = m{"ClientVpnEndpoints": l{m{"ClientVpnEndpointId": "cvpn-1", "ClientCidrBlock": "172.30.0.0/22"}}}
	if p := w.prove(t, w.broken()[1:]); p.Verdict != flow.Unknown {
		t.Errorf("without the VPN's interface: %s: %s", p.Verdict, p.Says)
	}
	eni := m{
		"NetworkInterfaceId": "eni-8", "Description": "ClientVPN Endpoint resource", "SubnetId": "subnet-c", "VpcId": "vpc-1",
		"PrivateIpAddress": "10.64.18.7", "Groups": l{m{"GroupId": "sg-b"}}, "Ipv6Addresses": l{},
	}
	w.files[fInterfaces]["NetworkInterfaces"] = append(w.files[fInterfaces]["NetworkInterfaces"].(l), eni)
	if p := w.prove(t, w.broken()[1:]); p.Verdict != flow.Admitted {
		t.Errorf("from an address of the VPC: %s: %s", p.Verdict, p.Says)
	}
	w.object(fGroups, "sg-a")["IpPermissions"] = l{}
	if p := w.prove(t, w.broken()[1:]); p.Verdict != flow.Proven {
		t.Errorf("a group without rules: %s: %s", p.Verdict, p.Says)
	}
}

func TestProve_aTransitGatewayNeedsARouteBack(t *testing.T) {
	base := func() *world {
		w := newWorld(false)
		w.object(fTables, "rtb-1")["Routes"] = l{
			w.route("10.64.0.0/16", "GatewayId", "local"), w.route("172.22.0.0/16", "TransitGatewayId", "tgw-1"),
		}
		w.files["attachments.json"] = m{"TransitGatewayAttachments": l{m{
			"TransitGatewayAttachmentId": "tgw-attach-1", "TransitGatewayId": "tgw-1", "ResourceId": "vpc-1", "ResourceType": "vpc", "State": "available",
			"Association": m{"TransitGatewayRouteTableId": "tgw-rtb-0a", "State": "associated"},
		}}}
		return w
	}
	routes := func(state string, cidr string) m {
		return m{"Routes": l{m{
			"DestinationCidrBlock": cidr, "State": state, "Type": "static",
			"TransitGatewayAttachments": l{m{"TransitGatewayAttachmentId": "tgw-attach-2", "ResourceId": "vpn-9"}},
		}}, "AdditionalRoutesAvailable": false}
	}
	for _, c := range []struct {
		name    string
		file    string
		routes  m
		verdict flow.ProofVerdict
	}{
		{"a route", "search_tgw-rtb-0a.json", routes("active", "172.22.0.0/16"), flow.Admitted},
		{"another route", "search_tgw-rtb-0a.json", routes("active", "172.23.0.0/16"), flow.Proven},
		{"a blackhole", "search_tgw-rtb-0a.json", routes("blackhole", "172.22.40.0/24"), flow.Proven},
		{"routes of another table", "search_tgw-rtb-0b.json", routes("active", "172.23.0.0/16"), flow.Unknown},
		{"routes of a table that isn't named", "search.json", routes("active", "172.23.0.0/16"), flow.Unknown},
	} {
		w := base()
		w.files[c.file] = c.routes
		if p := w.prove(t, w.broken()[1:]); p.Verdict != c.verdict {
			t.Errorf("%s: %s, want %s: %s", c.name, p.Verdict, c.verdict, p.Says)
		}
	}
}

// A nameserver that answered is reachable; a configuration that denies it is refuted.
func TestStudy_aNameserverThatAnsweredRefutesWhatDeniesIt(t *testing.T) {
	w := newWorld(false)
	w.files["list-resolver-endpoints.json"] = m{"ResolverEndpoints": l{m{
		"Id": "rslvr-in-1", "Direction": "INBOUND", "HostVPCId": "vpc-1", "SecurityGroupIds": l{"sg-dns"},
	}}}
	w.files["addresses_rslvr-in-1.json"] = m{"IpAddresses": l{m{"Ip": "10.64.16.53", "SubnetId": "subnet-a"}}}
	w.files["dns.json"] = m{"SecurityGroups": l{m{
		"GroupId": "sg-dns", "VpcId": "vpc-1", "OwnerId": "123456789012",
		"IpPermissions": l{w.permission("udp", 53, 53, w.source("172.22.0.0/16"))},
	}}}
	table := w.object(fTables, "rtb-1")
	flows := w.broken()[1:]
	flows[0].Conn.Resolution = &flow.Resolution{
		Name: "logs.eu-central-1.amazonaws.com", Outcome: flow.DNSOK, Source: flow.SourceDNS, Nameserver: netip.MustParseAddrPort("10.64.16.53:53"),
	}
	if p := w.prove(t, flows); p.Verdict != flow.Admitted {
		t.Errorf("healthy: %s: %s", p.Verdict, p.Says)
	}
	table["Routes"] = table["Routes"].(l)[:1] // no way back, neither for connects nor for answers of the resolver
	if p := w.prove(t, flows); p.Verdict != flow.Contradiction || p.Cause != nil {
		t.Errorf("without a way back: %s: %s", p.Verdict, p.Says)
	}
}

func TestProve_aRejectionIsNoSecurityGroup(t *testing.T) {
	w := vpcOnly(false)
	flows := []*flow.Flow{w.call(2, "logs", w.logs, flow.DialRefused)}
	if p := w.prove(t, flows); p.Verdict == flow.Proven || p.Cause != nil || p.Fix != nil {
		t.Errorf("%s with %+v", p.Verdict, p.Cause)
	}
}

func TestProve_strictFlowsHaveStandIns(t *testing.T) {
	w := vpcOnly(false)
	p := w.config(t).Study(w.broken(), began, Client{Strict: true}).Prove(finding())
	if len(p) != 1 || p[0].Proof.Verdict != flow.Unknown || !strings.Contains(p[0].Proof.Says, "stand-ins") {
		t.Errorf("%+v", p)
	}
}

func TestProve_ofAHARSaysWhatTheGroupAdmits(t *testing.T) {
	w := vpcOnly(false)
	f := w.call(2, "logs", nil, flow.DialTimeout)
	f.Conn = nil
	f.Failure = &flow.Failure{Stage: flow.StageDial}
	for _, from := range []netip.Addr{{}, netip.MustParseAddr("172.22.40.17")} {
		p := w.config(t).Study([]*flow.Flow{f}, began, Client{From: from}).Prove(finding())
		if len(p) != 1 || p[0].Proof.Verdict != flow.Unknown || !strings.Contains(p[0].Proof.Says, "10.64.0.0/16") || p[0].Proof.Fix != nil {
			t.Errorf("from %v: %+v", from, p)
		}
	}
}

func TestRead_keepsNoKeys(t *testing.T) {
	w := newWorld(false)
	w.files["vifs.json"] = m{"virtualInterfaces": l{m{"virtualInterfaceId": "dxvif-1", "authKey": "CANARY", "customerRouterConfig": "<bgp_auth_key>CANARY</bgp_auth_key>"}}}
	c := w.config(t)
	s := c.Study(w.broken(), began, Client{})
	for _, f := range s.Apply([]flow.Finding{finding()}, same) {
		b, err := f.Proof.Fix, error(nil)
		_ = b
		if err != nil || strings.Contains(f.Title+strings.Join(f.Because, "")+f.Proof.Says+lines(*f.Proof), "CANARY") {
			t.Error("a key is in a finding")
		}
	}
	if strings.Contains(Text(c), "CANARY") || strings.Contains(strings.Join(c.Problems, ""), "CANARY") {
		t.Error("a key is in what was read")
	}
}

func TestStudy_isFastForManyFlows(t *testing.T) {
	w := vpcOnly(false)
	c := w.config(t)
	flows := make([]*flow.Flow, 0, 50_000)
	for i := range 50_000 {
		flows = append(flows, w.call(flow.ID(i+10), "ssm", w.ssm[:1], flow.DialConnected)) //nolint:gosec // few
	}
	took := cputime.Of(func() { c.Study(flows, began, Client{}).Prove(finding()) })
	if took > 5*time.Second {
		t.Errorf("%v for %d flows", took, len(flows))
	} else {
		t.Logf("%v for %d flows", took, len(flows))
	}
}

func same(s string) string { return s }

// What responds refutes the rules of its interface, also if its endpoint isn't in the files.
func TestProve_whatRespondsWithoutItsEndpointRefutesAProof(t *testing.T) {
	w := vpcOnly(false)
	w.object(fGroups, "sg-b")["IpPermissions"] = w.object(fGroups, "sg-a")["IpPermissions"]
	w.files[fEndpoints]["VpcEndpoints"] = w.files[fEndpoints]["VpcEndpoints"].(l)[:1]
	if p := w.prove(t, w.broken()); p.Verdict != flow.Contradiction {
		t.Errorf("%s: %s", p.Verdict, p.Says)
	}
}

// A second client isn't a wider change; the range of the route back is.
func TestApply_everyClientIsPartOfTheNarrowestChange(t *testing.T) {
	for _, world6 := range []bool{false, true} {
		w := vpcOnly(world6)
		flows := w.broken()[1:]
		w.client = addrPort(w.pick("172.22.41.9", "fd22:40:7:2::9"), 50001)
		flows = append(flows, w.call(3, "logs", w.logs, flow.DialTimeout))
		x := finding()
		x.Flows = append(x.Flows, 3)
		got := w.config(t).Study(flows, began, Client{}).Apply([]flow.Finding{x}, same)
		var texts []string
		for _, s := range awsside.Without(got[0].Try) {
			texts = append(texts, s.Text)
		}
		if want := "The narrowest change, And, Or, wider, Then check"; strings.Join(texts, ", ") != want {
			t.Errorf("IPv6 %t: %q, want %q", world6, texts, want)
		}
	}
}
