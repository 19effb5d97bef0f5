package alias

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
)

func TestAdopt_twoTablesSayTheSame(t *testing.T) {
	var names Table
	for value, name := range map[string]string{
		"10.77.1.2": "private-3", "::ffff:10.77.1.3": "client-1", "redacted-account-4f1c9a07b2": "account-2",
		"redacted-host-0000000001": "host-5", "redacted-host-0000000002": "host-5", // a host and its first label
	} {
		names.Adopt(value, name)
	}
	names.Adopt("10.77.1.2", "private-9") // it has a name
	for _, bad := range []string{"", "x", "a\x1b-1", "A-1", "host-", "host-1;", "host-99999999999999999999"} {
		names.Adopt("redacted-host-00000000ff", bad)
	}
	const text = "redacted-account-4f1c9a07b2 from 10.77.1.3 to 10.77.1.2 redacted-host-0000000001.x redacted-host-0000000002"
	if got, want := names.Texts(nil).Text(text), "account-2 from client-1 to private-3 host-5.x host-5"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if v, _ := names.Value("private-3"); v != "10.77.1.2" {
		t.Errorf("private-3 is %q in a filter", v)
	}
	// What the other table hasn't named gets a name that the other never gives to something else.
	own := netip.MustParseAddr("10.0.0.1")
	if got := names.Address(own); got != "private-w1" {
		t.Errorf("the next address is %s", got)
	}
	if got := names.Name(Host, "redacted-host-00000000ff"); got != "host-w1" {
		t.Errorf("the next host is %s", got)
	}
	names.Adopt("10.0.0.1", "private-4") // now it has
	names.Adopt("redacted-host-00000000ff", "host-6")
	if got := names.Address(own); got != "private-4" {
		t.Errorf("the address is still %s", got)
	}
	if got := names.Name(Host, "redacted-host-00000000ff"); got != "host-6" {
		t.Errorf("the host is still %s", got)
	}
	if v, _ := names.Value("private-w1"); v != "10.0.0.1" {
		t.Errorf("private-w1 is %q in a filter that was typed before", v)
	}
}

func TestAdopt_isBounded(t *testing.T) {
	var names Table
	for i := range 3 * maxNames {
		names.Adopt(fmt.Sprint("v", i), "host-1")
	}
	if len(names.others) > 2*maxNames {
		t.Errorf("%d values have names", len(names.others))
	}
	(*Table)(nil).Adopt("v", "host-1")
	names = Table{}
	if names.Adopt(strings.Repeat("v", 1<<20), "host-1"); len(names.others) > 0 {
		t.Error("a value of 1 MiB is kept")
	}
}
