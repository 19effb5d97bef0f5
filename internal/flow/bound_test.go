package flow

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// huge is what a stranger can send, of each kind separately.
func huge() map[string]*Flow {
	long := strings.Repeat("<\x00", 1<<20)
	addrs := make([]netip.Addr, 40_000)
	for i := range addrs {
		addrs[i] = netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)})
	}
	each := func(n int, h Header) []Header { return slices.Repeat([]Header{h}, n) }
	conn := func(c Conn) *Flow { return &Flow{Conn: &c} }
	return map[string]*Flow{
		"a header":            {Response: &Response{Headers: each(1, Header{"x", long})}},
		"many headers":        {Response: &Response{Headers: each(100_000, Header{"x-a", "0123456789"})}},
		"large headers":       {Request: Request{Headers: each(300, Header{"x-a", strings.Repeat("a", 4000)})}},
		"not UTF-8":           {Response: &Response{Headers: each(2, Header{"x", strings.Repeat("\xff", 500_000)})}},
		"bodies":              {Request: Request{Body: bytes.Repeat([]byte{1}, 1<<20)}, Response: &Response{Body: bytes.Repeat([]byte{0xff}, 1<<20)}},
		"a URL":               {Request: Request{URL: "https://example.com/" + long}},
		"a method":            {Request: Request{Method: long}},
		"a chain":             conn(Conn{TLS: &TLSInfo{Chain: slices.Repeat([]Cert{{Subject: long[:2000], Names: slices.Repeat([]string{"a.example"}, 50)}}, 1000)}}),
		"names":               conn(Conn{TLS: &TLSInfo{Chain: []Cert{{Names: slices.Repeat([]string{"name.example.com"}, 100_000)}}}}),
		"aliases":             conn(Conn{Resolution: &Resolution{CNAMEs: slices.Repeat([]string{"alias.example.com"}, 100_000)}}),
		"addresses":           conn(Conn{Resolution: &Resolution{Addrs: addrs, Ranges: make([]string, len(addrs))}}),
		"queries":             conn(Conn{Resolution: &Resolution{Queries: make([]DNSQuery, 40_000)}}),
		"attempts":            conn(Conn{Attempts: append(make([]DialAttempt, 40_000), DialAttempt{Outcome: DialConnected, Err: "this one"})}),
		"a failure":           {Failure: &Failure{Message: long}},
		"unused connections":  {Unused: slices.Repeat([]*Conn{{Attempts: make([]DialAttempt, 100)}}, 5000)},
		"an error of AWS":     {AWS: &AWS{Error: &AWSError{Message: long}, Batch: slices.Repeat([]string{"a:B"}, 1e6)}},
		"a note":              {Note: long},
		"offered protocols":   {Conn: &Conn{}, Tunnel: &Tunnel{Protocols: slices.Repeat([]string{long[:1000]}, 5000)}},
		"an upstream proxy":   conn(Conn{Via: &Via{Headers: each(5, Header{long[:1000], long}), Body: long, Err: long}}),
		"nameservers' answer": conn(Conn{Resolution: &Resolution{Each: slices.Repeat([]*Reference{{Addrs: addrs[:100], HTTPS: []string{long[:1000]}}}, 300)}}),
	}
}

func encoded(t *testing.T, f *Flow) []byte {
	t.Helper()
	b, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestBounded_noRecordIsLongerThanItMayBe(t *testing.T) {
	for name, f := range huge() {
		f.ID, f.State, f.Times.Start = 7, StateDone, filledAt
		b := encoded(t, f)
		got := f.Bounded()
		if len(b) > MaxRecord || got == f || len(got.Shortened) == 0 {
			t.Errorf("%s: %d bytes, shortened: %q", name, len(b), got.Shortened)
		}
		if got.Bounded() != got {
			t.Errorf("%s: a shortened flow is shortened again", name)
		}
		var r Record
		if err := json.Unmarshal(b, &r); err != nil || r.ID != 7 || !r.Valid() || !slices.Equal(r.Shortened, got.Shortened) {
			t.Errorf("%s: record %d of %q, %v", name, r.ID, r.Shortened, err)
		}
	}
}

func TestBounded_keepsWhatDecides(t *testing.T) {
	all := huge()
	if c := all["attempts"].Bounded().Conn; c.Winner() == nil || c.Winner().Err != "this one" {
		t.Error("the attempt that connected is gone")
	}
	if f := all["unused connections"].Bounded(); len(f.Unused) > MaxUnused || len(f.Unused)+f.UnusedMore != 5000 {
		t.Errorf("%d unused connections and %d more, want 5000", len(f.Unused), f.UnusedMore)
	}
	f := all["bodies"].Bounded()
	if !f.Request.BodyTruncated || !f.Response.BodyTruncated || len(f.Response.Body) < 1000 {
		t.Errorf("bodies of %d and %d bytes", len(f.Request.Body), len(f.Response.Body))
	}
	f = all["a header"].Bounded()
	if v := f.Response.Headers[0].Value; !strings.HasSuffix(v, "…") || len(v) < 1000 || len(all["a header"].Response.Headers[0].Value) != 2<<20 {
		t.Errorf("a value of %d bytes that ends in %q", len(v), v[len(v)-4:])
	}
}

func TestBounded_leavesAnUsualFlowAlone(t *testing.T) {
	body := bytes.Repeat([]byte(`{"a":1}`), 9000)
	f := &Flow{Request: Request{Body: body, Headers: slices.Repeat([]Header{{"x-a", strings.Repeat("a", 500)}}, 50)}, Response: &Response{Body: body}}
	if f.Bounded() != f {
		t.Error("it is shortened")
	}
}

// A field that weight doesn't count could make a record too long.
func TestBounded_weightIsNeverLessThanTheRecord(t *testing.T) {
	for seed := range uint64(1000) {
		var f Flow
		r := rand.New(rand.NewPCG(seed, 3))
		fill(r, reflect.ValueOf(&f).Elem())
		lengthen(r, reflect.ValueOf(&f).Elem())
		if w, n := f.weight(), f.encodedSize(); w < n {
			t.Fatalf("seed %d: a weight of %d for %d bytes", seed, w, n)
		}
	}
}

// lengthen makes the texts that a stranger chooses long. Words of closed sets have types
// of their own, and stay.
func lengthen(r *rand.Rand, v reflect.Value) {
	switch v.Kind() { //nolint:exhaustive // the others hold no text
	case reflect.String:
		if v.Type() == reflect.TypeFor[string]() {
			v.SetString(strings.Repeat("<", r.IntN(2000)))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			lengthen(r, v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			lengthen(r, v.Index(i))
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() || v.Type().PkgPath() == "net/netip" {
			return
		}
		for i := range v.NumField() {
			lengthen(r, v.Field(i))
		}
	}
}

func FuzzFlow_Bounded(f *testing.F) {
	f.Add([]byte(`{"v":1,"request":{"url":"https://a/"},"response":{"headers":[["a","b"]]},"connection":{"attempts":[{"outcome":"connected"}]}}`), uint32(3000), uint32(1000))
	f.Add([]byte(`{"v":1,"unused_connections":[null,{"resolution":{"cnames":["a"],"queries":[{}]}}],"aws":{"also":["x"]}}`), uint32(100000), uint32(20))
	f.Fuzz(func(t *testing.T, b []byte, text, list uint32) {
		var r Record
		if json.Unmarshal(b, &r) != nil {
			return
		}
		x := r.Flow()
		text, list = text%100_000, list%2000
		for i := range x.Request.Headers {
			x.Request.Headers[i].Value += strings.Repeat("\x01", int(text))
		}
		x.Request.URL += strings.Repeat("é", int(text))
		if x.Conn != nil {
			x.Conn.Attempts = append(x.Conn.Attempts, make([]DialAttempt, list)...)
			x.Conn.UpstreamProxy += strings.Repeat("\"", int(text))
		}
		x.Unused = append(x.Unused, slices.Repeat([]*Conn{{Authority: fmt.Sprint(list)}}, int(list))...)
		if n := len(encoded(t, x)); n > MaxRecord {
			t.Errorf("%d bytes", n)
		}
	})
}

func BenchmarkBounded(b *testing.B) {
	f := &Flow{
		Request: Request{Headers: slices.Repeat([]Header{{"x-amz-header", strings.Repeat("a", 100)}}, 30), Body: make([]byte, 8<<10)}, AWS: &AWS{},
		Response: &Response{Headers: slices.Repeat([]Header{{"x-amz-header", "value"}}, 20), Body: make([]byte, 32<<10)},
		Conn: &Conn{
			Attempts: make([]DialAttempt, 3), Resolution: &Resolution{Addrs: make([]netip.Addr, 3), Queries: make([]DNSQuery, 2)},
			TLS: &TLSInfo{Chain: slices.Repeat([]Cert{{Names: slices.Repeat([]string{"name.example"}, 5)}}, 4)},
		},
	}
	for b.Loop() {
		f.Bounded()
	}
}
