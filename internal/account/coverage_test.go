package account

import (
	"slices"
	"strings"
	"testing"
	"time"

	"detour/internal/account/awscli"
	"detour/internal/flow"
)

// indexed is the world with an index of the commands for some of its files.
func (w *world) indexed(t *testing.T, commands map[string]string) []File {
	t.Helper()
	entries := l{}
	for name, command := range commands {
		entries = append(entries, m{"file": name, "command": command, "account": "123456789012", "region": "eu-central-1", "exit_status": 0})
	}
	w.files[IndexName] = m{"v": 1, "files": entries}
	var files []File
	for name, v := range w.files {
		files = append(files, File{Name: name, Data: encode(t, v)})
	}
	return files
}

func verdictOf(c *Config, flows []*flow.Flow) flow.Proof {
	return c.Study(flows, began.Add(time.Minute), Client{}).Prove(finding())[0].Proof
}

// nobody is the world in which no endpoint has the addresses that don't respond.
func nobody() *world {
	w := newWorld(false)
	w.files[fInterfaces]["NetworkInterfaces"] = w.files[fInterfaces]["NetworkInterfaces"].(l)[2:]
	w.object(fEndpoints, "vpce-logs")["NetworkInterfaceIds"] = []string{}
	return w
}

// What a command didn't ask for may be there: an address that isn't in a filtered output is
// unknown, never "not here".
func TestRead_filteredOutputIsNotWhole(t *testing.T) {
	const describe = "aws ec2 describe-network-interfaces --region eu-central-1 --output json"
	for command, want := range map[string]flow.ProofVerdict{
		describe:                         flow.NotHere,
		describe + " --page-size 100":    flow.NotHere,
		describe + " --max-items 100000": flow.NotHere,
		"aws --profile ec2 ec2 describe-network-interfaces --region eu-central-1":            flow.Unknown, // "ec2 ec2" isn't understood
		"aws --profile x ec2 describe-network-interfaces":                                    flow.NotHere,
		describe + " --query '{NetworkInterfaces: NetworkInterfaces[].{A: B}}'":              flow.NotHere,
		describe + " --filters Name=network-interface-id,Values=eni-3,eni-4":                 flow.NotHere, // all of all endpoints
		describe + " --network-interface-ids eni-3 eni-4":                                    flow.NotHere,
		describe + " --filters Name=network-interface-id,Values=eni-3":                       flow.Unknown,
		describe + " --filters Name=vpc-id,Values=vpc-1":                                     flow.Unknown,
		describe + " --filters 'Name=interface-type,Values=vpc_endpoint'":                    flow.Unknown,
		describe + " --filters Name=network-interface-id,Values=eni-3,eni-4 Name=a,Values=b": flow.Unknown,
		describe + " --filters=Name=vpc-id,Values=vpc-1":                                     flow.Unknown,
		describe + " --network-interface-ids eni-3":                                          flow.Unknown,
		describe + " --query '{NetworkInterfaces: NetworkInterfaces[?VpcId==`vpc-1`]}'":      flow.Unknown,
		describe + " --query '{NetworkInterfaces: NetworkInterfaces[:50]}'":                  flow.Unknown,
		describe + " --query '{NetworkInterfaces: NetworkInterfaces[0:9] | []}'":             flow.Unknown,
		describe + " --max-items 2 --query '{NetworkInterfaces: NetworkInterfaces}'":         flow.Unknown,
		describe + " --no-paginate --query '{NetworkInterfaces: NetworkInterfaces}'":         flow.Unknown,
		describe + " --starting-token abc":                                                   flow.Unknown,
		describe + " --cli-input-json file://x":                                              flow.Unknown,
		"aws ec2 describe-subnets --region eu-central-1":                                     flow.Unknown,
		"":                      flow.Unknown,
		"jq -s . a.json b.json": flow.Unknown,
		"aws route53 list-hosted-zones-by-vpc --vpc-id vpc-1 --vpc-region eu-central-1":         flow.Unknown,
		"aws ec2 describe-network-interfaces --filters Name=description,Values='ClientVPN*'":    flow.Unknown,
		"aws ec2 describe-network-interfaces --filters \"Name=subnet-id,Values=subnet-a\"":      flow.Unknown,
		"aws ec2 describe-network-interfaces --filters '[{\"Name\":\"vpc-id\",\"Values\":[]}]'": flow.Unknown,
	} {
		w := nobody()
		c := Read(w.indexed(t, map[string]string{fInterfaces: command}))
		if p := verdictOf(c, w.broken()[1:]); p.Verdict != want {
			t.Errorf("%s: %s, want %s: %s", command, p.Verdict, want, p.Says)
		}
	}
}

// The main table of a VPC decides about a subnet only if all tables of the VPC were asked for.
func TestRead_filteredTablesDecideOnlyAboutTheirVPC(t *testing.T) {
	const describe = "aws ec2 describe-route-tables --region eu-central-1"
	for command, want := range map[string]flow.ProofVerdict{
		describe: flow.Proven,
		describe + " --filters Name=vpc-id,Values=vpc-0,vpc-1":      flow.Proven,
		describe + " --filters Name=vpc-id,Values=vpc-2":            flow.Unknown,
		describe + " --filters Name=association.main,Values=true":   flow.Unknown,
		describe + " --route-table-ids rtb-1":                       flow.Unknown,
		describe + " --query '{RouteTables: RouteTables[?VpcId]}'":  flow.Unknown,
		describe + " --filters Name=vpc-id,Values=vpc-1 --dry-run":  flow.Unknown,
		describe + " --filters 'Name=vpc-id,Values=vpc-1' --xyz 12": flow.Unknown,
	} {
		w := newWorld(false)
		rt := w.object(fTables, "rtb-1")
		rt["Associations"], rt["Routes"] = l{m{"Main": true}}, rt["Routes"].(l)[:1]
		c := Read(w.indexed(t, map[string]string{fTables: command}))
		if p := verdictOf(c, w.broken()[1:]); p.Verdict != want {
			t.Errorf("%s: %s, want %s: %s", command, p.Verdict, want, p.Says)
		}
	}
}

// A VPN that wasn't asked for may be up.
func TestRead_filteredVPNsProveNoGateway(t *testing.T) {
	for command, want := range map[string]flow.ProofVerdict{
		"aws ec2 describe-vpn-connections --query {VpnConnections: VpnConnections[].{A: B}}":   flow.Unknown, // not quoted
		"aws ec2 describe-vpn-connections --query '{VpnConnections: VpnConnections[].{A: B}}'": flow.Proven,
		"aws ec2 describe-vpn-connections":                                                     flow.Proven,
		"aws ec2 describe-vpn-connections --vpn-connection-ids vpn-1":                          flow.Unknown,
		"aws ec2 describe-vpn-connections --filters Name=state,Values=available":               flow.Unknown,
	} {
		w := newWorld(false)
		w.object(fVPNs, "vpn-1")["VgwTelemetry"] = l{m{"Status": "DOWN"}, m{"Status": "DOWN"}}
		c := Read(w.indexed(t, map[string]string{fVPNs: command}))
		if p := verdictOf(c, w.broken()[1:]); p.Verdict != want {
			t.Errorf("%s: %s, want %s: %s", command, p.Verdict, want, p.Says)
		}
	}
}

// Entries and routes that were filtered lack what could admit.
func TestRead_filteredListDeniesNothing(t *testing.T) {
	const get = "aws ec2 get-managed-prefix-list-entries --prefix-list-id pl-0a"
	for command, want := range map[string]flow.ProofVerdict{
		get: flow.Proven, get + " --max-items 1": flow.Proven,
		get + " --query '{Entries: Entries[?Description==`x`]}'": flow.Unknown,
		get + " --max-items 1 --query '{Entries: Entries}'":      flow.Unknown,
	} {
		w := newWorld(false)
		w.object(fGroups, "sg-a")["IpPermissions"] = l{w.permission("tcp", 443, 443, m{"PrefixListIds": l{m{"PrefixListId": "pl-0a"}}})}
		w.files["entries.json"] = m{"Entries": l{m{"Cidr": "10.64.0.0/16"}}}
		c := Read(w.indexed(t, map[string]string{"entries.json": command}))
		if p := verdictOf(c, w.broken()[1:]); p.Verdict != want {
			t.Errorf("%s: %s, want %s: %s", command, p.Verdict, want, p.Says)
		}
	}
}

// Without an index, a set that lacks what others name isn't whole.
func TestRead_whatOthersNameIsMissing(t *testing.T) {
	for name, x := range map[string]struct {
		change func(w *world)
		set    set
		says   string
	}{
		"an interface of an endpoint": {func(w *world) {
			w.files[fInterfaces]["NetworkInterfaces"] = w.files[fInterfaces]["NetworkInterfaces"].(l)[1:]
		}, setInterfaces, "eni-1"},
		"the endpoint of an interface": {func(w *world) {
			w.object(fInterfaces, "eni-1")["Description"] = "VPC Endpoint Interface vpce-0abc"
			w.object(fEndpoints, "vpce-logs")["NetworkInterfaceIds"] = []string{"eni-2"}
		}, setEndpoints, "vpce-0abc"},
		"the VPN of an attachment": {func(w *world) {
			w.files["attachments.json"] = m{"TransitGatewayAttachments": l{m{
				"TransitGatewayAttachmentId": "tgw-attach-1", "TransitGatewayId": "tgw-1", "ResourceId": "vpn-7", "ResourceType": "vpn", "State": "available",
			}}}
		}, setVPNs, "vpn-7"},
		"the VPN of a route": {func(w *world) {
			w.files["search_tgw-rtb-0a.json"] = m{"Routes": l{m{
				"DestinationCidrBlock": "172.22.0.0/16", "State": "active", "TransitGatewayAttachments": l{m{"TransitGatewayAttachmentId": "a", "ResourceId": "vpn-8"}},
			}}}
		}, setVPNs, "vpn-8"},
		"the Client VPN of an interface": {func(w *world) {
			w.object(fInterfaces, "eni-3")["Description"] = "ClientVPN Endpoint resource"
			w.files["client-vpn.json"] = m{"ClientVpnEndpoints": l{}}
		}, setClientVPNs, "eni-3"},
	} {
		w := newWorld(false)
		x.change(w)
		c := w.config(t)
		if c.complete(x.set) || !slices.ContainsFunc(c.Problems, func(p string) bool { return strings.Contains(p, x.says) }) {
			t.Errorf("%s: complete %t, %q", name, c.complete(x.set), c.Problems)
		}
		if len(newWorld(false).config(t).Problems) > 0 {
			t.Errorf("%s: the whole world has problems", name)
		}
	}
}

// The CLI's own token, of --max-items, is one of a page.
func TestRead_maxItemsIsAPartialPage(t *testing.T) {
	w := nobody()
	w.files[fInterfaces]["NextToken"] = "eyJOZXh0VG9rZW4iOiBudWxsLCAiYm90b190cnVuY2F0ZV9hbW91bnQiOiAyfQ=="
	if p := verdictOf(w.config(t), w.broken()[1:]); p.Verdict != flow.Unknown {
		t.Errorf("%s: %s", p.Verdict, p.Says)
	}
	// Two outputs without a token: either may be the next page.
	w.files["a.json"] = m{"NetworkInterfaces": w.files[fInterfaces]["NetworkInterfaces"]}
	w.files["b.json"] = w.files["a.json"]
	if p := verdictOf(w.config(t), w.broken()[1:]); p.Verdict != flow.Unknown {
		t.Errorf("two last pages: %s: %s", p.Verdict, p.Says)
	}
	delete(w.files, "b.json")
	if p := verdictOf(w.config(t), w.broken()[1:]); p.Verdict != flow.NotHere {
		t.Errorf("both pages: %s: %s", p.Verdict, p.Says)
	}
}

// An index may be wrong: it names files that aren't there, or other commands than those that
// made them.
func TestRead_believesNoIndexAgainstTheFiles(t *testing.T) {
	w := nobody()
	c := Read(w.indexed(t, map[string]string{"more-interfaces.json": "aws ec2 describe-network-interfaces --region eu-west-1"}))
	if p := verdictOf(c, w.broken()[1:]); p.Verdict != flow.Unknown || !strings.Contains(strings.Join(c.Problems, "\n"), "more-interfaces.json, which isn't there") {
		t.Errorf("%s: %q", p.Verdict, c.Problems)
	}
	c = Read(w.indexed(t, map[string]string{fInterfaces: "aws ec2 describe-subnets"}))
	if text := strings.Join(c.Problems, "\n"); !strings.Contains(text, "not the output of the command that the index names, but of aws ec2 describe-network-interfaces") {
		t.Error(text)
	}
	// Two folders, each with its index.
	var all []File
	for _, dir := range []string{"a/", "b/"} {
		for _, f := range newWorld(false).indexed(t, map[string]string{fTables: "aws ec2 describe-route-tables"}) {
			all = append(all, File{Name: dir + f.Name, Data: f.Data})
		}
	}
	if c = Read(all); len(c.Problems) > 0 || !c.complete(setTables) {
		t.Errorf("two indexes: %q", c.Problems)
	}
}

// Pages that an index gives to one account, but are of two, aren't pages of one output.
func TestRead_pagesOfAWrongAccount(t *testing.T) {
	w := newWorld(false)
	first := w.files[fACLs]
	other := m{"NetworkAcls": l{m{"NetworkAclId": "acl-9", "VpcId": "vpc-9", "OwnerId": "210987654321", "Associations": l{}, "Entries": l{}}}}
	w.files[fACLs] = m{"NetworkAcls": first["NetworkAcls"], "NextToken": "more"}
	w.files["acls-2.json"] = other
	c := Read(w.indexed(t, map[string]string{fACLs: "aws ec2 describe-network-acls", "acls-2.json": "aws ec2 describe-network-acls"}))
	if c.complete(setACLs) || !slices.Equal(c.Accounts, []string{"123456789012", "210987654321"}) {
		t.Errorf("complete %t, accounts %v", c.complete(setACLs), c.Accounts)
	}
}

// An address that an interface of another VPC may have, too, is unknown until that was asked for.
func TestRead_sameAddressInAnotherVPC(t *testing.T) {
	w := newWorld(false)
	w.object(fGroups, "sg-a")["IpPermissions"] = l{}
	w.files[fVPCs]["Vpcs"] = append(w.files[fVPCs]["Vpcs"].(l), m{
		"VpcId": "vpc-2", "OwnerId": "123456789012", "CidrBlock": "10.64.0.0/16", "Ipv6CidrBlockAssociationSet": l{},
		"CidrBlockAssociationSet": l{m{"CidrBlock": "10.64.0.0/16", "CidrBlockState": m{"State": "associated"}}},
	})
	commands := map[string]string{fInterfaces: "aws ec2 describe-network-interfaces --filters Name=network-interface-id,Values=eni-1,eni-2,eni-3,eni-4"}
	c := Read(w.indexed(t, commands))
	if p := verdictOf(c, w.broken()[1:]); p.Verdict != flow.Unknown {
		t.Errorf("%s: %s", p.Verdict, p.Says)
	}
	if got := c.Seen().SameAddress; !slices.Equal(got, []string{"10.64.16.31", "10.64.16.61", "10.64.17.31", "10.64.17.61"}) {
		t.Fatalf("the same addresses: %v", got)
	}
	w.files["same.json"] = m{"NetworkInterfaces": w.files[fInterfaces]["NetworkInterfaces"]}
	commands["same.json"] = "aws ec2 describe-network-interfaces --filters Name=" + awscli.AddressFilter + ",Values=" +
		strings.Join(c.Seen().SameAddress, ",")
	if p := verdictOf(Read(w.indexed(t, commands)), w.broken()[1:]); p.Verdict != flow.Proven {
		t.Errorf("%s: %s", p.Verdict, p.Says)
	}
}
