package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"detour/internal/export"
)

// accountWithKeys is the simulated account's folder with the keys of its VPN and Direct Connect in
// every place in which the AWS CLI writes one, also in files that can't be read.
func accountWithKeys(t *testing.T, n *nest) string {
	t.Helper()
	dir := demoAccount(t)
	write := func(name string, content any) {
		b, isText := content.(string)
		if !isText {
			b = jsonOf(content)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(b), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	type m = map[string]any
	tunnel := func() m {
		return m{"OutsideIpAddress": "203.0.113.1", "Status": "UP", "StatusMessage": "3 BGP ROUTES", "PreSharedKey": n.egg()}
	}
	vpn := func(id string) m {
		return m{
			"VpnConnectionId": id, "State": "available", "VpnGatewayId": "vgw-897e62c6d38157370", "Type": "ipsec.1",
			"CustomerGatewayConfiguration": `<?xml version="1.0"?><vpn_connection><ike><pre_shared_key>` + n.egg() + `</pre_shared_key></ike></vpn_connection>`,
			"Options":                      m{"TunnelOptions": []any{tunnel(), tunnel()}}, "VgwTelemetry": []any{tunnel(), tunnel()},
		}
	}
	vif := func(id string) m {
		return m{
			"virtualInterfaceId": id, "virtualGatewayId": "vgw-897e62c6d38157370", "virtualInterfaceState": "available", "authKey": n.egg(),
			"customerRouterConfig": "<logical_connection><bgp_auth_key>" + n.egg() + "</bgp_auth_key></logical_connection>",
			"bgpPeers":             []any{m{"bgpPeerState": "available", "bgpStatus": "up", "authKey": n.egg()}},
		}
	}
	write("describe-vpn-connections.json", m{"VpnConnections": []any{vpn("vpn-1"), vpn("vpn-2")}})
	write("other-vpn.json", m{"VpnConnections": []any{vpn("vpn-1")}}) // another form of the first
	write("describe-virtual-interfaces.json", m{"virtualInterfaces": []any{vif("dxvif-1")}})
	write("odd-types.json", m{"VpnConnections": []any{m{"VpnConnectionId": m{"PreSharedKey": n.egg()}, "VgwTelemetry": n.egg()}, n.egg()}})
	write("odd-interfaces.json", m{"virtualInterfaces": m{"authKey": n.egg()}})
	write("cut.json", jsonOf(m{"VpnConnections": []any{vpn("vpn-3")}})[:400])
	write("text.json", "<vpn_connection><pre_shared_key>"+n.egg()+"</pre_shared_key></vpn_connection>")
	write("unknown.json", m{"Unknown": m{"PreSharedKey": n.egg()}})
	return dir
}

// TestAccount_keysAreInNoOutput looks for the keys of an account's files in everything that is made
// from them.
func TestAccount_keysAreInNoOutput(t *testing.T) {
	t.Parallel()
	capture, n := demoCapture(t), &nest{}
	dir := accountWithKeys(t, n)
	left := make(map[string]*bytes.Buffer)
	record := func(name string, args ...string) {
		var out, errs bytes.Buffer
		if code := run(args, &out, &errs); code != exitDone && code != exitProblems {
			t.Fatalf("%v: exit code %d: %s", args, code, &errs)
		}
		left[name], left[name+" stderr"] = &out, &errs
	}
	for _, form := range []string{"", "--json", "--md"} {
		args := []string{"diagnose", capture, "--account", dir}
		if form != "" {
			args = append(args, form)
		}
		record("diagnose "+form, args...)
	}
	if !bytes.Contains(left["diagnose --json"].Bytes(), []byte(`"account"`)) || !bytes.Contains(left["diagnose --json"].Bytes(), []byte("vpn-1")) {
		t.Error("the VPN isn't part of the proof")
	}
	record("show", "account", "show", dir)
	record("check", "account", "check", dir, "--from", "172.16.0.0/15")
	record("check --json", "account", "check", dir, "--from", "172.16.8.5", "--json")
	for _, privacy := range []string{"normal", "strict"} {
		for _, format := range export.Formats() {
			name := "export " + format + " " + privacy
			args := []string{"export", capture, "--account", dir, "--format", format, "--privacy", privacy}
			if format == "bundle" {
				args = append(args, "--account-files")
			}
			record(name, args...)
			if format == "bundle" {
				unzip(t, name, left)
			}
		}
	}
	n.look(t, left)
}

// unzip adds what is in a bundle.
func unzip(t *testing.T, name string, left map[string]*bytes.Buffer) {
	t.Helper()
	b := left[name].Bytes()
	in, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	var parts int
	for _, f := range in.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		left[name+" "+f.Name] = bytes.NewBuffer(data)
		if filepath.Dir(f.Name) == "account" && json.Valid(data) {
			parts++
		}
	}
	if parts == 0 {
		t.Errorf("%s has no files of the account", name)
	}
}

// TestTerminal_keysOfAnAccountAreOnNoScreen looks for the keys on the screen with the proof, in the log
// and in the capture.
func TestTerminal_keysOfAnAccountAreOnNoScreen(t *testing.T) {
	n, kept := &nest{}, t.TempDir()
	dir, log, capture := accountWithKeys(t, n), filepath.Join(kept, "log"), filepath.Join(kept, "run.detour")
	m := openTerminal(t, "160", "220", buildDetour(t)+" demo --log "+log+" --capture "+capture)
	m.wait("the end of the story", func(s string) bool {
		return strings.Count(s, "TIMEOUT") >= 4 && !strings.Contains(s, "connecting") && !strings.Contains(s, "so far")
	})
	left := make(map[string]*bytes.Buffer)
	see := func(name string) {
		screen := m.tmux("capture-pane", "-p")
		left["screen "+name] = bytes.NewBufferString(screen)
		left["screen "+name+" without line ends"] = bytes.NewBufferString(strings.Join(strings.Fields(screen), ""))
	}
	m.keys("!")
	m.keys(":")
	m.keys("-l", "account "+dir)
	see("command")
	m.keys("Enter")
	m.wait("the proof, with the VPN", contains("Proof from the account's configuration", "vpn-1"))
	see("proof")
	m.keys("Q")
	m.quits()
	for name, path := range map[string]string{"log": log, "capture": capture} {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		left[name] = bytes.NewBuffer(b)
	}
	n.look(t, left)
}
