package account

import (
	"encoding/json"
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"detour/internal/flow"
)

// everyKind is the world with a file of every kind, and secrets in those that have them.
func everyKind() *world {
	w := newWorld(false)
	maps.Copy(w.files, healthy(false)["transit gateway"].files)
	for _, name := range []string{"Client VPN", "resolver", "route by a prefix list", "prefix list"} {
		for file, v := range healthy(false)[name].files {
			if w.files[file] == nil {
				w.files[file] = v
			}
		}
	}
	w.files[fVPNs] = m{"VpnConnections": l{m{
		"VpnConnectionId": "vpn-1", "TransitGatewayId": "tgw-1", "State": "available", "VgwTelemetry": l{m{"Status": "UP"}},
		"CustomerGatewayConfiguration": "<vpn_connection><ike><pre_shared_key>" + canary + "</pre_shared_key></ike></vpn_connection>",
		"Options":                      m{"TunnelOptions": l{m{"OutsideIpAddress": "203.0.113.1", "PreSharedKey": canary}}},
	}, m{"VpnConnectionId": "vpn-2", "TransitGatewayId": "tgw-1", "State": "available", "VgwTelemetry": l{m{"Status": "UP"}}}}}
	w.files[fVIFs] = m{"virtualInterfaces": l{m{
		"virtualInterfaceId": "dxvif-1", "virtualGatewayId": "vgw-1", "virtualInterfaceState": "available", "authKey": canary,
		"customerRouterConfig": "<logical_connection><bgp_auth_key>" + canary + "</bgp_auth_key></logical_connection>",
		"bgpPeers":             l{m{"bgpStatus": "up", "authKey": canary}},
	}}}
	w.files["zones.json"] = m{"HostedZoneSummaries": l{m{"HostedZoneId": "Z1", "Name": "logs.eu-central-1.amazonaws.com.", "Owner": m{"OwningAccount": "123456789012"}}}}
	w.files["lists.json"] = m{"PrefixLists": l{m{"PrefixListId": "pl-0c", "PrefixListName": "com.amazonaws.eu-central-1.s3", "Cidrs": l{"198.51.100.0/24"}}}}
	w.files["dns-support.json"] = m{"VpcId": "vpc-1", "EnableDnsSupport": m{"Value": true}}
	w.files[IndexName] = m{"files": l{m{
		"file": fACLs, "command": "aws ec2 describe-network-acls --filters Name=vpc-id,Values=vpc-1", "account": "123456789012", "exit_status": 0,
	}, m{"file": "x.json", "command": "aws ec2 describe-carrier-gateways", "exit_status": 254, "error": "An error occurred (Throttling)"}}}
	return w
}

const canary = "CANARYkey"

// Any bytes in place of any file neither stop the reading, nor bring a key or a control
// character into what is said, nor take more memory than a share of their length. Bytes that
// aren't JSON prove nothing.
func FuzzRead(f *testing.F) {
	w := everyKind()
	names := slices.Sorted(maps.Keys(w.files))
	healthy := make(map[string][]byte)
	for i, name := range names {
		healthy[name] = mustEncode(w.files[name])
		f.Add(i, healthy[name])
		f.Add(i, slices.Concat(healthy[name], []byte("\r\n"), healthy[name]))
	}
	if p := verdictOf(w.config(&testing.T{}), w.broken()[1:]); p.Verdict != flow.Admitted {
		f.Fatalf("the world isn't healthy: %s: %s", p.Verdict, p.Says)
	}
	f.Add(0, []byte(strings.Repeat(`{"VpcEndpoints":[`, 20)))
	f.Add(2, []byte(`{"SecurityGroups":[{"GroupId":"sg-a","IpPermissions":[{"FromPort":1e400}]}]}`))
	f.Add(9, []byte(`{"files":[{"file":"describe-security-groups.json","exit_status":1,"error":"\u001b[31m"}]}`))
	for text := range failures {
		f.Add(3, []byte(text))
	}
	f.Fuzz(func(t *testing.T, i int, data []byte) {
		var all []File
		for k, name := range names {
			x := File{Name: name, Data: healthy[name]}
			if k == i {
				x.Data = data
			}
			all = append(all, x)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		c := Read(all)
		runtime.ReadMemStats(&after)
		if took, most := after.TotalAlloc-before.TotalAlloc, uint64(16<<20+400*len(data)); took > most { //nolint:gosec // a length
			t.Errorf("%d bytes take %d", len(data), took)
		}
		s := c.Study(w.broken(), began.Add(time.Minute), Client{})
		parts := s.Prove(finding())
		for _, p := range parts {
			for _, command := range commands(p.Proof) {
				if !pasteable.MatchString(command) && !strings.HasPrefix(command, "detour diagnose FILE") {
					t.Errorf("%q", command)
				}
			}
			if _, err := documents(data); p.Proof.Verdict == flow.Proven && err != nil {
				t.Errorf("proven by a file that can't be read: %s", p.Proof.Says)
			}
		}
		text := Text(c)
		if strings.ContainsAny(text, "\x1b\u202e") {
			t.Errorf("%q has a control character", text)
		}
		extract := Extract(all, s.Needed(), func(s string) string { return s })
		for _, said := range []string{text, string(mustEncode(parts)), string(mustEncode(c.Problems)), string(mustEncode(extract))} {
			if strings.Contains(said, canary) && !elsewhere(data) {
				t.Errorf("a key is said: %s", said)
			}
		}
	})
}

// What is large or deep is read in time and space that grow with it alone.
func TestRead_ofHostileFilesIsBounded(t *testing.T) {
	many := 100_000
	for name, text := range map[string]string{
		"deep": strings.Repeat(`{"VpcEndpoints":[`, many), "pages": strings.Repeat(`{"NetworkAcls":[],"NextToken":"x"}`, many),
		"bad objects": `{"VpcEndpoints":[` + strings.Repeat(`{},`, many) + `{}]}`, "spaces": strings.Repeat(" ", 10*many),
		"members": "{" + strings.Repeat(`"\u0000":1,`, many) + "}", "numbers": `{"NetworkAcls":[` + strings.Repeat("1,", many) + "1]}",
		"long": `{"NetworkAcls":[{"NetworkAclId":"` + strings.Repeat("a", 10*many) + `"}]}`,
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		c := Read([]File{{Name: "f.json", Data: []byte(text)}})
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; took > uint64(16<<20+400*len(text)) { //nolint:gosec // a length
			t.Errorf("%s: %d bytes take %d", name, len(text), took)
		}
		if said := strings.Join(c.Problems, "\n"); said == "" || len(said) > 4000 {
			t.Errorf("%s: %d bytes are said: %.300s", name, len(said), said)
		}
	}
}

// elsewhere reports whether the key stands where no key does, so that it is none.
func elsewhere(data []byte) bool {
	docs, _ := documents(data)
	for _, top := range docs {
		var v any
		_ = json.Unmarshal(mustEncode(top), &v)
		withoutSecrets(v)
		if strings.Contains(string(mustEncode(v)), canary) {
			return true
		}
	}
	return false
}

// Neither a file that is cut, nor one that isn't JSON, brings its keys into a problem.
func TestRead_quotesNoKeyOfAFileThatCannotBeRead(t *testing.T) {
	for _, text := range []string{
		`{"VpnConnections":[{"VpnConnectionId":"vpn-1","CustomerGatewayConfiguration":"<pre_shared_key>CANARY</pre_shared_key>`,
		`{"VpnConnections":[{"VpnConnectionId":"vpn-1","Options":{"TunnelOptions":[{"PreSharedKey":"CANARY"}]}},]}`,
		`{"virtualInterfaces":[{"virtualInterfaceId":{"authKey":"CANARY"}}]}`,
		`{"virtualInterfaces":[{"virtualInterfaceId":7,"authKey":"CANARY"}]}`,
		"VPNCONNECTIONS\tCANARY\tipsec.1", "VpnConnections:\n- PreSharedKey: CANARY", "<pre_shared_key>CANARY</pre_shared_key>",
	} {
		c := Read([]File{{Name: "f.json", Data: []byte(text)}})
		if said := strings.Join(c.Problems, "\n"); strings.Contains(said, "CANARY") || said == "" {
			t.Errorf("%s: %q", text, said)
		}
	}
}

func mustEncode(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return data
}
