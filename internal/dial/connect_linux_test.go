package dial

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"detour/internal/flow"
)

// inNamespace is set in the process that has its own network namespace.
const inNamespace = "DETOUR_TEST_INSIDE"

// ownNamespace reruns this test in a process with its own network namespace, and
// returns true in that process.
func ownNamespace(t *testing.T, prepare string) bool {
	t.Helper()
	if os.Getenv(inNamespace) != "" {
		return true
	}
	if os.Geteuid() != 0 {
		t.Skip("a network namespace needs root")
	}
	if _, err := exec.LookPath("nft"); err != nil {
		t.Skip("needs nft (Debian: nftables)")
	}
	try := exec.CommandContext(t.Context(), "unshare", "--net", "ip", "link", "set", "lo", "up")
	if out, err := try.CombinedOutput(); err != nil {
		t.Skipf("no network namespaces here: %v: %s", err, out)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	script := prepare + `exec "$0" -test.run="^$1$" -test.count=1 -test.v`
	cmd := exec.CommandContext(ctx, "unshare", "--net", "sh", "-ec", script, self, t.Name())
	cmd.Env = append(os.Environ(), inNamespace+"=1")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("%v\n%s", err, out)
	}
	return false
}

// hostile sets up the test's network: one address for each way to fail.
const hostile = `
ip link set lo up
ip route add prohibit 192.0.2.1
ip route add unreachable 192.0.2.2
echo 1 >/proc/sys/net/ipv4/tcp_syn_retries
nft -f - <<end
table inet t {
	chain in {
		type filter hook input priority 0
		ip daddr 127.0.0.2 drop
		ip daddr 127.0.0.3 reject with icmpx type admin-prohibited
		ip daddr 127.0.0.4 reject with icmp type host-unreachable
		ip daddr 127.0.0.5 tcp dport 443 tcp flags syn / syn,ack reject with tcp reset
	}
	chain out {
		type filter hook output priority 0
		ip daddr 127.0.0.6 drop
	}
	chain slow {
		type filter hook input priority 1
		ip daddr 127.0.0.8 tcp flags syn / syn,ack limit rate over 1/minute burst 1 packets accept
		ip daddr 127.0.0.8 tcp flags syn / syn,ack drop
	}
}
end
`

func TestDial_recordsWhatTheKernelReportsOfDrops(t *testing.T) {
	if !ownNamespace(t, hostile) {
		return
	}
	l, err := net.Listen("tcp", "127.0.0.8:443")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	for name, tc := range map[string]struct {
		addr    string
		timeout time.Duration
		want    flow.DialOutcome
		err     string
		local   string // prefix of the local address; "": not checked
		syns    int    // retransmitted, at least
	}{
		"dropped, our timeout":          {"127.0.0.2", 1500 * ms, flow.DialTimeout, "no response within 1.5 s", "127.0.0.1:", 1},
		"dropped, a short timeout":      {"127.0.0.2", 2 * ms, flow.DialTimeout, "no response within 2.0 ms", "127.0.0.1:", 0},
		"dropped, the kernel's timeout": {"127.0.0.2", 0, flow.DialTimeout, "(the operating system gave up)", "127.0.0.1:", 1},
		"prohibited by a firewall":      {"127.0.0.3", 0, flow.DialUnreachable, "no route to host (", "", 0}, // ICMP 3/13
		"host unreachable":              {"127.0.0.4", 0, flow.DialUnreachable, "no route to host", "", 0},
		"rejected":                      {"127.0.0.5", 0, flow.DialRefused, "connection refused", "", 0},
		"dropped on this machine":       {"127.0.0.6", 300 * ms, flow.DialTimeout, "no response within 300 ms", "127.0.0.1:", 0},
		"no listener":                   {"127.0.0.7", 0, flow.DialRefused, "connection refused", "", 0},
		"the first SYN is lost":         {"127.0.0.8", 0, flow.DialConnected, "", "127.0.0.1:", 1},
		"a prohibit route":              {"192.0.2.1", 0, flow.DialUnreachable, "(prohibited by", "", 0},
		"an unreachable route":          {"192.0.2.2", 0, flow.DialUnreachable, "no route to host", "", 0},
		"no route":                      {"192.0.2.9", 0, flow.DialUnreachable, "network is unreachable", "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := New(Config{Timeout: tc.timeout, Resolver: addrs{tc.addr}})
			var a flow.DialAttempt
			for end := time.Now().Add(time.Minute); ; {
				c, err := d.Dial(t.Context(), Request{Authority: authority})
				var de *Error
				switch {
				case err == nil:
					defer c.Close()
					a = InfoOf(c).Attempts[0]
				case errors.As(err, &de):
					a = de.Info.Attempts[0]
				}
				// On a busy machine, a short time may be over before there is a socket.
				if tc.timeout == 0 || a.Local.IsValid() || time.Now().After(end) {
					break
				}
			}
			if a.Outcome != tc.want || !strings.Contains(a.Err, tc.err) || (a.Err == "") != (tc.err == "") {
				t.Errorf("got %s %q, want %s %q", a.Outcome, a.Err, tc.want, tc.err)
			}
			if tc.local == "" {
				return
			}
			if !strings.HasPrefix(a.Local.String(), tc.local) || a.Local.Port() == 0 || a.Interface != "lo" {
				t.Errorf("from %v on %q, want %s* on lo", a.Local, a.Interface, tc.local)
			}
			if a.Kernel == nil || a.Kernel.SYNRetransmits < tc.syns {
				t.Errorf("kernel %+v, want %d SYNs retransmitted", a.Kernel, tc.syns)
			}
			if a.Outcome == flow.DialTimeout && (a.Kernel == nil || a.Kernel.State != "SYN-SENT" || a.Kernel.RTT != 0) {
				t.Errorf("kernel %+v of an unanswered SYN", a.Kernel)
			}
		})
	}
}

func TestConnectSystem_theConnectionOutlivesItsContext(t *testing.T) {
	_, port, _ := net.SplitHostPort(server(t, echo))
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	c, err := connectSystem(ctx, netip.MustParseAddrPort("127.0.0.1:"+port), func(netip.AddrPort, *flow.KernelTCP) {})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	cancel()
	if _, err := c.Write([]byte("x")); err != nil {
		t.Error(err)
	}
	if _, err := c.Read(make([]byte, 1)); err != nil {
		t.Error(err)
	}
}

func TestWatcher_observesNothingAfterEnd(t *testing.T) {
	_, port, _ := net.SplitHostPort(server(t, echo))
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", "127.0.0.1:"+port)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	raw, err := c.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) { // its timer would sample, too
		var seen []string
		w := &watcher{observe: func(local netip.AddrPort, k *flow.KernelTCP) {
			if k == nil || k.SYNRetransmits != 0 || k.State != "ESTABLISHED" || k.RTT <= 0 {
				t.Errorf("kernel %+v", k)
			}
			seen = append(seen, local.String())
		}}
		w.sample() // before there is a socket
		if err := w.control("", "", raw); err != nil {
			t.Fatal(err)
		}
		w.sample()
		w.end(true) // samples once more
		w.sample()
		w.tick()
		if len(seen) != 2 || seen[0] != c.LocalAddr().String() {
			t.Errorf("seen %v, want %v twice", seen, c.LocalAddr())
		}
	})
}
