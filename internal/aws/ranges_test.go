package aws

import (
	"net/netip"
	"slices"
	"testing"
)

func ranges(tb testing.TB) *Ranges {
	tb.Helper()
	r, err := LoadRanges()
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

func TestRanges_sayWhoseAnAddressIs(t *testing.T) {
	r := ranges(t)
	n := 0
	for _, b := range slices.Concat(r.v4, r.v6) {
		n += len(b.starts)
	}
	if n < 10_000 {
		t.Fatalf("%d prefixes", n)
	}
	for _, tc := range []struct {
		address, region, service string
	}{
		{"3.4.12.4", "eu-west-1", "AMAZON"},
		{"3.5.140.1", "ap-northeast-2", "S3"}, // AMAZON and EC2 as well
		{"3.3.9.1", "GLOBAL", "GLOBALACCELERATOR"},
		{"::ffff:3.5.140.1", "ap-northeast-2", "S3"},
		{"2600:1f18::1", "us-east-1", "EC2"},
		{"10.0.1.23", "", ""},
		{"8.8.8.8", "", ""},
		{"fd00::1", "", ""},
	} {
		got, ok := r.Lookup(netip.MustParseAddr(tc.address))
		if ok != (tc.service != "") || got.Region != tc.region || got.Service != tc.service {
			t.Errorf("%s: %+v, want %s in %s", tc.address, got, tc.service, tc.region)
		}
	}
	if _, ok := r.Lookup(netip.Addr{}); ok {
		t.Error("no address is AWS's")
	}
}

// A prefix that is AMAZON alone doesn't hide a wider one that has a service's name.
func TestRanges_aServicesNameSaysMoreThanALongerPrefix(t *testing.T) {
	r := &Ranges{owners: []Range{{Service: "AMAZON", Region: "us-east-1"}, {Service: "S3", Region: "us-east-1"}}}
	r.index([]owned{{netip.MustParsePrefix("192.0.2.0/28"), 0}, {netip.MustParsePrefix("192.0.2.0/24"), 1}, {netip.MustParsePrefix("198.51.100.0/24"), 0}})
	for address, want := range map[string]string{"192.0.2.1": "S3 us-east-1", "192.0.2.99": "S3 us-east-1", "198.51.100.1": "AMAZON us-east-1"} {
		if got, ok := r.Lookup(netip.MustParseAddr(address)); !ok || got.String() != want {
			t.Errorf("%s: %v %v, want %s", address, got, ok, want)
		}
	}
}

func BenchmarkRanges_lookup(b *testing.B) {
	r := ranges(b)
	a := netip.MustParseAddr("52.119.224.1")
	for b.Loop() {
		r.Lookup(a)
	}
}

func BenchmarkRanges_load(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		ranges(b)
	}
}
