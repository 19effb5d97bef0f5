package redact

import (
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"

	"detour/internal/flow"
)

func newFleet() *Redactor {
	return New(Options{Key: []byte("a key of thirty-two bytes, fleet"), Fleet: true})
}

// throughNetwork is a connection from a machine to a server, by a nameserver, in every field that
// has an address.
func throughNetwork(own, server, nameserver string) *flow.Conn {
	at, ns := netip.MustParseAddr(server), netip.MustParseAddr(nameserver)
	return &flow.Conn{
		ID: 1,
		Resolution: &flow.Resolution{
			Nameserver: netip.AddrPortFrom(ns, 53), Addrs: []netip.Addr{at}, Before: &flow.Answer{Addrs: []netip.Addr{at}},
			Queries: []flow.DNSQuery{{Server: netip.AddrPortFrom(ns, 53)}},
			Wire:    &flow.Reference{Nameserver: nameserver, Addrs: []netip.Addr{at}, Err: "no answer from " + nameserver},
		},
		Elsewhere: []flow.DialAttempt{{Addr: netip.AddrPortFrom(at, 443), Local: netip.AddrPortFrom(netip.MustParseAddr(own), 4000)}},
		Attempts: []flow.DialAttempt{{
			Addr: netip.AddrPortFrom(at, 443), Local: netip.AddrPortFrom(netip.MustParseAddr(own), 50312),
			Err: "read tcp " + netip.AddrPortFrom(netip.MustParseAddr(own), 50312).String() + "->" + netip.AddrPortFrom(at, 443).String() + ": i/o timeout",
		}},
	}
}

// TestFleet_serversAndNameserversStayTheMachineBecomesItsNetwork in every field and in texts.
func TestFleet_serversAndNameserversStayTheMachineBecomesItsNetwork(t *testing.T) {
	for _, x := range []struct{ own, network, server, nameserver string }{
		{"172.16.8.5", "172.16.8.0", "10.0.1.23", "10.0.0.2"},
		{"198.51.100.7", "198.51.100.0", "203.0.113.9", "9.9.9.9"},
		{"100.64.3.4", "100.64.3.0", "100.64.9.9", "192.168.1.1"},
		{"::ffff:10.1.2.3", "10.1.2.0", "10.1.2.9", "10.1.9.2"},
		{"2400:cb00:1:2::5", "2400:cb00:1::", "2600:1f18::5", "2606:4700::1111"},
		{"fd00:ec2:3:4::9", "fd00:ec2:3::", "fd00:ec2::2", "fd00:ec2::253"},
		{"fe80::42:acff:fe11:2", "fe80::", "10.0.1.23", "10.0.0.2"},
		{"169.254.3.4", "169.254.3.0", "10.0.1.23", "10.0.0.2"},
		{"127.0.0.1", "127.0.0.1", "127.0.0.1", "127.0.0.53"},
		{"64:ff9b::a00:117", "64:ff9b::", "64:ff9b::a00:217", "64:ff9b::a00:1"},
	} {
		r := newFleet()
		given := throughNetwork(x.own, x.server, x.nameserver)
		before := throughNetwork(x.own, x.server, x.nameserver)
		f := &flow.Flow{Conn: given, Later: []flow.Later{{Addr: netip.AddrPortFrom(netip.MustParseAddr(x.server), 443)}}}
		r.Flow(f)
		got := f.Conn
		res, attempt := got.Resolution, got.Attempts[0]
		for field, same := range map[string][2]string{
			"nameserver": {res.Nameserver.Addr().String(), x.nameserver}, "query": {res.Queries[0].Server.Addr().String(), x.nameserver},
			"its text": {res.Wire.Nameserver, x.nameserver}, "its error": {res.Wire.Err, "no answer from " + x.nameserver},
			"address": {res.Addrs[0].String(), x.server}, "before": {res.Before.Addrs[0].String(), x.server},
			"on the wire": {res.Wire.Addrs[0].String(), x.server}, "peer": {attempt.Addr.Addr().String(), x.server},
			"elsewhere": {got.Elsewhere[0].Addr.Addr().String(), x.server}, "later": {f.Later[0].Addr.Addr().String(), x.server},
			"local": {attempt.Local.Addr().String(), x.network}, "local elsewhere": {got.Elsewhere[0].Local.Addr().String(), x.network},
		} {
			if same[0] != same[1] {
				t.Errorf("from %s: the %s is %s, want %s", x.own, field, same[0], same[1])
			}
		}
		source, _ := netip.ParseAddr(x.network)
		peer, _ := netip.ParseAddr(x.server)
		want := "read tcp " + netip.AddrPortFrom(source, 50312).String() + "->" + netip.AddrPortFrom(peer, 443).String() + ": i/o timeout"
		if attempt.Err != want && x.own != "::ffff:10.1.2.3" {
			t.Errorf("the error is %q, want %q", attempt.Err, want)
		}
		if !f.Strict || !reflect.DeepEqual(given, before) {
			t.Errorf("strict: %v; the shared connection is %+v", f.Strict, given)
		}
		if again := r.Conn(got); !reflect.DeepEqual(again, got) {
			t.Errorf("not idempotent: %+v, then %+v", got, again)
		}
	}
}

// TestFleet_ofTheMachineNothingStaysAnywhere: not as the address of a server on it, not in a text,
// and not where it comes before what says whose it is.
func TestFleet_ofTheMachineNothingStaysAnywhere(t *testing.T) {
	r := newFleet()
	early := "write udp 10.9.8.7:5353->10.0.0.2:53: i/o timeout; [2400:cb00:1:2::5]:5353->[2606:4700::1111]:53; [fe80::1%eth0]:5->[fe80::2]:53"
	text := r.Text(early)
	c := r.Conn(throughNetwork("10.9.8.7", "10.9.8.7", "10.9.8.7"))
	for what, got := range map[string]string{
		"text": text, "server": c.Attempts[0].Addr.String(), "nameserver": c.Resolution.Nameserver.String(), "later text": r.Text("at 10.9.8.7"),
		"interface": r.Own("10.9.8.7/24") + r.Own("2400:cb00:1:2::5/64"), "reference": c.Resolution.Wire.Nameserver + c.Resolution.Wire.Err,
	} {
		for _, own := range []string{"10.9.8.7", "2400:cb00:1:2", "fe80::1"} {
			if strings.Contains(got, own) {
				t.Errorf("the machine's address is in its %s: %s", what, got)
			}
		}
	}
}

// TestFleet_inTextsOnlyAddressesOfServersStay: another one may be anybody's. What stands for it
// can't be taken for an address.
func TestFleet_inTextsOnlyAddressesOfServersStay(t *testing.T) {
	r := newFleet()
	r.Conn(throughNetwork("172.16.8.5", "10.0.1.23", "10.0.0.2"))
	for in, want := range map[string]string{
		"dial tcp 10.0.1.23:443: no route to host":   "dial tcp 10.0.1.23:443: no route to host",
		"asked tcp://10.0.0.2, from 172.16.8.5":      "asked tcp://10.0.0.2, from 172.16.8.0",
		"10.0.1.24 and fd00::9 of somebody's":        "<address> and <address> of somebody's",
		"router fe80::42:acff:fe11:2":                "router fe80::",
		"203.0.113.9 is public":                      "203.0.113.9 is public",
		"user 123456789012 at ip-10-0-1-23":          "user <account> at <host>",
		"see https://h/p?a=b&c=d#e=f, or /x?y":       "see https://h/p?a=*&c=*#e=* or /x?y",
		`Get "https://h/?X-Amz-Date=1;q": refused`:   `Get "https://h/?X-Amz-Date=*;*": refused`,
		"arn:aws:iam::123456789012:role/Admin, why?": "arn:aws:iam::<account>:role/<name>, why?",
	} {
		once := r.Text(in)
		if got := anyAlias.ReplaceAllString(once, "<$1>"); got != want {
			t.Errorf("%s\n got %s\nwant %s", in, got, want)
		}
		if twice := r.Text(once); twice != once {
			t.Errorf("not idempotent: %s gives %s", once, twice)
		}
	}
}

func TestFleet_urlsHaveNoValues(t *testing.T) {
	r := newFleet()
	for in, want := range map[string]string{
		"https://h/p":                               "https://h/p",
		"h:443":                                     "h:443",
		"https://h/p?Action=List&Id=x":              "https://h/p?Action=*&Id=*",
		"https://h/?word":                           "https://h/?*",
		"https://h/?a=b=c&d&&e=#f/g?h=i":            "https://h/?a=*&*&&*#*?h=*",
		"https://h/?dG9rZW4=&YWI==":                 "https://h/?*&*",
		"https://h/?token=" + canary + "#" + canary: "https://h/?token=*#*",
		"https://h/?":                               "https://h/?",
	} {
		f := &flow.Flow{Request: flow.Request{URL: in}, Page: in}
		r.Flow(f)
		if f.Request.URL != want || f.Page != want {
			t.Errorf("%s becomes %s, and as a page %s; want %s", in, f.Request.URL, f.Page, want)
		}
	}
}

// TestFleet_noBodiesAndNoHeaders anywhere in a flow.
func TestFleet_noBodiesAndNoHeaders(t *testing.T) {
	hs := []flow.Header{{Name: "X-Harmless", Value: "marker"}}
	f := &flow.Flow{
		Request:  flow.Request{Headers: hs, Body: []byte("marker"), BodySize: 6},
		Response: &flow.Response{Headers: hs, Body: []byte("marker"), BodySize: 6},
		Conn:     &flow.Conn{ID: 1, Via: &flow.Via{Headers: hs, Body: "marker", Status: 403}},
	}
	response, via := f.Response, f.Conn.Via
	newFleet().Flow(f)
	if n := len(f.Request.Headers) + len(f.Response.Headers) + len(f.Conn.Via.Headers); n > 0 {
		t.Errorf("%d header fields are left", n)
	}
	if got := everything(f); strings.Contains(got, "marker") || f.Request.BodySize != 6 || f.Response.BodySize != 6 || f.Conn.Via.Status != 403 {
		t.Errorf("left: %s, and sizes %d and %d", got, f.Request.BodySize, f.Response.BodySize)
	}
	if response.Body == nil || response.Headers == nil || via.Headers == nil || via.Body == "" {
		t.Error("what the flow points at was written to")
	}
}

// TestFleet_isOtherwiseStrict: what strict replaces, fleet replaces, too, except addresses.
func TestFleet_isOtherwiseStrict(t *testing.T) {
	r := newFleet()
	const account, person = "123456789012", "jane@example.com"
	n := 0
	for place, put := range placements {
		for i, name := range []string{"password", "sessionToken", "owner"} {
			n++
			secret := canary + strings.Repeat("x", i)
			if name == "owner" { // no secret, but an identity
				secret = account + "/" + person
			}
			f := &flow.Flow{Request: flow.Request{URL: "https://" + account + ".h/p"}, Response: new(flow.Response), Note: person, Page: "https://h/" + account}
			put(f, name, secret)
			r.Flow(f)
			for _, never := range []string{canary, account, person} {
				if got := everything(f); strings.Contains(got, never) {
					t.Errorf("%s called %s in %s survives: %s", never, name, place, got)
				}
			}
		}
	}
	if n < 100 {
		t.Errorf("only %d were tried", n)
	}
	c := &flow.Conn{TLS: &flow.TLSInfo{Chain: []flow.Cert{{Subject: "CN=proxy,O=Example Corp", Issuer: "CN=Example Corp CA"}}}}
	got, want := r.Conn(c).TLS.Chain[0], strict.Conn(c).TLS.Chain[0]
	if a, b := anyAlias.ReplaceAllString(got.Subject+got.Issuer, "<$1>"), anyAlias.ReplaceAllString(want.Subject+want.Issuer, "<$1>"); a != b {
		t.Errorf("a certificate's names are %s, under strict %s", a, b)
	}
}

// TestFleet_standInsAreTold, so that texts have the names that the screen has.
func TestFleet_standInsAreTold(t *testing.T) {
	var told []string
	r := New(Options{Key: []byte("a key"), Fleet: true, StandIn: func(s, of string) { told = append(told, of+" is "+s) }})
	r.Conn(throughNetwork("172.16.8.5", "10.0.1.23", "10.0.0.2"))
	if !slices.Contains(told, "172.16.8.5 is 172.16.8.0") {
		t.Errorf("told: %v", told)
	}
}

// TestRoles_areBounded: what isn't known any more isn't shown.
func TestRoles_areBounded(t *testing.T) {
	var r roles
	for i := range 3 * maxAddresses {
		r.set(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), roleServer)
	}
	if len(r.of) > maxAddresses {
		t.Errorf("%d addresses are known", len(r.of))
	}
	a := netip.MustParseAddr("10.255.0.1")
	r.set(a, roleOwn)
	r.set(a, roleServer)
	if r.get(a) != roleOwn {
		t.Error("the machine's address becomes a server's")
	}
}
