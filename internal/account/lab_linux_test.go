package account

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"detour/internal/flow"
	"detour/internal/fulltest"
	"detour/internal/lab/netns"
)

// decided is how long a connect in the lab may take: its SYN is sent again after a second.
const decided = 1200 * time.Millisecond

// TestLab_verdictsHoldForRealPackets applies each mutation to a network, too: as nftables rules
// and routes of a namespace, by a translator that doesn't share the package's rules. It dials
// every address of the endpoint from the client's address and port, and compares.
func TestLab_verdictsHoldForRealPackets(t *testing.T) {
	if err := netns.Available(); err != nil {
		t.Skip(err)
	}
	type job struct {
		mutation
		six bool
	}
	jobs := make(chan job)
	var workers sync.WaitGroup
	var benches []*bench
	for range 16 { // they wait for packets, most of the time
		b := newBench(t)
		benches = append(benches, b)
		workers.Go(func() {
			for j := range jobs {
				b.check(t, j.mutation, j.six)
			}
		})
	}
	for _, six := range []bool{false, true} {
		for i, x := range slices.Concat(pathMutations(), pairs()) {
			if fulltest.On() || !six || i%4 == 0 {
				jobs <- job{x, six}
			}
		}
	}
	close(jobs)
	workers.Wait()
	seen := make(map[string]int)
	for _, b := range benches {
		for k, n := range b.seen {
			seen[k] += n
		}
	}
	t.Logf("%v", seen)
	for _, k := range []string{"proven, and silent", "admitted, and answered", "answered after the fix"} {
		if seen[k] < 30 {
			t.Errorf("%s: only %d times", k, seen[k])
		}
	}
}

// pairs are mutations of which two things deny: one that a fix opens, and one of a later check.
func pairs() (out []mutation) {
	var all []mutation
	seen := make(map[flow.CheckName]int)
	for _, x := range pathMutations() {
		if x.verdict == flow.Proven && x.check != flow.CheckEndpoint && x.check != flow.CheckGateway && seen[x.check] < 2 {
			seen[x.check]++
			all = append(all, x)
		}
	}
	for i, x := range all {
		for _, y := range all[i+1:] {
			if x.check != y.check {
				out = append(out, mutation{x.name + " and " + y.name, func(w *world) {
					x.change(w)
					y.change(w)
				}, flow.Proven, x.check, x.object})
			}
		}
	}
	return out
}

// A bench is a pair of namespaces in which the VPC's addresses accept connections.
type bench struct {
	pair *netns.Pair
	seen map[string]int // what was compared, and how often
}

func newBench(t *testing.T) *bench {
	t.Helper()
	var client, vpc []netip.Addr
	for _, six := range []bool{false, true} {
		w := newWorld(six)
		client = append(client, w.client.Addr())
		for _, a := range slices.Concat(w.logs, w.ssm) {
			vpc = append(vpc, a.Addr())
		}
	}
	pair, err := netns.NewPair(client, vpc)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pair.Close)
	for _, a := range vpc {
		ln, err := pair.Listen(netip.AddrPortFrom(a, 443))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = ln.Close() })
		go accept(ln)
	}
	b := &bench{pair, make(map[string]int)}
	if err := b.setUp(); err != nil {
		t.Fatal(err)
	}
	return b
}

// accept accepts connections until the listener is closed, and holds them until the peer ends.
func accept(ln net.Listener) {
	for {
		c, err := ln.Accept()
		if err != nil {
			return
		}
		go func() {
			_, _ = io.Copy(io.Discard, c)
			_ = c.Close()
		}()
	}
}

// dial connects to each address of logs, and reports which answered.
func (b *bench) dial(w *world) []bool {
	out := make([]bool, len(w.logs))
	var all sync.WaitGroup
	for i, to := range w.logs {
		all.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), decided)
			defer cancel()
			from := netip.AddrPortFrom(w.client.Addr(), w.client.Port()+uint16(i)) //nolint:gosec // few
			c, err := b.pair.Dial(ctx, from, to)
			if out[i] = err == nil; out[i] {
				_ = c.(*net.TCPConn).SetLinger(0) // the port is used again
				_ = c.Close()
			}
		})
	}
	all.Wait()
	return out
}

// check compares the verdict of a mutation with packets, then applies the fixes that the proofs
// print, one after another, until the endpoint answers.
func (b *bench) check(t *testing.T, x mutation, six bool) {
	t.Helper()
	name := fmt.Sprintf("%s, IPv6 %t", x.name, six)
	w := newWorld(six)
	x.change(w)
	denying := 0 // objects, by the first proof
	for fixes := 0; ; fixes++ {
		if err := b.apply(w); err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		answered := b.dial(w)
		any, every := slices.Contains(answered, true), !slices.Contains(answered, false)
		parts := w.config(t).Study(w.broken()[1:], began.Add(time.Minute), Client{}).Prove(finding())
		if len(parts) != 1 {
			t.Errorf("%s: %d parts", name, len(parts))
			return
		}
		p := parts[0].Proof
		switch {
		case p.Verdict == flow.Proven && any:
			t.Errorf("%s: proven, and packets are answered %v: %s\n%s", name, answered, p.Says, lines(p))
			return
		case p.Verdict == flow.Admitted && !every:
			t.Errorf("%s: admitted, and packets aren't answered %v\n%s", name, answered, lines(p))
			return
		case p.Verdict != flow.Proven:
			b.seen[fmt.Sprintf("%s, and %s", p.Verdict, map[bool]string{true: "answered", false: "silent"}[any])]++
			if fixes > 0 {
				b.seen["answered after the fix"]++
			}
			if fixes > 0 && (p.Verdict != flow.Admitted || fixes != denying) {
				t.Errorf("%s: %s after %d fixes, and the proof named %d causes: %s", name, p.Verdict, fixes, denying, p.Says)
			}
			return
		case p.Fix == nil || len(p.Fix.CLI) == 0:
			b.seen["proven, and silent"]++
			return // only a sentence says what to do
		case fixes > 4:
			t.Errorf("%s: still %s after %d fixes", name, p.Says, fixes)
			return
		}
		b.seen["proven, and silent"]++
		if fixes == 0 {
			denying = 1 + len(p.Also)
		}
		if err := w.run(p.Fix.CLI[0]); err != nil {
			t.Errorf("%s: %q: %v", name, p.Fix.CLI[0], err)
			return
		}
	}
}

// option is the value of an option of a command; "" if it has none.
func option(command, name string) string {
	m := regexp.MustCompile(`--` + name + ` '?([^' ]+)`).FindStringSubmatch(command)
	if m == nil {
		return ""
	}
	return m[1]
}

// run changes the world as a command of the AWS CLI does.
func (w *world) run(command string) error {
	switch {
	case strings.Contains(command, "authorize-security-group-ingress"):
		g := w.object(fGroups, option(command, "group-id"))
		cidr, port := option(command, "cidr"), option(command, "port")
		if cidr == "" {
			m := regexp.MustCompile(`FromPort=(\d+).*CidrIpv6=([^\]}]+)`).FindStringSubmatch(command)
			if m == nil {
				return fmt.Errorf("no range")
			}
			port, cidr = m[1], m[2]
		}
		n, err := strconv.Atoi(port)
		g["IpPermissions"] = append(g["IpPermissions"].(l), w.permission("tcp", n, n, w.source(cidr)))
		return err
	case strings.Contains(command, "create-network-acl-entry"):
		a := w.object(fACLs, option(command, "network-acl-id"))
		n, err := strconv.Atoi(option(command, "rule-number"))
		if err != nil {
			return err
		}
		var lo, hi int
		if _, err := fmt.Sscanf(option(command, "port-range"), "From=%d,To=%d", &lo, &hi); err != nil {
			return err
		}
		cidr := option(command, w.pick("cidr-block", "ipv6-cidr-block"))
		a["Entries"] = append(a["Entries"].(l),
			w.entry(n, strings.Contains(command, "--egress"), option(command, "rule-action"), option(command, "protocol"), cidr, lo, hi))
		return nil
	case strings.Contains(command, "create-route"):
		t := w.object(fTables, option(command, "route-table-id"))
		cidr := option(command, w.pick("destination-cidr-block", "destination-ipv6-cidr-block"))
		t["Routes"] = append(t["Routes"].(l), w.route(cidr, "GatewayId", option(command, "gateway-id")))
		return nil
	}
	return fmt.Errorf("a command that the test doesn't know")
}

// A translation is what the translator reads of the account's files: the outputs of commands as
// a user would read them. What it doesn't find lets packets pass.
type translation struct {
	VpcEndpoints []struct {
		State               string
		NetworkInterfaceIds []string
	}
	NetworkInterfaces []struct {
		NetworkInterfaceId, SubnetId, PrivateIpAddress string
		Groups                                         []struct{ GroupId string }
		Ipv6Addresses                                  []struct{ Ipv6Address string }
	}
	SecurityGroups []struct {
		GroupId       string
		IpPermissions []groupRule
	}
	NetworkAcls []struct {
		Associations []struct{ SubnetId string }
		Entries      []aclRule
	}
	RouteTables []struct {
		Associations []struct {
			SubnetId string
			Main     bool
		}
		Routes []struct{ DestinationCidrBlock, DestinationIpv6CidrBlock, GatewayId, NatGatewayId, State string }
	}
	VpnGateways    []struct{ VpcAttachments []struct{ VpcId string } }
	VpnConnections []struct{ VgwTelemetry []struct{ Status string } }
	Vifs           []struct{} `json:"virtualInterfaces"`

	entries map[string][]string // of prefix lists
}

type aclRule struct {
	RuleNumber                                     int
	Egress                                         bool
	Protocol, RuleAction, CidrBlock, Ipv6CidrBlock string
	PortRange                                      *struct{ From, To int }
}

type groupRule struct {
	IpProtocol       string
	FromPort, ToPort *int
	IpRanges         []struct{ CidrIp string }
	Ipv6Ranges       []struct{ CidrIpv6 string }
	PrefixListIds    []struct{ PrefixListId string }
	UserIdGroupPairs []struct{ GroupId string }
}

func (w *world) translate() (x translation, err error) {
	x.entries = make(map[string][]string)
	for name, file := range w.files {
		b, err := json.Marshal(file)
		if err != nil {
			return x, err
		}
		if list, of := strings.CutPrefix(strings.TrimSuffix(name, ".json"), "entries_"); of {
			var y struct{ Entries []struct{ Cidr string } }
			if err := json.Unmarshal(b, &y); err != nil {
				return x, err
			}
			for _, e := range y.Entries {
				x.entries[list] = append(x.entries[list], e.Cidr)
			}
			continue
		}
		if name == "older.json" {
			continue // another version of an object
		}
		if err := json.Unmarshal(b, &x); err != nil {
			return x, err
		}
	}
	return x, nil
}

// tableOf is the number of the namespace's routing table for the i-th address of logs.
func tableOf(i int) int { return 101 + i }

func family(six bool) (option, saddr, daddr string) {
	if six {
		return "-6", "ip6 saddr", "ip6 daddr"
	}
	return "-4", "ip saddr", "ip daddr"
}

// setUp gives each address of logs its own routing table.
func (b *bench) setUp() error {
	var commands []string
	for _, six := range []bool{false, true} {
		of, _, _ := family(six)
		for i, a := range newWorld(six).logs {
			commands = append(
				commands, fmt.Sprintf("%s route add blackhole default table %d", of, tableOf(i)),
				fmt.Sprintf("%s rule add from %s lookup %d prio %d", of, a.Addr(), tableOf(i), tableOf(i)),
			)
		}
	}
	return b.pair.Configure(commands, "")
}

// apply makes the network of the world.
func (b *bench) apply(w *world) error {
	x, err := w.translate()
	if err != nil {
		return err
	}
	of, _, _ := family(w.world6)
	var commands, gone, in, group, out []string
	for i, a := range w.logs {
		addr, subnet := a.Addr().String(), []string{"subnet-a", "subnet-b"}[i]
		commands = append(commands, fmt.Sprintf("%s route flush table %d", of, tableOf(i)))
		commands = append(commands, x.routes(subnet, tableOf(i), w.world6)...)
		gone = append(gone, x.gone(addr, w.world6)...)
		in = append(in, x.acl(addr, subnet, false, w.world6)...)
		out = append(out, x.acl(addr, subnet, true, w.world6)...)
		group = append(group, x.group(addr, w.world6)...)
	}
	chain := func(name, hook string, priority int, rules []string) string {
		return fmt.Sprintf("chain %s {\ntype filter hook %s priority %d; policy accept;\n%s\n}\n", name, hook, priority, strings.Join(rules, "\n"))
	}
	// What accepts in one chain goes on to the next one.
	return b.pair.Configure(commands, "add table inet account\ndelete table inet account\ntable inet account {\n"+
		chain("gone", "input", 0, gone)+chain("acl_in", "input", 10, in)+chain("group", "input", 20, group)+chain("acl_out", "output", 0, out)+"}\n")
}

// routes are the way back: what a route leads to carries packets over the link, or drops them.
func (x *translation) routes(subnet string, table int, six bool) []string {
	of, _, _ := family(six)
	via := netns.ViaClient
	if six {
		via = netns.ViaClient6
	}
	out := []string{fmt.Sprintf("%s route add blackhole default metric 4000 table %d", of, table)}
	n := -1
	for _, main := range []bool{true, false} {
		for i, t := range x.RouteTables {
			for _, a := range t.Associations {
				if main && a.Main || !main && a.SubnetId == subnet {
					n = i
				}
			}
		}
	}
	if n < 0 || x.RouteTables[n].Routes == nil {
		return append(out, fmt.Sprintf("%s route add default via %s metric 10 table %d", of, via, table))
	}
	for _, r := range x.RouteTables[n].Routes {
		to := r.DestinationCidrBlock + r.DestinationIpv6CidrBlock
		if to == "" || r.GatewayId == "local" {
			continue // by a prefix list; or within the VPC, where the client isn't
		}
		if r.State == "blackhole" || r.NatGatewayId != "" || strings.HasPrefix(r.GatewayId, "igw-") || strings.HasPrefix(r.GatewayId, "vgw-") && !x.up() {
			out = append(out, fmt.Sprintf("%s route add blackhole %s metric 20 table %d", of, to, table))
			continue
		}
		out = append(out, fmt.Sprintf("%s route add %s via %s metric 10 table %d", of, to, via, table))
	}
	return out
}

// up reports whether the virtual private gateway carries packets.
func (x *translation) up() bool {
	if len(x.VpnGateways) > 0 && len(x.VpnGateways[0].VpcAttachments) == 0 {
		return false
	}
	if len(x.Vifs) > 0 || len(x.VpnConnections) == 0 {
		return true
	}
	for _, t := range x.VpnConnections[0].VgwTelemetry {
		if t.Status == "UP" {
			return true
		}
	}
	return false
}

// gone drops packets to an address that no interface has, or whose endpoint isn't available.
func (x *translation) gone(addr string, six bool) []string {
	_, _, daddr := family(six)
	if x.NetworkInterfaces == nil {
		return nil
	}
	n := x.owner(addr)
	if n < 0 {
		return []string{daddr + " " + addr + " drop"}
	}
	for _, e := range x.VpcEndpoints {
		if slices.Contains(e.NetworkInterfaceIds, x.NetworkInterfaces[n].NetworkInterfaceId) && e.State == "rejected" {
			return []string{daddr + " " + addr + " drop"}
		}
	}
	return nil
}

func (x *translation) owner(addr string) int {
	for i, n := range x.NetworkInterfaces {
		if n.PrivateIpAddress == addr || len(n.Ipv6Addresses) > 0 && n.Ipv6Addresses[0].Ipv6Address == addr {
			return i
		}
	}
	return -1
}

// acl are the rules of a subnet's network ACL. They don't know of connections.
func (x *translation) acl(addr, subnet string, egress, six bool) (out []string) {
	_, saddr, daddr := family(six)
	own, peer := daddr, saddr
	if egress {
		own, peer = saddr, daddr
	}
	for _, a := range x.NetworkAcls {
		here := false
		for _, s := range a.Associations {
			here = here || s.SubnetId == subnet
		}
		if !here || a.Entries == nil {
			continue
		}
		slices.SortStableFunc(a.Entries, func(p, q aclRule) int { return p.RuleNumber - q.RuleNumber })
		for _, e := range a.Entries {
			cidr := e.CidrBlock
			if six {
				cidr = e.Ipv6CidrBlock
			}
			if e.Egress != egress || cidr == "" || e.Protocol != "6" && e.Protocol != "-1" {
				continue
			}
			rule := own + " " + addr + " " + peer + " " + cidr
			if e.PortRange != nil && e.Protocol == "6" {
				rule += fmt.Sprintf(" tcp dport %d-%d", e.PortRange.From, e.PortRange.To)
			}
			out = append(out, rule+map[bool]string{true: " accept", false: " drop"}[e.RuleAction == "allow"])
		}
		return append(out, own+" "+addr+" drop")
	}
	return nil
}

// group are the rules of all groups of an interface. They admit what belongs to a connection.
func (x *translation) group(addr string, six bool) []string {
	_, saddr, daddr := family(six)
	n := x.owner(addr)
	if n < 0 {
		return nil
	}
	out := []string{daddr + " " + addr + " ct state established accept"}
	for _, id := range x.NetworkInterfaces[n].Groups {
		known := false
		for _, g := range x.SecurityGroups {
			if g.GroupId != id.GroupId || g.IpPermissions == nil {
				continue
			}
			known = true
			for _, p := range g.IpPermissions {
				ports := ""
				switch {
				case p.IpProtocol == "-1":
				case p.IpProtocol != "tcp" && p.IpProtocol != "6":
					continue
				case p.FromPort != nil && p.ToPort != nil:
					ports = fmt.Sprintf(" tcp dport %d-%d", *p.FromPort, *p.ToPort)
				}
				for _, from := range x.sources(p, six) {
					out = append(out, daddr+" "+addr+" "+saddr+" "+from+ports+" accept")
				}
			}
		}
		if !known {
			return nil // what isn't in the files may admit
		}
	}
	return append(out, daddr+" "+addr+" drop")
}

// sources are the addresses that a rule admits.
func (x *translation) sources(p groupRule, six bool) (out []string) {
	var all []string
	for _, r := range p.IpRanges {
		all = append(all, r.CidrIp)
	}
	for _, r := range p.Ipv6Ranges {
		all = append(all, r.CidrIpv6)
	}
	for _, r := range p.PrefixListIds {
		if x.entries[r.PrefixListId] == nil {
			all = append(all, "0.0.0.0/0", "::/0")
		}
		all = append(all, x.entries[r.PrefixListId]...)
	}
	for _, r := range p.UserIdGroupPairs {
		for _, n := range x.NetworkInterfaces {
			if len(n.Groups) > 0 && n.Groups[0].GroupId == r.GroupId {
				all = append(all, n.PrivateIpAddress)
				for _, a := range n.Ipv6Addresses {
					all = append(all, a.Ipv6Address)
				}
			}
		}
	}
	for _, s := range all {
		if strings.Contains(s, ":") == six && strings.ContainsAny(s, ".:") {
			out = append(out, s)
		}
	}
	return out
}
