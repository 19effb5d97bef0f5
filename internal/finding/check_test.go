package finding

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"detour/internal/flow"
)

func TestCheckResult_saysHowManyAnswerAndSinceWhen(t *testing.T) {
	at := func(s int) time.Time { return time.Date(2026, 11, 24, 21, 18, s, 0, time.UTC) }
	clock := func(t time.Time) string { return t.Format("15:04:05") }
	address := func(n byte, inRow int) flow.AddressCheck {
		a := flow.AddressCheck{Tries: 4, Answered: inRow, InRow: inRow, Failed: at(1)}
		a.Last = flow.Later{Addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, n}), 443), Outcome: flow.DialTimeout, Took: 4 * time.Second}
		if inRow > 0 {
			a.Since = at(25)
		}
		return a
	}
	check := func(outcome flow.CheckOutcome, works bool, rows ...int) *flow.Check {
		h := flow.HostCheck{Authority: "logs.example:443", Works: works}
		for i, n := range rows {
			h.Addresses = append(h.Addresses, address(byte(i), n))
		}
		if works {
			h.Since = at(25)
		}
		return &flow.Check{Began: at(0), Ended: at(40), Outcome: outcome, Hosts: []flow.HostCheck{h}}
	}
	none := check(flow.CheckFails, false)
	none.Hosts[0].DNS = []flow.CheckAnswer{{Outcome: flow.DNSNXDomain}}
	for want, c := range map[string]*flow.Check{
		"answers since 21:18:25, 4 of 4 addresses":    check(flow.CheckWorks, true, 1, 1, 1, 1),
		"still 0 of 4 addresses answer":               check(flow.CheckFails, false, 0, 0, 0, 0),
		"1 of 4 addresses answers":                    check(flow.CheckFails, false, 0, 1, 0, 0),
		"3 of 4 addresses answer":                     check(flow.CheckPending, false, 1, 2, 3, 0),
		"4 of 4 addresses, 1 in a row":                check(flow.CheckPending, false, 1, 2, 3, 2),
		"not fixed after 40 s: 0 of 1 address answer": check(flow.CheckDeadline, false, 0),
		"no address to connect to (DNS: nxdomain)":    none,
		"begins": {Kind: flow.CheckWatch},
		"stopped after 40 s: 1 of 2 addresses answers": check(flow.CheckStopped, false, 1, 0),
	} {
		if got := CheckResult(c, clock); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	c := check(flow.CheckWorks, true, 3)
	c.Hosts[0].DNS = []flow.CheckAnswer{
		{At: at(0), Outcome: flow.DNSOK, Addrs: []netip.Addr{netip.MustParseAddr("10.0.0.9"), netip.MustParseAddr("52.1.1.1")}},
		{At: at(20), Outcome: flow.DNSOK, Addrs: []netip.Addr{netip.MustParseAddr("52.1.1.1")}},
	}
	var lines []string
	for _, l := range CheckSection(c, clock).Lines {
		lines = append(lines, l.Text)
	}
	const want = `answers since 21:18:25, 1 of 1 address: 4 tries, 21:18:00 to 21:18:40
logs.example:443: DNS changed from private 10.0.0.9 and public 52.1.1.1 to public 52.1.1.1 at 21:18:20
logs.example:443: 10.0.0.0:443 failed at 21:18:01, answers since 21:18:25 (3 of 4 tries answered)`
	if got := strings.Join(lines, "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
