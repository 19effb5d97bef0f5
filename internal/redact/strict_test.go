package redact

import (
	"encoding/json"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"detour/internal/flow"
)

var anyAlias = regexp.MustCompile(`redacted-([a-z]+)-[0-9a-f]{10}`)

// standIns are the addresses that stand in for some.
func standIns(as ...string) string {
	var out []string
	for _, a := range as {
		out = append(out, strict.Conn(&flow.Conn{Resolution: &flow.Resolution{Addrs: []netip.Addr{netip.MustParseAddr(a)}}}).Resolution.Addrs[0].String())
	}
	return strings.Join(out, " ")
}

// TestStrict_addressesHaveStandIns: in texts as in connections, of the same scope, one
// for one, and public ones stay.
func TestStrict_addressesHaveStandIns(t *testing.T) {
	r := New(Options{Key: []byte("another key of thirty-two bytes.."), Strict: true})
	seen := make(map[netip.Addr]string)
	for _, s := range []string{"10.0.1.23", "10.0.1.24", "172.31.255.1", "192.168.1.1", "100.100.1.1", "fd00:ec2::2", "fdab::1", "64:ff9b::a00:117"} {
		a := netip.MustParseAddr(s)
		c := r.Conn(&flow.Conn{
			Resolution: &flow.Resolution{Addrs: []netip.Addr{a}, Nameserver: netip.AddrPortFrom(a, 53), Reference: &flow.Reference{Addrs: []netip.Addr{a}}},
			Attempts:   []flow.DialAttempt{{Addr: netip.AddrPortFrom(a, 443), Local: netip.AddrPortFrom(a, 5000), Err: "dial " + s}},
		})
		got := c.Resolution.Addrs[0]
		if got == a || flow.ScopeOf(got) != flow.ScopeOf(a) || seen[got] != "" {
			t.Errorf("%s has the stand-in %s", s, got)
		}
		seen[got] = s
		for _, same := range []netip.Addr{c.Resolution.Nameserver.Addr(), c.Resolution.Reference.Addrs[0], c.Attempts[0].Addr.Addr(), c.Attempts[0].Local.Addr()} {
			if same != got {
				t.Errorf("%s is %s in one place and %s in another", s, got, same)
			}
		}
		if want := "dial " + got.String(); c.Attempts[0].Err != want || r.Text("dial "+s) != want {
			t.Errorf("in texts %s is %q and %q", s, c.Attempts[0].Err, r.Text("dial "+s))
		}
		if again := r.Conn(c).Resolution.Addrs[0]; again != got {
			t.Errorf("%s becomes %s, then %s", s, got, again)
		}
	}
	public := netip.MustParseAddr("203.0.113.9")
	if got := r.Conn(&flow.Conn{Resolution: &flow.Resolution{Addrs: []netip.Addr{public}}}).Resolution.Addrs[0]; got != public {
		t.Errorf("a public address becomes %s", got)
	}
}

// TestStrict_ofTheMachineNoAddressStays: it may be public, as IPv6 addresses mostly are.
func TestStrict_ofTheMachineNoAddressStays(t *testing.T) {
	r := New(Options{Key: []byte("another key of thirty-two bytes.."), Strict: true})
	for _, s := range []string{"2400:cb00::5", "198.51.100.7", "192.0.2.1", "172.200.1.1", "169.254.3.4", "198.18.0.9", "64:ff9b::c633:6407", "fe80::5"} {
		a := netip.MustParseAddr(s)
		c := r.Conn(&flow.Conn{ID: 1, Attempts: []flow.DialAttempt{{Local: netip.AddrPortFrom(a, 5000), Addr: netip.MustParseAddrPort("203.0.113.9:443")}}})
		got := c.Attempts[0].Local.Addr()
		if got == a || flow.ScopeOf(got) != flow.ScopeOf(a) || got.Is4() != a.Is4() || c.Attempts[0].Addr.String() != "203.0.113.9:443" {
			t.Errorf("%s becomes %s, and the server %s", s, got, c.Attempts[0].Addr)
		}
		if again := r.Conn(c).Attempts[0].Local.Addr(); again != got {
			t.Errorf("%s becomes %s, then %s", s, got, again)
		}
	}
	for _, s := range []string{"2400:cb00::5/64", "198.51.100.7/24", "10.0.0.5/8"} {
		if got := r.Own(s); got == s || !strings.HasSuffix(got, s[strings.IndexByte(s, '/'):]) || r.Own(got) != got {
			t.Errorf("an interface's %s becomes %s", s, got)
		}
		if got := the.Own(s); got != s {
			t.Errorf("not strictly, %s becomes %s", s, got)
		}
	}
	if got := r.Conn(&flow.Conn{Attempts: []flow.DialAttempt{{Local: netip.MustParseAddrPort("127.0.0.1:5")}}}).Attempts[0].Local.Addr(); !got.IsLoopback() {
		t.Errorf("loopback becomes %s", got)
	}
}

// TestStrict_ofTheMachineNoAddressStaysInErrors of Go's net package, which have both ends.
func TestStrict_ofTheMachineNoAddressStaysInErrors(t *testing.T) {
	for _, own := range []string{"198.51.100.7", "10.9.8.7", "2400:cb00::5", "fe80::5"} {
		source := netip.AddrPortFrom(netip.MustParseAddr(own), 5353)
		text := "write udp " + source.String() + "->203.0.113.9:53: i/o timeout"
		got := strict.Text(text)
		same := strict.Conn(&flow.Conn{Attempts: []flow.DialAttempt{{Local: source}}}).Attempts[0].Local
		if want := "write udp " + same.String() + "->203.0.113.9:53: i/o timeout"; got != want || strings.Contains(got, own) || strict.Text(got) != got {
			t.Errorf("%s becomes %s, want %s", text, got, want)
		}
		if kept := the.Text(text); kept != text {
			t.Errorf("not strictly, %s becomes %s", text, kept)
		}
	}
}

// TestStrict_aBlockMayBeUsedUp: that takes no more time than others.
func TestStrict_aBlockMayBeUsedUp(t *testing.T) {
	var used addresses
	for i := range 66_000 {
		used.standIn(netip.AddrFrom4([4]byte{192, 168, byte(i >> 8), byte(i)}), uint64(i))
	}
}

func TestStrict_identitiesBecomePseudonyms(t *testing.T) {
	for in, want := range map[string]string{
		"User: arn:aws:sts::123456789012:assumed-role/Admin/me@example.com is not authorized": "User: arn:aws:sts::<account>:assumed-role/<name> is not authorized",
		"arn:aws:s3:::bucket/a/b":                                                                    "arn:aws:s3:::<name>",
		"arn:aws:iam::aws:policy/ReadOnlyAccess":                                                     "arn:aws:iam::aws:policy/ReadOnlyAccess",
		"arn:aws:logs:us-east-1:123456789012:log-group:/aws/x:*":                                     "arn:aws:logs:us-east-1:<account>:log-group:<name>:*",
		"arn:aws:sns:us-east-1:123456789012:topic":                                                   "arn:aws:sns:us-east-1:<account>:<name>",
		"bucket cdk-assets-123456789012-us-east-1":                                                   "bucket cdk-assets-<account>-us-east-1",
		"2e9c1f4a-0000-4000-8000-000000000000 at 1700000000000":                                      "2e9c1f4a-0000-4000-8000-000000000000 at 1700000000000",
		"logs_123456789012_x 1234567890123 a123456789012 x_i-0123456789abcdef0_y":                    "logs_<account>_x 1234567890123 a123456789012 x_<i>_y",
		`{"n":123456789012,"size":[123456789012],"m":1234567890123}`:                                 `{"n":"<account>","size":["<account>"],"m":1234567890123}`,
		"a=1&tag.me%40example.com=2":                                                                 "a=1&<email>=2",
		"https://h/#log-group/$252Faws$252F123456789012$252Fx$3Fme$2540example.com":                  "https://h/#log-group/$252Faws$252F<account>$252Fx$253F<email>",
		"mail me@example.com, not a@b":                                                               "mail <email>, not a@b",
		"10.0.1.23:443 172.16.0.1 192.168.0.1 100.64.1.1 fd00:ec2::2":                                standIns("10.0.1.23") + ":443 " + standIns("172.16.0.1", "192.168.0.1", "100.64.1.1", "fd00:ec2::2"),
		"54.1.2.3 172.32.0.1 100.128.0.1 2600::1 110.0.0.1":                                          "54.1.2.3 172.32.0.1 100.128.0.1 2600::1 110.0.0.1",
		"vpce-0123456789abcdef0-a1b2c3d4.logs.us-east-1.vpce.amazonaws.com vpc-01234567 ip-10-0-0-1": "<vpce>.logs.us-east-1.vpce.amazonaws.com <vpc> <host>",
		"account 1234-5678-9012, not 1234-5678-9012-3456 or x1234-5678-9012":                         "account <account>, not 1234-5678-9012-3456 or x1234-5678-9012",
		"tgw-0123456789abcdef0 pcx-0123456789abcdef0 acl-01234567 tgw-attach-0123456789abcdef0":      "<tgw> <pcx> <acl> <tgw>",
		"pl-0123456789abcdef0 vgw-01234567 cgw-01234567 d-90671a2b3c id-90671a2b3c nacl-01234567":    "<pl> <vgw> <cgw> <d> id-90671a2b3c nacl-01234567",
		"ether 02:42:ac:11:00:02 or 02-42-AC-11-00-02 at 2026-11-23-10-28-00":                        "ether <mac> or <mac> at 2026-11-23-10-28-00",
		"SHA-1 a0:b1:c2:d3:e4:f5:06:17:28:39:4a:5b:6c:7d:8e:9f:a0:b1:c2:d3":                          "SHA-1 a0:b1:c2:d3:e4:f5:06:17:28:39:4a:5b:6c:7d:8e:9f:a0:b1:c2:d3",
		"arn:aws:sns:us-east-1:123456789012:topic:0123 arn:aws:execute-api:us-east-1::api/prod/GET":  "arn:aws:sns:us-east-1:<account>:<name> arn:aws:execute-api:us-east-1::<name>",
		"via fe80::42:acff:fe11:2 169.254.169.254":                                                   "via " + standIns("fe80::42:acff:fe11:2") + " 169.254.169.254",
	} {
		once := strict.Text(in)
		if got := anyAlias.ReplaceAllString(once, "<$1>"); got != want {
			t.Errorf("%s\n got %s\nwant %s", in, got, want)
		}
		if twice := strict.Text(once); twice != once {
			t.Errorf("not idempotent: %s gives %s", once, twice)
		}
		if kept := the.Text(in); kept != in {
			t.Errorf("not strictly, %s isn't kept: %s", in, kept)
		}
	}
}

func TestStrict_onePseudonymForOneAccountEverywhere(t *testing.T) {
	const account = "123456789012"
	f := &flow.Flow{
		Request: flow.Request{
			URL:     "https://" + account + ".dkr.ecr.us-east-1.amazonaws.com/?arn=" + url.QueryEscape("arn:aws:iam::"+account+":role/Admin"),
			Headers: []flow.Header{{Name: "Referer", Value: "https://h/?account=" + account}, {Name: "Content-Type", Value: "application/json"}},
			Body:    []byte(`{"accountId":` + account + `,"OwnerId":"` + account + `","s":"{\"a\":\"` + account + `\"}"}`),
		},
		Page:    "https://h/" + account,
		Failure: &flow.Failure{Message: "no " + account},
		AWS:     &flow.AWS{Error: &flow.AWSError{Message: "for arn:aws:iam::" + account + ":user/me", PolicyARN: "arn:aws:iam::" + account + ":policy/p"}},
		Conn: &flow.Conn{
			Authority: account + ".x:443", Resolution: &flow.Resolution{Name: account + ".x", CNAMEs: []string{account + ".y"}, Addrs: []netip.Addr{netip.MustParseAddr("10.0.0.1")}},
			TLS: &flow.TLSInfo{ServerName: account + ".x", Chain: []flow.Cert{{Names: []string{account + ".x"}}}},
		},
		Tunnel: &flow.Tunnel{ServerName: account + ".x"},
		Note:   "in " + account,
	}
	before := *f.Conn
	conn := f.Conn
	strict.Flow(f)
	all := everything(f) + f.Conn.Authority + f.Conn.Resolution.Name + f.Conn.Resolution.CNAMEs[0] + f.Conn.TLS.ServerName + f.Conn.TLS.Chain[0].Names[0] + f.Tunnel.ServerName
	if strings.Contains(all, account) || strings.Contains(all, "Admin") {
		t.Errorf("the account or a name survives in %s", all)
	}
	alias := strict.Text(account)
	if n := strings.Count(all, alias); n < 15 {
		t.Errorf("%s is there %d times, want it everywhere: %s", alias, n, all)
	}
	if !json.Valid(f.Request.Body) {
		t.Errorf("no longer JSON: %s", f.Request.Body)
	}
	if u, err := url.Parse(f.Request.URL); err != nil || u.Host != alias+".dkr.ecr.us-east-1.amazonaws.com" {
		t.Errorf("no longer a URL: %v %v", u, err)
	}
	if conn.Authority != before.Authority || conn.Resolution.Name != account+".x" || conn.Resolution.Addrs[0].String() != "10.0.0.1" {
		t.Error("the shared connection was written to, or has another address")
	}
}

// TestStrict_oneValueInTwoForms: one account or interface isn't two because somebody wrote it
// differently.
func TestStrict_oneValueInTwoForms(t *testing.T) {
	for _, same := range [][2]string{{"123456789012", "1234-5678-9012"}, {"02:42:ac:11:00:02", "02-42-AC-11-00-02"}} {
		if a, b := strict.Text(same[0]), strict.Text(same[1]); a != b || !anyAlias.MatchString(a) {
			t.Errorf("%s is %s, %s is %s", same[0], a, same[1], b)
		}
	}
	if a, b := strict.Text("fe80::42:acff:fe11:2"), "fe80::42:acff:fe11:2"; a == b || !strings.HasPrefix(a, "fe80::") {
		t.Errorf("%s becomes %s: want another address of the link", b, a)
	}
}
