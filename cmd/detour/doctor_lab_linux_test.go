package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"detour/internal/doctor"
	"detour/internal/lab"
)

// madeNetworks counts the networks of this process.
var madeNetworks atomic.Int64

// A smallNetwork is a network namespace without servers, with its own files in /etc.
type smallNetwork struct {
	t    *testing.T
	name string
	home string
}

// newNetwork creates one, runs these commands of ip(8) in it, and removes it at the end of
// the test.
func newNetwork(t *testing.T, etc map[string]string, commands ...string) smallNetwork {
	t.Helper()
	if err := lab.Available(); err != nil {
		t.Skip(err)
	}
	n := smallNetwork{t, fmt.Sprintf("detour-%d-%d-doctor", os.Getpid(), 1000+madeNetworks.Add(1)), t.TempDir()}
	conf := filepath.Join("/etc/netns", n.name)
	t.Cleanup(func() {
		_ = exec.Command("ip", "netns", "del", n.name).Run()
		_ = os.RemoveAll(conf)
	})
	if err := os.MkdirAll(conf, 0o755); err != nil { //nolint:gosec // ip-netns(8) wants it readable
		t.Fatal(err)
	}
	for name, text := range etc {
		if err := os.WriteFile(filepath.Join(conf, name), []byte(text), 0o644); err != nil { //nolint:gosec // as the system's own
			t.Fatal(err)
		}
	}
	n.ip("netns add " + n.name)
	for _, c := range append([]string{"link set lo up"}, commands...) {
		n.ip("-n " + n.name + " " + c)
	}
	return n
}

func (n smallNetwork) ip(args string) {
	n.t.Helper()
	if out, err := exec.CommandContext(n.t.Context(), "ip", strings.Fields(args)...).CombinedOutput(); err != nil { //nolint:gosec // the test's own words
		n.t.Fatalf("ip %s: %v: %s", args, err, out)
	}
}

// doctor runs detour doctor in the namespace, and returns its checks by code, and its exit
// code.
func (n smallNetwork) doctor(program string) (map[string]doctor.Check, int) {
	n.t.Helper()
	c := exec.CommandContext(n.t.Context(), "ip", "netns", "exec", n.name, program, "doctor", "--json", "--config", "none", "--browser", "none") //nolint:gosec // our own program
	c.Env = []string{"HOME=" + n.home, "PATH=" + os.Getenv("PATH")}
	out, err := c.Output()
	var got struct{ Checks []doctor.Check }
	if jerr := json.Unmarshal(out, &got); jerr != nil {
		n.t.Fatalf("%v, %v: %s", err, jerr, out)
	}
	of := make(map[string]doctor.Check)
	for _, check := range got.Checks {
		of[check.Code] = check
	}
	return of, c.ProcessState.ExitCode()
}

// splitTunnel is a VPN in addition to an ordinary network. Routes through it are to be for
// private ranges that don't contain the first address of a private block.
func splitTunnel() []string {
	return []string{
		"link add v0 type veth peer name v1", "addr add 192.0.2.5/24 dev v0", "link set v0 up", "link set v1 up", "route add default via 192.0.2.1 dev v0",
		"tuntap add dev tun0 mode tun", "addr add 10.99.0.2/24 dev tun0", "link set tun0 up",
	}
}

func TestLab_doctorSeesWhatASplitTunnelTakes(t *testing.T) {
	t.Parallel()
	program := buildDetour(t)
	n := newNetwork(t, map[string]string{"resolv.conf": "", "hosts": ""}, splitTunnel()...)
	if c, _ := n.doctor(program); c["routes"].Level != doctor.Warn || !strings.Contains(c["routes"].Text, "tun0 is up, but no private range is routed through it") {
		t.Errorf("without routes: %+v", c["routes"])
	}
	for _, r := range []string{"10.20.0.0/16", "172.20.0.0/16"} {
		n.ip("-n " + n.name + " route add " + r + " dev tun0")
	}
	c, _ := n.doctor(program)
	if got, want := c["routes"].Text, "a VPN is up: tun0 carries 10.20.0.0/16 and 172.20.0.0/16; other private addresses go through v0"; got != want || c["routes"].Level != doctor.OK {
		t.Errorf("got  %s %s\nwant %s", c["routes"].Level, got, want)
	}
}

func TestLab_doctorSeesAFullTunnelByItsRules(t *testing.T) {
	t.Parallel()
	program := buildDetour(t)
	n := newNetwork(t, map[string]string{"resolv.conf": "", "hosts": ""}, append(splitTunnel(),
		"route add default dev tun0 table 51820", "rule add not fwmark 51820 table 51820")...) // as wg-quick(8) does
	if c, _ := n.doctor(program); c["routes"].Level != doctor.OK || !strings.Contains(c["routes"].Text, "tun0 carries 10.0.0.0/8") {
		t.Errorf("got %+v", c["routes"])
	}
}

func TestLab_doctorFailsWhereTheHostsFileLeadsAWSNowhere(t *testing.T) {
	t.Parallel()
	program := buildDetour(t)
	n := newNetwork(t, map[string]string{"resolv.conf": "nameserver 127.0.0.1\n", "hosts": "127.0.0.1 localhost\n0.0.0.0 " + doctorHost + "\n"})
	c, code := n.doctor(program)
	if code != exitProblems || c["aws"].Level != doctor.Fail || !strings.Contains(c["aws"].Fix, "/etc/hosts:2") {
		t.Errorf("exit %d, %+v", code, c["aws"])
	}
	if r := c["resolver"]; r.Level != doctor.Fail || r.Text != "can't query 127.0.0.1:53 for "+doctorHost+": connection refused" {
		t.Errorf("nobody listens there: %+v", r)
	}
}

func TestLab_doctorSaysThatNoNameserverIsConfigured(t *testing.T) {
	t.Parallel()
	program := buildDetour(t)
	n := newNetwork(t, map[string]string{"resolv.conf": "# empty\n", "hosts": "127.0.0.1 localhost\n"})
	c, code := n.doctor(program)
	for _, of := range []string{"resolver", "aws"} {
		if c[of].Level != doctor.Fail || !strings.Contains(c[of].Text, "no nameserver is configured, and none responds at ") || strings.Contains(c[of].Text, "read udp") {
			t.Errorf("exit %d, %s: %+v", code, of, c[of])
		}
	}
}
