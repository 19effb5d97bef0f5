package account

import (
	"strings"
	"testing"

	"detour/internal/flow"
)

// What responded at an address whose interface the files may lack must be explained, too.
func TestProve_aResponseOfAnInterfaceThatIsMissingBlocksAProof(t *testing.T) {
	without := func(w *world) { // eni-2
		ns := w.files[fInterfaces]["NetworkInterfaces"].(l)
		w.files[fInterfaces]["NetworkInterfaces"] = append(l{ns[0]}, ns[2:]...)
	}
	for _, x := range []struct {
		name    string
		change  func(w *world)
		verdict flow.ProofVerdict
		need    string
	}{
		{"the interface is on another page", func(w *world) {
			without(w)
			w.object(fEndpoints, "vpce-logs")["NetworkInterfaceIds"] = l{"eni-1"}
			w.files[fInterfaces]["NextToken"] = "abc"
		}, flow.Unknown, "describe-network-interfaces"},
		{"the endpoint has an interface that the files haven't", without, flow.Unknown, "--network-interface-ids eni-2"},
		{"no file may lack it", func(w *world) {
			without(w)
			w.object(fEndpoints, "vpce-logs")["NetworkInterfaceIds"] = l{"eni-1"}
		}, flow.Proven, ""},
	} {
		for _, world6 := range []bool{false, true} {
			w := newWorld(world6)
			vpcAlone(w)
			x.change(w)
			flows := []*flow.Flow{w.call(2, "logs", w.logs[:1], flow.DialTimeout), w.call(3, "logs", w.logs[1:], flow.DialConnected)}
			p := w.prove(t, flows)
			if p.Verdict != x.verdict || !strings.Contains(strings.Join(p.Needs, "\n"), x.need) || (p.Cause != nil) != (x.verdict == flow.Proven) {
				t.Errorf("%s, IPv6 %t: %s, needs %q: %s", x.name, world6, p.Verdict, p.Needs, p.Says)
			}
		}
	}
}

// A name with an Availability Zone leads to the interface in that zone.
func TestProve_aZonalNameIsOfItsZone(t *testing.T) {
	for zone, want := range map[string]flow.ProofVerdict{"eu-central-1a": flow.Proven, "eu-central-1b": flow.Unknown} {
		w := newWorld(false)
		vpcAlone(w)
		host := "vpce-logs-0abc-" + zone + ".logs.eu-central-1.vpce.amazonaws.com"
		e := w.object(fEndpoints, "vpce-logs")
		e["DnsEntries"] = append(e["DnsEntries"].(l), m{"DnsName": host})
		f := w.call(2, "logs", w.logs[:1], flow.DialTimeout)
		f.Request.URL = "https://" + host + "/"
		if p := w.prove(t, []*flow.Flow{f}); p.Verdict != want {
			t.Errorf("%s: %s, want %s: %s", zone, p.Verdict, want, p.Says)
		}
	}
}

// If an interface of the host's endpoint isn't in the files, it may have the address.
func TestProve_namesTheInterfaceThatIsMissing(t *testing.T) {
	w := newWorld(false)
	w.files[fInterfaces]["NetworkInterfaces"] = w.files[fInterfaces]["NetworkInterfaces"].(l)[2:]
	p := w.prove(t, w.broken()[1:])
	if p.Verdict != flow.Unknown || !strings.Contains(strings.Join(p.Needs, "\n"), "--network-interface-ids eni-1") ||
		!strings.Contains(lines(p), "eni-1 of an endpoint for logs") {
		t.Errorf("%s, needs %q\n%s", p.Verdict, p.Needs, lines(p))
	}
}

// A VPN that is down, in a folder without any file of Direct Connect, is proven with that reservation.
func TestProve_aVPNThatIsDownSaysWhatMayCarryTheRoute(t *testing.T) {
	for _, vifs := range []bool{false, true} {
		w := newWorld(false)
		vpnDown(w)
		if vifs {
			w.files[fVIFs] = m{"virtualInterfaces": l{}}
		}
		p := w.prove(t, w.broken()[1:])
		said := strings.Join(p.Caveats, "\n")
		if p.Verdict != flow.Proven || !strings.Contains(p.Says, "Direct Connect") || !strings.Contains(said, "Direct Connect") {
			t.Errorf("with a file %t: %s: %q", vifs, p.Says, p.Caveats)
		}
	}
}
