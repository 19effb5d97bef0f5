package account

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// Any bytes in place of any file neither stop the reading, nor prove what the whole folder
// doesn't, unless they are an object of it.
func FuzzRead(f *testing.F) {
	w := newWorld(false)
	names := []string{fEndpoints, fInterfaces, fGroups, fSubnets, fTables, fACLs, fVPCs, fVGWs, fVPNs, IndexName, "entries_pl-0a.json"}
	for i, name := range names {
		if v := w.files[name]; v != nil {
			f.Add(i, mustEncode(v))
		}
	}
	f.Add(0, []byte(strings.Repeat(`{"VpcEndpoints":[`, 20_000)))
	f.Add(2, []byte(`{"SecurityGroups":[{"GroupId":"sg-a","IpPermissions":[{"FromPort":1e400}]}]}`))
	f.Add(9, []byte(`{"files":[{"file":"describe-security-groups.json","exit_status":1,"error":"\u001b[31m"}]}`))
	f.Fuzz(func(t *testing.T, i int, data []byte) {
		var all []File
		for k, name := range names {
			switch {
			case k == i:
				all = append(all, File{Name: name, Data: data})
			case w.files[name] != nil:
				all = append(all, File{Name: name, Data: mustEncode(w.files[name])})
			}
		}
		c := Read(all)
		parts := c.Study(w.broken(), began.Add(time.Minute), Client{}).Prove(finding())
		for _, p := range parts {
			for _, command := range commands(p.Proof) {
				if !pasteable.MatchString(command) && !strings.HasPrefix(command, "detour diagnose FILE") {
					t.Errorf("%q", command)
				}
			}
		}
		if text := Text(c); strings.ContainsAny(text, "\x1b\u202e") {
			t.Errorf("%q has a control character", text)
		}
	})
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
