package account

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"detour/internal/account/change"
	"detour/internal/flow"
	"detour/internal/fulltest"
)

// within is a random address of a prefix.
func within(r *rand.Rand, p netip.Prefix) netip.Addr {
	b := p.Masked().Addr().AsSlice()
	for i := p.Bits(); i < len(b)*8; i++ {
		if r.IntN(2) == 0 {
			b[i/8] |= 0x80 >> (i % 8)
		}
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}

// reached are the outcomes of a question, by the endpoint and its address.
func reached(c *Config, clients netip.Prefix) map[string][]Reach {
	out := make(map[string][]Reach)
	all, _ := c.Reach(Question{Clients: clients})
	for _, r := range all {
		if !r.Address.IsValid() {
			continue // its interface isn't in the files
		}
		to := r.Endpoint + " " + r.Address.String()
		out[to] = append(out[to], r)
	}
	return out
}

// TestReach_ofARangeIsThatOfEachAddress compares ranges of random accounts with single clients, and
// the parts with the range.
func TestReach_ofARangeIsThatOfEachAddress(t *testing.T) {
	outcomes := make(map[flow.ProofVerdict]int)
	for seed := range fulltest.Or[uint64](10, 30) {
		o := newOracle(seed)
		c := o.read(t, seed%3 == 0, o.r)
		for _, clients := range []netip.Prefix{
			o.prefix("172.16.0.0/12", "fd22::/16"), o.prefix("10.0.0.0/8", "fdc4::/16"), o.prefix("0.0.0.0/0", "::/0"), o.source(),
		} {
			whole := reached(c, clients)
			for to, all := range whole {
				for i, r := range all {
					for j, p := range r.Clients {
						if !clients.Contains(p.Addr()) || slices.ContainsFunc(all[i+1:], func(x Reach) bool {
							return slices.ContainsFunc(x.Clients, p.Overlaps)
						}) || slices.ContainsFunc(r.Clients[j+1:], p.Overlaps) {
							t.Fatalf("world %d: %s to %s is in two parts, or not in %s: %+v", seed, p, to, clients, all)
						}
					}
				}
				for range 8 {
					a := within(o.r, clients)
					if o.r.IntN(2) == 0 && clients.Contains(o.client) {
						a = o.client
					}
					i := slices.IndexFunc(all, func(x Reach) bool {
						return slices.ContainsFunc(x.Clients, func(p netip.Prefix) bool { return p.Contains(a) })
					})
					if i < 0 {
						t.Fatalf("world %d: no part of %s has %s", seed, clients, a)
					}
					one := reached(c, host(a))[to]
					got, want := all[i].Proof, one[0].Proof
					if len(one) != 1 || got.Verdict != want.Verdict || got.Cause != nil && (got.Cause.Check != want.Cause.Check || got.Cause.Object != want.Cause.Object) {
						t.Fatalf("world %d: %s from %s to %s: %s %+v, and alone %s %+v", seed, a, clients, to, got.Verdict, got.Cause, want.Verdict, want.Cause)
					}
					outcomes[got.Verdict]++
				}
			}
		}
	}
	for _, v := range []flow.ProofVerdict{flow.Proven, flow.Admitted, flow.Unknown} {
		if outcomes[v] == 0 {
			t.Errorf("no outcome is %s: %v", v, outcomes)
		}
	}
	t.Log(outcomes)
}

func TestReach_theFixIsForTheRange(t *testing.T) {
	for _, world6 := range []bool{false, true} {
		w := vpcOnly(world6)
		clients := netip.MustParsePrefix(w.pick("172.22.0.0/16", "fd22:40:7::/48"))
		all, _ := w.config(t).Reach(Question{Clients: clients})
		first := all[slices.IndexFunc(all, func(r Reach) bool { return r.Proof.Verdict == flow.Proven })]
		f := first.Proof.Fix
		if !slices.Equal(first.Clients, []netip.Prefix{clients}) || f == nil || len(f.CLI) != 1 || !strings.Contains(f.CLI[0], clients.String()) ||
			!strings.HasSuffix(f.Sentence, "from "+clients.String()+".") || !strings.HasSuffix(first.Proof.Cause.Says, "the client is "+clients.String()) {
			t.Errorf("%v: %+v, %+v", first.Clients, first.Proof.Cause, f)
		}
	}
}

// A part of the clients is admitted: the other one is named by its largest ranges.
func TestReach_namesThePartThatIsNotAdmitted(t *testing.T) {
	w := newWorld(false)
	w.object(fGroups, "sg-a")["IpPermissions"] = l{w.permission("tcp", 443, 443, w.source("172.22.40.0/24"))}
	all, _ := w.config(t).Reach(Question{Clients: netip.MustParsePrefix("172.22.40.0/22")})
	for _, r := range all {
		if r.Endpoint != "vpce-logs" {
			continue
		}
		got := strings.Join(change.ClientNames(r.Clients), " ")
		switch f := r.Proof.Fix; {
		case r.Proof.Verdict == flow.Admitted && got != "172.22.40.0/24", r.Proof.Verdict == flow.Proven && got != "172.22.41.0/24 172.22.42.0/23":
			t.Errorf("%s for %s", r.Proof.Verdict, got)
		case r.Proof.Verdict == flow.Proven && (f == nil || f.Narrow != 2 || !strings.HasSuffix(f.Sentence, "from 172.22.41.0/24, 172.22.42.0/23.")):
			t.Errorf("the fix is %+v", f)
		}
	}
	all, _ = w.config(t).Reach(Question{Clients: netip.MustParsePrefix("0.0.0.0/0")})
	for _, r := range all {
		if r.Proof.Fix != nil {
			t.Errorf("a fix lets everyone in: %+v", r.Proof.Fix)
		}
	}
}

// What isn't in the files isn't what responds.
func TestReach_anInterfaceThatIsMissingIsNotKnown(t *testing.T) {
	w := newWorld(false)
	w.files[fInterfaces]["NetworkInterfaces"] = l{}
	all, _ := w.config(t).Reach(Question{Clients: netip.MustParsePrefix("172.22.40.17/32")})
	for _, r := range all {
		if r.Proof.Verdict != flow.Unknown || len(r.Proof.Needs) != 1 || !strings.Contains(r.Proof.Needs[0], "describe-network-interfaces") {
			t.Errorf("%s: %+v", r.Endpoint, r.Proof)
		}
	}
	if len(all) != 4 {
		t.Errorf("%d outcomes, want one for each interface", len(all))
	}
}
