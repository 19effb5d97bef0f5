package packed_test

import (
	"fmt"
	"maps"
	"net/netip"
	"reflect"
	"slices"
	"testing"
	"time"

	"detour/internal/flow"
	"detour/internal/flow/packed"
)

var began = time.Date(2026, 11, 24, 9, 0, 0, 123, time.UTC)

// usual is a flow as a HAR has it.
func usual() *flow.Flow {
	const host = "logs.eu-central-1.amazonaws.com"
	at := func(ms int) time.Time { return began.Add(time.Duration(ms) * time.Millisecond) }
	addr := netip.MustParseAddrPort("203.0.113.5:443")
	return &flow.Flow{
		ID: 7, Rev: 1, Source: flow.SourceHAR, Exporter: flow.ExporterChromium, State: flow.StateDone, Origin: flow.OriginDirect,
		Why: []flow.Evidence{flow.EvidenceSigV4Header, flow.EvidenceHost}, Page: "https://eu-central-1.console.aws.amazon.com/", Findings: []string{"a", "b"},
		AWS: &flow.AWS{
			Partition: "aws", Region: "eu-central-1", Service: "logs", ServiceName: "CloudWatch Logs", Operation: "DescribeLogGroups", DecodedBy: "x-amz-target",
			EndpointService: "com.amazonaws.eu-central-1.logs", RequestID: "7a62c49f", Also: []string{"x"}, ClockSkew: -time.Second,
		},
		Request:  flow.Request{Method: "POST", URL: "https://" + host + "/", Proto: "HTTP/2.0", BodySize: 60},
		Response: &flow.Response{Status: 200, Proto: "HTTP/2.0", BodySize: 900, Traits: []flow.Trait{}},
		Conn: &flow.Conn{
			ID: 3, Authority: host + ":443", Start: at(0),
			Resolution: &flow.Resolution{Name: host, Outcome: flow.DNSOK, Source: flow.SourceSystem, Addrs: []netip.Addr{addr.Addr()}, Start: at(0), Took: 5},
			Attempts:   []flow.DialAttempt{{Addr: addr, Outcome: flow.DialConnected, Start: at(1), Took: time.Millisecond}},
			TLS:        &flow.TLSInfo{Outcome: flow.TLSOK, ServerName: host, Start: at(2), Took: time.Millisecond},
		},
		Times:  flow.Times{Start: at(0), GotConn: at(3), WroteRequest: at(4), FirstByte: at(20), Done: at(30)},
		Phases: &flow.Timings{Blocked: -1, DNS: 1, Connect: 2, SSL: 3, Send: 4, Wait: 5, Receive: 6},
	}
}

// A usual flow is packed, and is the same afterwards.
func TestFlows_packsUsualFlows(t *testing.T) {
	var p packed.Flows
	var want []*flow.Flow
	for i := range flow.ID(5000) { // more than a chunk has
		f := usual()
		f.ID += i
		f.Request.URL += fmt.Sprint(i)
		f.Note = fmt.Sprint(i) // more than there are numbers for
		if want = append(want, f); !p.Add(f) {
			t.Fatalf("%+v isn't packed", f)
		}
	}
	for range 2 {
		if got := slices.Collect(p.All()); !reflect.DeepEqual(got, want) || p.Len() != len(want) {
			t.Fatalf("%d flows, the first is %+v", len(got), got[0])
		}
	}
}

// A connection that isn't packed is there once, as long as it stays the same.
func TestFlows_shareAnUnusualConnection(t *testing.T) {
	var p packed.Flows
	for i := range flow.ID(30) {
		f := usual()
		f.ID += i
		f.Conn.TLS.Version = "TLS 1.3"
		if i >= 20 {
			f.Conn.TLS.ALPN = "h2"
		}
		if !p.Add(f) {
			t.Fatalf("%+v isn't packed", f)
		}
	}
	conns := make(map[*flow.Conn]int)
	for f := range p.All() {
		conns[f.Conn]++
	}
	if got := slices.Sorted(maps.Values(conns)); !slices.Equal(got, []int{10, 20}) {
		t.Errorf("%v flows have the same connection", got)
	}
}

// Whatever any field of a flow has, nothing is lost, and nothing is written to the flow.
func TestFlows_loseNothing(t *testing.T) {
	n, kept, shared := 0, 0, 0
	for ; ; n++ {
		changed := func() (*flow.Flow, string) {
			f, left := usual(), n
			return f, change(reflect.ValueOf(f).Elem(), "Flow", &left)
		}
		f, path := changed()
		if path == "" {
			break
		}
		var p packed.Flows
		if !p.Add(f) {
			kept++
		}
		last := usual()
		last.ID = 100
		p.Add(last)
		want, _ := changed()
		if got := slices.Collect(p.All()); len(got) != 2 || !reflect.DeepEqual(got[0], want) || !reflect.DeepEqual(got[1], last) {
			t.Errorf("%s is lost", path)
		} else if got[0] != f && f.Conn != nil && got[0].Conn == f.Conn {
			shared++
		}
	}
	t.Logf("%d changes, %d flows aren't packed, nor are the connections of %d", n, kept, shared)
	if n < 200 || kept < 20 || shared < 20 || kept+shared < 50 || kept+shared > n-50 {
		t.Error("the changes are too few")
	}
}

// change makes the left-th change that is possible in v, and returns where; "" if there are no more.
func change(v reflect.Value, path string, left *int) string {
	try := func(to any) bool {
		*left--
		if *left == -1 {
			v.Set(reflect.ValueOf(to).Convert(v.Type()))
		}
		return *left < 0
	}
	switch x := v.Interface().(type) {
	case time.Time:
		if try(x.Add(time.Hour)) || try(time.Time{}) || try(began.In(time.FixedZone("", 3600))) || try(time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)) {
			return path
		}
		return ""
	case netip.Addr:
		if try(netip.Addr{}) || try(netip.MustParseAddr("fe80::1%eth0")) || try(netip.MustParseAddr("::ffff:10.0.1.2")) {
			return path
		}
		return ""
	case netip.AddrPort:
		if try(netip.AddrPort{}) || try(netip.MustParseAddrPort("[fe80::1%eth0]:443")) || try(netip.AddrPortFrom(netip.Addr{}, 80)) {
			return path
		}
		return ""
	}
	switch v.Kind() { //nolint:exhaustive // others don't occur
	case reflect.String:
		if try("another") || try("") {
			return path
		}
	case reflect.Bool:
		if try(!v.Bool()) {
			return path
		}
	case reflect.Pointer:
		if try(reflect.Zero(v.Type()).Interface()) || try(reflect.New(v.Type().Elem()).Interface()) {
			return path
		}
		if !v.IsNil() {
			return change(v.Elem(), path, left)
		}
	case reflect.Slice:
		one := reflect.MakeSlice(v.Type(), 1, 1)
		if try(reflect.Zero(v.Type()).Interface()) || try(reflect.MakeSlice(v.Type(), 0, 0).Interface()) ||
			try(one.Interface()) || try(reflect.AppendSlice(one, v).Interface()) {
			return path
		}
		for i := range v.Len() {
			if at := change(v.Index(i), fmt.Sprintf("%s[%d]", path, i), left); at != "" {
				return at
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if at := change(v.Field(i), path+"."+v.Type().Field(i).Name, left); at != "" {
				return at
			}
		}
	default: // numbers
		if try(-1) || try(1<<20) {
			return path
		}
	}
	return ""
}
