package account

import (
	"math/rand/v2"
	"net/netip"
	"reflect"
	"slices"
	"testing"
	"time"

	"detour/internal/flow"
)

// revised is a later revision of a flow, with another outcome of its connects.
func revised(r *rand.Rand, f *flow.Flow) *flow.Flow {
	next := *f
	next.Rev++
	if f.Conn == nil {
		return &next
	}
	c := *f.Conn
	c.Attempts = slices.Clone(c.Attempts)
	for i := range c.Attempts {
		c.Attempts[i].Outcome = pick(r, flow.DialConnected, flow.DialTimeout, flow.DialRefused, flow.DialUnreachable, flow.DialPending)
	}
	next.Conn, next.Reused = &c, r.IntN(4) == 0
	return &next
}

// TestStudy_updatedIsAsFromScratch follows random runs: flows begin, change and are dropped.
func TestStudy_updatedIsAsFromScratch(t *testing.T) {
	verdicts := make(map[flow.ProofVerdict]int)
	for seed := range uint64(80) {
		o := newOracle(seed)
		c := o.read(t, seed%4 == 0, o.r)
		var all []*flow.Flow
		live := c.Study(nil, began, Client{})
		next := flow.ID(1)
		for round := range 12 {
			for _, f := range o.browse().flows {
				x := *f
				x.ID = next
				next++
				all = append(all, &x)
			}
			all = slices.DeleteFunc(all, func(*flow.Flow) bool { return o.r.IntN(6) == 0 })
			for i := range all {
				if o.r.IntN(5) == 0 {
					all[i] = revised(o.r, all[i])
				}
			}
			if o.r.IntN(8) == 0 {
				o.r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
			}
			now := began.Add(time.Duration(round) * 2 * time.Second)
			var found []flow.Finding
			for range 3 {
				f := flow.Finding{Code: "private-endpoint-unreachable", Level: flow.LevelProblem, Title: "a title"}
				for id := flow.ID(1); id < next; id++ {
					if o.r.IntN(2) == 0 {
						f.Flows = append(f.Flows, id) // also of flows that are gone
					}
				}
				found = append(found, f)
			}
			live.Update(slices.Clone(all), now)
			fresh := c.Study(all, now, Client{})
			got, want := live.Apply(found, same), fresh.Apply(found, same)
			if !reflect.DeepEqual(got, want) || !reflect.DeepEqual(live.Contradictions(), fresh.Contradictions()) {
				t.Fatalf("world %d, round %d:\n%+v\n%+v\nfrom scratch:\n%+v\n%+v", seed, round, got, live.Contradictions(), want, fresh.Contradictions())
			}
			if len(live.flows) != len(all) {
				t.Fatalf("world %d: %d flows are kept of %d", seed, len(live.flows), len(all))
			}
			for _, f := range want {
				if f.Proof != nil {
					verdicts[f.Proof.Verdict]++
				}
			}
		}
	}
	for _, v := range []flow.ProofVerdict{flow.Proven, flow.Admitted, flow.Unknown, flow.Contradiction} {
		if verdicts[v] == 0 {
			t.Errorf("nothing is %s: %v", v, verdicts)
		}
	}
	t.Log(verdicts)
}

// BenchmarkUpdate is a round of a run of 50,000 flows that responded and 200 that didn't: 10 are new.
func BenchmarkUpdate(b *testing.B) {
	w := vpcOnly(false)
	c := w.config(b)
	var flows []*flow.Flow
	f := finding()
	f.Flows = nil
	for i := range 50_200 {
		x := w.call(flow.ID(i+1), "ssm", w.ssm[:1], flow.DialConnected) //nolint:gosec // few
		if i < 200 {
			x = w.call(flow.ID(i+1), "logs", w.logs, flow.DialTimeout) //nolint:gosec // few
			f.Flows = append(f.Flows, x.ID)
		}
		for j := range x.Conn.Attempts {
			a := &x.Conn.Attempts[j]
			a.Local = netip.AddrPortFrom(a.Local.Addr(), uint16(32768+i%28000+j)) //nolint:gosec // a port
		}
		flows = append(flows, x)
	}
	newFlows := func(i int) {
		for j := range 10 {
			old := *flows[1000+(i*10+j)%49_000]
			old.ID += 50_200
			flows[1000+(i*10+j)%49_000] = &old
		}
	}
	b.Run("from scratch", func(b *testing.B) {
		for i := range b.N {
			newFlows(i)
			c.Study(flows, began, Client{}).Apply([]flow.Finding{f}, same)
		}
	})
	b.Run("updated", func(b *testing.B) {
		s := c.Study(flows, began, Client{})
		b.ResetTimer()
		for i := range b.N {
			newFlows(i)
			s.Update(flows, began)
			s.Apply([]flow.Finding{f}, same)
		}
	})
}

// Ports of one class are treated alike.
func TestStudy_portsOfAClassAreTreatedAlike(t *testing.T) {
	denied := 0
	for seed := range uint64(60) {
		o := newOracle(seed)
		c := o.read(t, seed%4 == 0, o.r)
		s := c.Study(nil, began, Client{})
		for _, f := range o.browse().flows {
			for range 20 {
				p := s.packet(f, f.Conn.Attempts[0].Addr, netip.AddrPortFrom(o.client, uint16(o.r.IntN(65536)))) //nolint:gosec // a port
				_, got := s.refutes(p)
				if want := c.answered(p).denied(); got != want {
					t.Fatalf("world %d: %+v: denied %t, want %t", seed, p, got, want)
				}
				if got {
					denied++
				}
			}
		}
	}
	if denied == 0 {
		t.Error("nothing is denied")
	}
}
