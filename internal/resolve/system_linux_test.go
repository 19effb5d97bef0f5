package resolve

import (
	"context"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"detour/internal/flow"
)

// inside is set in the process that has namespaces of its own.
const inside = "DETOUR_TEST_INSIDE"

// alone runs this test again in a process with its own network and mounts, so
// that it may have a resolv.conf and a port 53; true in that process.
func alone(t *testing.T, prepare string) bool {
	t.Helper()
	if os.Getenv(inside) != "" {
		return true
	}
	if os.Geteuid() != 0 {
		t.Skip("namespaces need root")
	}
	if err := exec.CommandContext(t.Context(), "unshare", "--mount", "--net", "ip", "link", "set", "lo", "up").Run(); err != nil {
		t.Skipf("no namespaces here: %v", err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "unshare", "--mount", "--net", "sh", "-ec",
		"ip link set lo up; "+prepare+`; exec "$0" -test.run="^$1$" -test.count=1 -test.v`, self, t.Name())
	cmd.Env = append(os.Environ(), inside+"=1")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS") {
		t.Errorf("%v\n%s", err, out)
	}
	return false
}

func TestResolve_asksAsTheSystemIsConfigured(t *testing.T) {
	conf := filepath.Join(t.TempDir(), "resolv.conf")
	err := os.WriteFile(conf, []byte("nameserver 127.0.0.53\nnameserver 127.0.0.54\nsearch corp.example\noptions timeout:30\n"), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if !alone(t, "mount --bind "+conf+" /etc/resolv.conf") {
		return
	}
	refusing := nameserverAt(t, "127.0.0.53:53", func(w dns.ResponseWriter, q *dns.Msg) {
		code := dns.RcodeRefused
		if strings.HasSuffix(q.Question[0].Name, ".corp.example.") {
			code = dns.RcodeNameError
		}
		_ = w.WriteMsg(new(dns.Msg).SetRcode(q, code))
	})
	good := nameserverAt(t, "127.0.0.54:53", records(t, "known.example. 60 IN A 10.0.1.24", "alone.corp.example. 60 IN A 10.0.1.25"))
	asked := func(r *flow.Resolution) (names []string) {
		for _, q := range r.Queries {
			if q.Type == "A" {
				names = append(names, q.Name+" "+q.Server.Addr().String()+" "+q.RCode)
			}
		}
		return names
	}
	r := New(Config{})

	got := r.Resolve(t.Context(), "known.example")
	if got.Outcome != flow.DNSOK || got.Nameserver != good || got.Source != flow.SourceDNS {
		t.Errorf("the second nameserver isn't the source: %+v", got)
	}
	if d := cmp.Diff([]string{"known.example 127.0.0.53 REFUSED", "known.example 127.0.0.54 NOERROR"}, asked(got)); d != "" {
		t.Error(d)
	}

	got = r.Resolve(t.Context(), "refused.elsewhere.example") // the search list answers last, with NXDOMAIN
	if got.Outcome != flow.DNSNXDomain || got.Nameserver != good {
		t.Errorf("judged by %v as %s, want nxdomain by %v", got.Nameserver, got.Outcome, good)
	}
	if names := asked(got); len(names) != 3 || !strings.HasPrefix(names[2], "refused.elsewhere.example.corp.example ") {
		t.Errorf("the search list wasn't tried: %q", names)
	}
	if got = r.Resolve(t.Context(), "refused.elsewhere.example."); len(asked(got)) != 2 {
		t.Errorf("the final dot didn't keep the search list out: %q", asked(got))
	}

	if got = New(Config{Nameservers: []netip.AddrPort{refusing}}).Resolve(t.Context(), "name.example"); got.Outcome != flow.DNSRefused {
		t.Errorf("judged by what the search list made of the name: %+v", got)
	}

	got = r.Resolve(t.Context(), "alone")
	if got.Outcome != flow.DNSNXDomain { // its suffixed name was denied by the first server
		t.Errorf("got %+v", got)
	}
	got = New(Config{Nameservers: []netip.AddrPort{good}}).Resolve(t.Context(), "alone")
	if got.Outcome != flow.DNSOK || texts(got.Addrs)[0] != "10.0.1.25" || got.Name != "alone" || got.Queries[0].Name != "alone.corp.example" {
		t.Errorf("a name without dots: %+v", got)
	}
}
