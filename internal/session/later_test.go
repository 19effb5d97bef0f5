package session

import (
	"context"
	"encoding/json"
	"net"
	"net/netip"
	"reflect"
	"testing"

	"detour/internal/dial"
	"detour/internal/flow"
	"detour/internal/intake"
	"detour/internal/resolve"
)

// A run that ends while a loser is tried alone still says how long that took, in its records
// and its file, and changes nothing else of the flow.
func TestSession_whatIsKnownOfALoserAtTheEndIsWritten(t *testing.T) {
	port, roots := denying(t)
	cfg := config(t, roots)
	dead := netip.MustParseAddr("10.0.1.9")
	cfg.Network.Resolver = resolve.New(resolve.Config{Map: map[string][]netip.Addr{host: {dead, netip.MustParseAddr("127.0.0.1")}}})
	cfg.Network.ProbeLosers = true
	cfg.Network.Connect = func(ctx context.Context, a netip.AddrPort, _ dial.Observe) (net.Conn, error) {
		if a.Addr() == dead {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		return (&net.Dialer{}).DialContext(ctx, "tcp", a.String())
	}
	s, records := recordsOfACall(t, cfg, port)
	var last flow.Record
	for n, dec := 0, json.NewDecoder(records); dec.More(); n++ {
		var r flow.Record
		if err := dec.Decode(&r); err != nil || !r.Final {
			t.Fatalf("%+v: %v", r, err)
		}
		if n > 0 && (!reflect.DeepEqual(r.Connection, last.Connection) || r.Timings != last.Timings || r.Rev <= last.Rev) {
			t.Errorf("revision %d is\n%+v\nafter\n%+v", r.Rev, r.Connection, last.Connection)
		}
		last = r
	}
	check := func(where string, attempt flow.DialOutcome, later []flow.Later) {
		if attempt != flow.DialLost || len(later) != 1 || later[0].Outcome != flow.DialCanceled || later[0].Took <= 0 || later[0].Addr.Addr() != dead {
			t.Errorf("%s: the attempt is %s, later %+v", where, attempt, later)
		}
	}
	check("the record", last.Connection.Attempts[0].Outcome, last.Flow().Later)
	got, err := intake.Reader{Tables: cfg.Tables, Whole: true}.Read(t.Context(), s.CapturePath())
	if err != nil || len(got.Flows) != 1 {
		t.Fatalf("%+v, %v", got, err)
	}
	check("the file", got.Flows[0].Conn.Attempts[0].Outcome, got.Flows[0].Later)
}
