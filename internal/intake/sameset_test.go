package intake

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"detour/internal/capture/disk"
	"detour/internal/filter"
	"detour/internal/flow"
	"detour/internal/fulltest"
)

// filters are of every kind: pushed down to the database or not, of facts that many flows
// don't have, negated, of findings.
var filters = []string{
	"", "status>=400", "status:200", "-status:200", "status!=200", "status:4xx", "status<500", "failure:dial", "-failure:dial", "origin:direct",
	"host:logs", "-host:logs", "host:logs status:200", "host:logs or status:403", "code:denied", "code!=AccessDenied", "note:look", "-note:look",
	"is:pending", "-is:pending", "is:failed", "is:marked", "is:finding", "-is:finding", "is:tunnel", "tcp:pending", "tcp:connecting", "dns:ok", "tls:ok",
	"total>3s", "total>10s", "syns>5", "finding:connect-timeout", "finding:unreachable", "-finding:unreachable", "timeout", "method:post", "look",
}

// randomFlows are flows of a run that was killed: pending ones, good ones, failed ones and
// tunnels, with and without marks and notes.
func randomFlows(r *rand.Rand, began time.Time) (all []*flow.Flow) {
	for id := range flow.ID(1 + r.IntN(40)) {
		host := []string{"logs.eu-central-1.amazonaws.com", "monitoring.eu-central-1.amazonaws.com", "www.example.com"}[r.IntN(3)]
		at := began.Add(time.Duration(r.IntN(20_000)) * time.Millisecond)
		addr := netip.AddrPortFrom(netip.MustParseAddr([]string{"10.0.1.9", "203.0.113.9"}[r.IntN(2)]), 443)
		x := &flow.Flow{
			ID: id + 1, Rev: 1, Source: flow.SourceProxy, State: flow.StateDone, Origin: flow.OriginDirect, Times: flow.Times{Start: at},
			Request: flow.Request{Method: []string{"GET", "POST"}[r.IntN(2)], URL: "https://" + host + "/"},
			Conn: &flow.Conn{
				ID: id + 1, Authority: host + ":443", Start: at, Resolution: &flow.Resolution{Name: host, Outcome: flow.DNSOK, Addrs: []netip.Addr{addr.Addr()}, Start: at},
				Attempts: []flow.DialAttempt{{Addr: addr, Outcome: flow.DialConnected, Start: at, Took: time.Millisecond}},
			},
			Marked: r.IntN(9) == 0, Note: []string{"", "", "", "look at this"}[r.IntN(4)],
		}
		if host == "www.example.com" {
			x.Origin = flow.OriginOther
		}
		x.Times.Done = at.Add(time.Duration(r.IntN(6000)) * time.Millisecond)
		switch r.IntN(6) {
		case 0: // it connects
			x.State, x.Times.Done = flow.StateConnecting, time.Time{}
			x.Conn.Attempts[0] = flow.DialAttempt{Addr: addr, Outcome: flow.DialPending, Start: at, Kernel: &flow.KernelTCP{SYNRetransmits: r.IntN(8)}}
		case 1: // it waits
			x.State, x.Times.Done = flow.StateWaiting, time.Time{}
			x.Times.GotConn, x.Times.WroteRequest = at, at
		case 2:
			x.Failure = &flow.Failure{Stage: flow.StageDial, Message: "timeout"}
			x.Conn.Attempts[0].Outcome, x.Conn.Attempts[0].Took = flow.DialTimeout, x.Times.Done.Sub(at)
		case 3: // neither a status nor a failure
			x.Request.Method = "CONNECT"
			x.Tunnel = &flow.Tunnel{Sent: 10, Received: 20}
		case 4:
			x.Response = &flow.Response{Status: []int{200, 204, 302}[r.IntN(3)]}
		case 5:
			x.Response = &flow.Response{Status: 403}
			x.AWS = &flow.AWS{Service: "logs", Operation: "DescribeLogGroups", Error: &flow.AWSError{Code: "AccessDenied"}}
		}
		all = append(all, x)
	}
	return all
}

func ids(flows []*flow.Flow) (out []flow.ID) {
	for _, f := range flows {
		out = append(out, f.ID)
	}
	return out
}

// TestRead_everyCommandReadsTheSameFlows: what a filter selects while a file is read is what it
// selects of the flows that were read without it, with and without bodies, a maximum and marks,
// and whether flows in progress are ended or not.
func TestRead_everyCommandReadsTheSameFlows(t *testing.T) {
	tables := load(t)
	dir := t.TempDir()
	for seed := range fulltest.Or[uint64](1, 5) {
		r := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // a test's
		began := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
		flows := randomFlows(r, began)
		path := filepath.Join(dir, fmt.Sprintf("%d.detour", seed))
		f, err := disk.Create(path, disk.Header{})
		if err != nil {
			t.Fatal(err)
		}
		written := began.Add(40 * time.Second)
		if err := f.Write(disk.Batch{At: written, Flows: flows}); err != nil {
			t.Fatal(err)
		}
		whole, err := Reader{Tables: tables, Whole: true, Pending: true}.Read(t.Context(), path) // what the table shows
		if err != nil || !slices.Equal(ids(whole.Flows), ids(flows)) || !whole.Last.Equal(written) {
			t.Fatalf("seed %d: flows %v of %v at %v: %v", seed, ids(whole.Flows), ids(flows), whole.Last, err)
		}
		for i, text := range filters {
			keep, err := filter.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			both := []bool{i%2 == 0, i%2 != 0}
			for _, marked := range both[:fulltest.Or(1, 2)] {
				var want []flow.ID
				for _, x := range whole.Flows {
					if keep.Match(x, whole.Last) && (!marked || x.Marked) {
						want = append(want, x.ID)
					}
				}
				for name, reader := range map[string]Reader{
					"export": {Whole: true}, "diagnose": {Max: 100}, "open": {Whole: true, Max: 100, Pending: true}, "a maximum": {Max: max(1, len(want))},
				} {
					if name == "a maximum" && (keep.Judged() || keep.ListsFindings()) {
						continue // findings are those of what is read
					}
					reader.Tables, reader.Keep, reader.Marked = tables, keep, marked
					got, err := reader.Read(t.Context(), path)
					if err != nil || !slices.Equal(ids(got.Flows), want) || got.Selected != len(want) {
						t.Fatalf("seed %d, %s of %q, marked %v: got %v (%d), want %v: %v", seed, name, text, marked, ids(got.Flows), got.Selected, want, err)
					}
				}
			}
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestRead_aFlowOfAKilledRunWasInProgressUntilTheLastWrite: not until its own last revision,
// and not until today. The problem that the run showed is still one.
func TestRead_aFlowOfAKilledRunWasInProgressUntilTheLastWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.detour")
	f, err := disk.Create(path, disk.Header{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	at, addr := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC), netip.MustParseAddrPort("203.0.113.9:443")
	const host = "monitoring.eu-central-1.amazonaws.com"
	x := &flow.Flow{
		ID: 1, Rev: 1, Source: flow.SourceProxy, State: flow.StateConnecting, Times: flow.Times{Start: at},
		Request: flow.Request{Method: "POST", URL: "https://" + host + "/"}, Origin: flow.OriginDirect,
		Conn: &flow.Conn{
			ID: 1, Authority: host + ":443", Start: at, Resolution: &flow.Resolution{Name: host, Outcome: flow.DNSOK, Addrs: []netip.Addr{addr.Addr()}, Start: at, Took: 1},
			Attempts: []flow.DialAttempt{{Addr: addr, Outcome: flow.DialPending, Start: at, Kernel: &flow.KernelTCP{SYNRetransmits: 7}}},
		},
	}
	for _, b := range []disk.Batch{{At: at, Flows: []*flow.Flow{x}}, {At: at.Add(15 * time.Second)}} {
		if err := f.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	for _, pending := range []bool{false, true} {
		got, err := Reader{Tables: load(t), Pending: pending}.Read(t.Context(), path)
		if err != nil || len(got.Flows) != 1 {
			t.Fatal(got, err)
		}
		if x := got.Flows[0]; x.Elapsed(got.Last) != 15*time.Second || x.Final() == pending {
			t.Errorf("final %v after %v", x.Final(), x.Elapsed(got.Last))
		}
		if fs := got.Findings; len(fs) == 0 || fs[0].Level != flow.LevelProblem || !fs[0].Provisional {
			t.Errorf("findings %+v", fs)
		}
	}
}
