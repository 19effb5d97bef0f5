package har

import (
	"bytes"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"detour/internal/flow"
)

// fill gives every field of v a value that a capture may hold.
func fill(r *rand.Rand, v reflect.Value) {
	switch x := v.Addr().Interface().(type) {
	case *time.Time:
		*x = t0.Add(time.Duration(r.IntN(1e9)) * time.Microsecond)
	case *time.Duration:
		*x = time.Duration(r.IntN(1e9)) * time.Microsecond
	case *netip.Addr:
		*x = netip.AddrFrom4([4]byte{10, byte(r.Uint32()), byte(r.Uint32()), 1})
	case *netip.AddrPort:
		*x = netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(r.Uint32())}), uint16(r.Uint32()))
	case *[]byte:
		*x = [][]byte{nil, []byte("plain <&>"), []byte("\xff\x00"), []byte(" \u2028\ufeff")}[r.IntN(4)]
	default:
		fillKind(r, v)
	}
}

func fillKind(r *rand.Rand, v reflect.Value) {
	switch v.Kind() { //nolint:exhaustive // the others panic
	case reflect.String:
		if v.Type().PkgPath() != "" { // a word of a closed set
			v.SetString([]string{"", "ok", "name-mismatch"}[r.IntN(3)])
			return
		}
		v.SetString([]string{"a", "é😀", `"\`, "<b>&", "c d"}[r.IntN(5)])
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
	case reflect.Map:
		v.Set(reflect.ValueOf(map[string]string{"k": "v"}).Convert(v.Type()))
	case reflect.Struct:
		for i := range v.NumField() {
			fill(r, v.Field(i))
		}
	default:
		panic("a kind of field that fill doesn't know: " + v.Type().String())
	}
}

// random is a flow as one may be: what HAR and the record say in one way only is so.
func random(r *rand.Rand, id flow.ID) *flow.Flow {
	f := new(flow.Flow)
	fill(r, reflect.ValueOf(f).Elem())
	f.ID, f.Findings = id, []string{"dns-failed"}
	f.State = []flow.State{flow.StateDone, flow.StateWaiting}[r.IntN(2)]
	f.Request.Method = []string{"GET", "POST", methodConnect}[r.IntN(3)]
	f.Request.Proto = []string{"", "HTTP/1.1", "HTTP/2.0", "HTTP/3.0"}[r.IntN(4)]
	f.Request.URL = "https://h.example/p?a=%20b&c"
	if f.Request.Method == methodConnect {
		f.Request.URL = "h.example:443"
	}
	if f.Response != nil {
		f.Response.Status, f.Response.Proto = 100+r.IntN(500), "HTTP/2.0"
	}
	if f.Conn == nil {
		f.Reused, f.Tunnel = false, nil
	}
	if f.Phases != nil { // those of other flows follow from the instants
		f.Source = flow.SourceHAR
	}
	for _, c := range append([]*flow.Conn{f.Conn}, f.Unused...) {
		if c == nil {
			continue
		}
		c.Authority = "h.example:443"
		for _, x := range []*flow.Resolution{c.Resolution, via(c)} {
			if x != nil {
				x.Ranges = nil
			}
		}
	}
	return f
}

func via(c *flow.Conn) *flow.Resolution {
	if c.Via == nil {
		return nil
	}
	return c.Via.Resolution
}

func TestDecode_ofWhatWasEncodedIsTheFlowWhateverItIs(t *testing.T) {
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 7))
		c := &flow.Capture{}
		fill(r, reflect.ValueOf(&c.Findings).Elem())
		for i := range c.Findings {
			c.Findings[i].Code, c.Findings[i].Provisional = "dns-failed", false // it was, while attempts were pending
			c.Findings[i].Connects = false                                      // the rule knows it, not the record
			if p := c.Findings[i].Proof; p != nil && p.Fix != nil {
				p.Fix.Narrow = 0 // the finding's steps say it, not the record
			}
			for j, s := range c.Findings[i].Try {
				c.Findings[i].Try[j] = flow.NextStep{Text: s.String()} // a file has no commands to run
			}
		}
		fill(r, reflect.ValueOf(&c.Steps).Elem())
		fill(r, reflect.ValueOf(&c.Omitted).Elem())
		for id := flow.ID(r.Uint64N(5) + 1); len(c.Flows) < 5; id += flow.ID(r.Uint64N(3) + 1) {
			c.Flows = append(c.Flows, random(r, id))
		}
		file := encode(t, c)
		if wrong := violations(t, file); wrong != nil {
			t.Fatalf("seed %d: %s", seed, strings.Join(wrong, "\n"))
		}
		flows, info, err := read(t, bytes.NewReader(file))
		if err != nil || info.Notes != nil {
			t.Fatalf("seed %d: %+v, %v", seed, info, err)
		}
		if d := cmp.Diff(c.Flows, flows, same()); d != "" {
			t.Fatalf("seed %d, flows (-written +read):\n%s", seed, d)
		}
		c.Flows = nil
		if d := cmp.Diff(c, info.Capture, same()); d != "" {
			t.Fatalf("seed %d, capture (-written +read):\n%s", seed, d)
		}
	}
}
