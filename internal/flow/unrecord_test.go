package flow

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var filledAt = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

// fill gives every field of what v points at a value that a capture may hold.
func fill(r *rand.Rand, v reflect.Value) {
	switch x := v.Addr().Interface().(type) {
	case *time.Time:
		*x = filledAt.Add(time.Duration(r.IntN(1e9)) * time.Microsecond)
		return
	case *time.Duration:
		*x = time.Duration(r.IntN(1e9)) * time.Microsecond
		return
	case *netip.Addr:
		*x = netip.AddrFrom4([4]byte{10, byte(r.Uint32()), byte(r.Uint32()), 1})
		return
	case *netip.AddrPort:
		*x = netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(r.Uint32())}), uint16(r.Uint32()))
		return
	case *[]byte:
		*x = []byte{"ab\xff"[r.IntN(3)], 'c'}
		return
	}
	switch v.Kind() { //nolint:exhaustive // the other kinds panic
	case reflect.String:
		v.SetString(string([]byte{'a' + byte(r.IntN(26)), 'a' + byte(r.IntN(26)), 'é' & 0x7f}))
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.Int, reflect.Int64:
		v.SetInt(r.Int64N(1 << 30))
	case reflect.Uint32, reflect.Uint64:
		v.SetUint(uint64(r.Uint32()))
	case reflect.Pointer:
		if r.IntN(4) > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(r, v.Elem())
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 0, 2))
		for range r.IntN(3) {
			e := reflect.New(v.Type().Elem()).Elem()
			if e.Kind() == reflect.Pointer {
				e.Set(reflect.New(e.Type().Elem()))
				fill(r, e.Elem())
			} else {
				fill(r, e)
			}
			v.Set(reflect.Append(v, e))
		}
		if v.Len() == 0 {
			v.SetZero()
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(r, v.Field(i))
		}
	default:
		panic("a kind of field that fill doesn't know: " + v.Type().String())
	}
}

// plain takes out what a record says in another way, or not at all.
func plain(f *Flow) {
	if f.State != StateDone {
		f.State = StateWaiting
	}
	if f.Conn == nil { // a record says these of the connection
		f.Reused, f.Tunnel = false, nil
	}
	if f.Phases != nil { // those of other flows follow from the instants
		f.Source = SourceHAR
	}
	conns := append([]*Conn{f.Conn}, f.Unused...)
	for _, c := range conns {
		if c == nil {
			continue
		}
		rs := []*Resolution{c.Resolution}
		if c.Via != nil {
			rs = append(rs, c.Via.Resolution)
		}
		for _, r := range rs {
			if r != nil { // one range an address, or none
				r.Ranges = nil
				for range r.Addrs {
					r.Ranges = append(r.Ranges, "EC2 us-east-1")
				}
			}
		}
	}
}

func TestRecord_holdsAllThatAFlowIs(t *testing.T) {
	for seed := range uint64(500) {
		var f Flow
		fill(rand.New(rand.NewPCG(seed, 1)), reflect.ValueOf(&f).Elem())
		plain(&f)
		b, err := json.Marshal(&f)
		if err != nil {
			t.Fatal(err)
		}
		var r Record
		if err := json.Unmarshal(b, &r); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(&f, r.Flow(), cmpopts.EquateComparable(netip.Addr{}, netip.AddrPort{}), cmpopts.EquateEmpty()); d != "" {
			t.Fatalf("seed %d, the flow and what its record says (-+):\n%s", seed, d)
		}
	}
}

func TestRecord_knowsThatAddressesAreOutsideAWS(t *testing.T) {
	public := []netip.Addr{netip.MustParseAddr("203.0.113.9")}
	for _, ranges := range [][]string{nil, {""}, {"EC2 us-east-1"}} {
		f := Flow{Conn: &Conn{Resolution: &Resolution{Outcome: DNSOK, Addrs: public, Ranges: ranges}}}
		r := f.Record()
		if got := r.Flow().Conn.Resolution; got.OutsideAWS() != f.Conn.Resolution.OutsideAWS() || (got.Ranges == nil) != (ranges == nil) {
			t.Errorf("%q is read back as %q", ranges, got.Ranges)
		}
	}
}

func FuzzRecord_Flow(f *testing.F) {
	f.Add([]byte(`{"v":1,"id":3,"started":"2026-11-24T10:00:00Z","moments_ms":{"done":1e300},"connection":{"started":"2026-11-24T10:00:00Z","attempts":[{"address":"x","at_ms":-5}],"tls":{"at_ms":1}}}`))
	f.Add([]byte(`{"v":1,"unused_connections":[null,{}],"connection":{"resolution":{"addresses":[{}],"each":[{}]}}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var r Record
		if json.Unmarshal(b, &r) != nil {
			return
		}
		x := r.Flow()
		if slices.Contains(x.Unused, nil) {
			t.Error("a connection that isn't there is listed")
		}
		x.Record()
		x.Timings()
	})
}

func TestCutOff_endsWhatIsUnderWay(t *testing.T) {
	f := &Flow{
		ID: 1, State: StateConnecting, Times: Times{Start: filledAt},
		Conn: &Conn{Attempts: []DialAttempt{{Start: filledAt}, {Outcome: DialRefused, Start: filledAt, Took: time.Second}}},
	}
	got := f.CutOff(filledAt.Add(9 * time.Second))
	if !got.Final() || got.Failure.Stage != StageDial || !got.Conn.Attempts[0].Unanswered(filledAt, 5*time.Second) || got.Conn.Attempts[1].Outcome != DialRefused {
		t.Errorf("%+v %+v", got, got.Conn)
	}
	if f.Final() || f.Conn.Attempts[0].Outcome != DialPending {
		t.Error("the flow that was published is written to")
	}
	if got.CutOff(filledAt) != got {
		t.Error("a flow that is over is changed")
	}
}

func TestCutOff_saysWhereItWasAndNeverEndsBeforeItBegan(t *testing.T) {
	for state, want := range map[State]Stage{
		StateBlocked: StageWait, StateResolving: StageDNS, StateConnecting: StageDial, StateHandshaking: StageTLS, StateWaiting: StageWait, StateReceiving: StageReceive,
	} {
		f := &Flow{ID: 1, State: state, Times: Times{Start: filledAt}, Conn: &Conn{Attempts: []DialAttempt{{Start: filledAt}}}}
		got := f.CutOff(filledAt.Add(-time.Hour))
		if got.Failure.Stage != want || got.Times.Done != filledAt || got.Conn.Attempts[0].Took <= 0 {
			t.Errorf("%s: %+v, done %v, %v", state, got.Failure, got.Times.Done, got.Conn.Attempts[0].Took)
		}
	}
}

func TestFlow_durationsThatNoCaptureCanHoldAreNone(t *testing.T) {
	for _, ms := range []float64{1e300, -1e300, math.Inf(1), math.NaN()} {
		if got := milliseconds(ms); got != 0 {
			t.Errorf("%v ms are %v", ms, got)
		}
	}
}

func TestCheck_survivesItsRecord(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var c Check
		fill(r, reflect.ValueOf(&c).Elem())
		b, err := json.Marshal(c.Record())
		if err != nil {
			t.Fatal(err)
		}
		var rec RecordCheck
		if err := json.Unmarshal(b, &rec); err != nil {
			t.Fatal(err)
		}
		got := rec.Check()
		if diff := cmp.Diff(c, got, cmpopts.EquateEmpty(), cmpopts.EquateComparable(netip.Addr{}, netip.AddrPort{})); diff != "" {
			t.Fatal(diff)
		}
	}
}
