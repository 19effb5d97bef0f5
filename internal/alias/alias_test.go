package alias

import (
	"fmt"
	"maps"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"detour/internal/flow"
)

func TestTable_numbersByKindInOrderOfFirstUse(t *testing.T) {
	var names Table
	for _, c := range []struct{ got, want string }{
		{names.Name(Account, "123456789012"), "account-1"},
		{names.Address(netip.MustParseAddr("10.0.0.2")), "private-1"},
		{names.Address(netip.MustParseAddr("203.0.113.9")), "public-1"},
		{names.Address(netip.MustParseAddr("fd00::2")), "private-2"},
		{names.Address(netip.MustParseAddr("::ffff:10.0.0.2")), "private-1"},
		{names.Name(Host, "wiki.corp"), "host-1"},
		{names.Name(Host, "Wiki.Corp"), "host-1"},
		{names.Name(Account, "210987654321"), "account-2"},
		{names.Name(Name, "123456789012"), "account-1"}, // one thing, one name
		{names.Name(Account, "123456789012"), "account-1"},
	} {
		if c.got != c.want {
			t.Errorf("got %s, want %s", c.got, c.want)
		}
	}
	for v, want := range map[string]string{
		"sg-0123456789abcdef0": "sg-1", "vpce-0123456789abcdef0-a1b2c3d4": "vpce-1", "1234-5678-9012": "account-1", "10.0.0.2": "private-1",
		"010.000.000.002": "private-1", "jo@corp.example": "email-1", "grafana-deadbeef": "host-2", // a label tells whose it is
	} {
		if got := names.Of(Host, v); got != want {
			t.Errorf("%s is %s, want %s", v, got, want)
		}
	}
	if v, ok := names.Value("Host-1"); !ok || v != "wiki.corp" {
		t.Errorf("host-1 is %q, %v", v, ok)
	}
	if _, ok := names.Value("host-3"); ok {
		t.Error("host-3 stands for something")
	}
}

// TestTable_usesNoNameTwice: not even for the values that come after it is full.
func TestTable_usesNoNameTwice(t *testing.T) {
	var names Table
	seen := make(map[string]string)
	for i := range maxNames + 100 {
		v := fmt.Sprintf("h%d", i)
		name := names.Name(Host, v)
		if before, ok := seen[name]; ok && name != "host-other" {
			t.Fatalf("%s is %s and %s", name, before, v)
		}
		seen[name] = v
	}
	if got := names.Name(Host, "h0"); got != "host-1" || seen["host-other"] == "" {
		t.Errorf("h0 is %s at the end, and %d values have names", got, len(seen))
	}
	if len(names.values) != maxNames || len(names.others) != maxNames {
		t.Errorf("%d and %d are remembered", len(names.values), len(names.others))
	}
}

func TestTable_isSharedByManyReaders(t *testing.T) {
	var names Table
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for i := range 200 {
				names.Name(Host, fmt.Sprint(i))
				names.Texts(nil).Text(fmt.Sprintf("10.0.0.%d", i))
			}
		})
	}
	all.Wait()
	seen := make(map[string]bool)
	for i := range 200 {
		seen[names.Name(Host, fmt.Sprint(i))] = true
	}
	if len(seen) != 200 {
		t.Errorf("%d names of 200 hosts", len(seen))
	}
}

// strictFlow is a flow with stand-ins, from a client's address to another one.
func strictFlow(local, to string) *flow.Flow {
	return &flow.Flow{Strict: true, Conn: &flow.Conn{
		Resolution: &flow.Resolution{Nameserver: netip.MustParseAddrPort("10.9.9.9:53"), Addrs: []netip.Addr{netip.MustParseAddr(to)}},
		Attempts: []flow.DialAttempt{{
			Local: netip.AddrPortFrom(netip.MustParseAddr(local), 5000), Addr: netip.AddrPortFrom(netip.MustParseAddr(to), 443),
		}},
	}}
}

func TestTexts_nameStandInsAndNothingElse(t *testing.T) {
	var names Table
	texts := names.Texts(nil)
	texts.Learn(strictFlow("192.168.81.30", "10.1.2.3"))
	texts.Learn(strictFlow("2001:db8::7", "fd12::1")) // a client's public address
	for in, want := range map[string]string{
		"dial tcp 10.1.2.3:443 from 192.168.81.30:50000":                                             "dial tcp private-2:443 from client-1:50000",
		"[fd12::1]:443, fd12::1/128 and 2001:db8::7":                                                 "[private-3]:443, private-3/128 and client-2",
		"::ffff:10.1.2.3 and 10.1.2.3.nip.io":                                                        "private-2 and private-2.nip.io",
		"nameserver 10.9.9.9 of 10.0.0.0/8":                                                          "nameserver private-1 of private-4/8",
		"redacted-account-4f1c9a07b2 has redacted-host-4f1c9a07b2.logs.us-east-1.vpce.amazonaws.com": "account-1 has host-1.logs.us-east-1.vpce.amazonaws.com",
		"203.0.113.5 at 10:28:00, 1.2.3, 2600::1, a10.1.2.3 redacted:token:4f1c9a07b2, private-2": "203.0.113.5 at 10:28:00, 1.2.3, 2600::1, a10.1.2.3 " +
			"redacted:token:4f1c9a07b2, private-2",
	} {
		got := texts.Text(in)
		if strings.Contains(in, "10.0.0.0/8") {
			got = strings.Replace(got, names.Address(netip.MustParseAddr("10.0.0.0")), "private-4", 1)
		}
		if got != want {
			t.Errorf("%s\n got %s\nwant %s", in, got, want)
		}
		if again := texts.Text(got); again != got {
			t.Errorf("%s, and again %s", got, again)
		}
	}
}

// TestTexts_leaveTheClientToBeFilledIn: a command can't be run by mistake.
func TestTexts_leaveTheClientToBeFilledIn(t *testing.T) {
	var names Table
	texts := names.Texts(nil)
	texts.Learn(strictFlow("192.168.81.30", "10.1.2.3"))
	texts.Learn(strictFlow("fd12::9", "10.1.2.3"))
	f := texts.Finding(flow.Finding{
		Title: "10.1.2.3 doesn't respond", Because: []string{"from 192.168.81.30"}, Hosts: []string{"redacted-host-4f1c9a07b2.x"},
		Try: []flow.NextStep{
			{Text: "open it to 192.168.81.30", Command: "aws x --cidr 192.168.81.30/32"},
			{Command: "aws x --cidr fd12::9/128"},
			{Command: "dig @10.9.9.9 h"},
			{Command: "ip route get 10.1.2.3"},
		},
		Asks: []flow.Ask{{Of: flow.NetworkTeam, What: "from 192.168.81.30 to 10.1.2.3"}},
	})
	if want := map[string]string{
		"10.1.2.3": "private-2", "192.168.81.30": "client-1", "fd12::9": "client-2", "10.9.9.9": "private-1", "redacted-host-4f1c9a07b2": "host-1",
	}; !maps.Equal(f.Names, want) {
		t.Errorf("its names are %v, want %v", f.Names, want)
	}
	got := fmt.Sprintf("%s %v %v %v %v", f.Title, f.Because, f.Hosts, f.Try, f.Asks)
	const want = "private-2 doesn't respond [from client-1] [redacted-host-4f1c9a07b2.x] " +
		"[open it to client-1: aws x --cidr CLIENT_ADDRESS/32 aws x --cidr CLIENT_ADDRESS/128 dig @private-1 h ip route get private-2] " +
		"[{network team from client-1 to private-2}]"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestTexts_haveTheNamesOfWhatStandInsStandFor: a report that is written strictly, in a run that
// isn't, speaks of what the masked screen shows.
func TestTexts_haveTheNamesOfWhatStandInsStandFor(t *testing.T) {
	var names Table
	names.Name(Account, "999999999999")
	shown := names.Name(Account, "123456789012")
	address := names.Address(netip.MustParseAddr("10.0.0.5"))
	var originals StandIns
	originals.Add("redacted-account-4f1c9a07b2", "123456789012")
	originals.Add("10.77.1.2", "10.0.0.5")
	texts := names.Texts(&originals)
	if got := texts.Text("redacted-account-4f1c9a07b2 at 10.77.1.2"); got != shown+" at "+address {
		t.Errorf("got %s, on the screen they are %s and %s", got, shown, address)
	}
}

func FuzzTexts(f *testing.F) {
	f.Add("dial tcp 10.1.2.3:443: redacted-account-4f1c9a07b2 fd12::1")
	f.Add("::::1.2.3.4 10.10.10.10.10 redacted-name-0000000000redacted-host-1111111111")
	f.Fuzz(func(t *testing.T, s string) {
		var names Table
		texts := names.Texts(nil)
		if got := texts.Text(s); !standIn.MatchString(s) && got != s {
			t.Errorf("Text(%q) = %q", s, got)
		}
		if got := texts.Text(s + " 10.1.2.3 "); strings.Contains(got, " 10.1.2.3 ") {
			t.Errorf("Text(%q) leaves an address: %q", s+" 10.1.2.3 ", got)
		}
		_ = texts.Command(s)
	})
}

// TestTable_copiesHaveTheSameNames: those of the table that they are copied from, and none of them
// for anything else.
func TestTable_copiesHaveTheSameNames(t *testing.T) {
	var names, watched Table
	watched.Take("redacted-account-4f1c9a07b2", names.Name(Account, "123456789012"))
	watched.Take("10.77.1.2", names.Address(netip.MustParseAddr("10.0.0.5")))
	watched.Take("2001:db8::7", names.address(Client, netip.MustParseAddr("198.51.100.7")))
	got := watched.Texts(nil).Text("redacted-account-4f1c9a07b2 at 10.77.1.2 from 2001:db8::7, by 10.1.1.1")
	if want := "account-1 at private-1 from client-1, by private-w1"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := watched.Originals("host:account-1 or ip:private-w1 or ip:private-1"); got != "host:redacted-account-4f1c9a07b2 or ip:10.1.1.1 or ip:10.77.1.2" {
		t.Errorf("the filter is %s", got)
	}
	if names.Name(Account, "210987654321") == watched.Name(Account, "210987654321") {
		t.Error("a name of the copy's own may be another thing's in the original")
	}
	if watched.Take("10.8.8.8", "private-1"); watched.Address(netip.MustParseAddr("10.8.8.8")) == "private-1" {
		t.Error("two things have one name")
	}
}
