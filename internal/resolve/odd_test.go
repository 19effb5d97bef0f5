package resolve

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"detour/internal/flow"
)

// plainOnly answers queries without EDNS, and refuses the others.
func plainOnly(tb testing.TB, refuse func(m *dns.Msg)) answer {
	tb.Helper()
	all := rrs(tb, name+". 60 IN A 203.0.113.10")
	return func(w dns.ResponseWriter, q *dns.Msg) {
		if q.IsEdns0() == nil {
			_ = w.WriteMsg(lookupIn(all, q))
			return
		}
		m := new(dns.Msg).SetReply(q)
		if refuse(m); m.Id == q.Id {
			_ = w.WriteMsg(m)
		}
	}
}

// refusals are the ways in which a nameserver doesn't take EDNS.
var refusals = map[string]func(m *dns.Msg){
	"FORMERR":                      func(m *dns.Msg) { m.Rcode = dns.RcodeFormatError },
	"FORMERR without the question": func(m *dns.Msg) { m.Rcode, m.Question = dns.RcodeFormatError, nil },
	"NOTIMP":                       func(m *dns.Msg) { m.Rcode = dns.RcodeNotImplemented },
	"BADVERS":                      func(m *dns.Msg) { m.SetEdns0(1232, false); m.Rcode = dns.RcodeBadVers },
	"silence":                      func(m *dns.Msg) { m.Id++ },
}

func TestEDNS_aNameserverThatDoesNotTakeItIsAskedWithout(t *testing.T) {
	for kind, refuse := range refusals {
		ownClock(t, func(t *testing.T) {
			r := askingInMemory(plainOnly(t, refuse))
			for lookup := range 2 {
				res := r.Resolve(t.Context(), name)
				if res.Outcome != flow.DNSOK || len(res.Addrs) != 1 || !slices.ContainsFunc(res.Queries, func(q flow.DNSQuery) bool { return q.NoEDNS }) {
					t.Errorf("%s: %+v", kind, res)
				}
				takes := time.Duration(0)
				if kind == "silence" && lookup == 0 {
					takes = plainAfter
				}
				if res.Took > takes+time.Microsecond || res.Took < takes {
					t.Errorf("%s: lookup %d took %v, want %v", kind, lookup, res.Took, takes)
				}
			}
		})
	}
}

func TestEDNS_aReferenceThatDoesNotTakeItIsAskedWithout(t *testing.T) {
	for kind, refuse := range refusals {
		if kind == "silence" {
			continue // a reference is asked once
		}
		ref, err := NewReference(nameserver(t, plainOnly(t, refuse)).String())
		if err != nil {
			t.Fatal(err)
		}
		if got := ref.Ask(t.Context(), name); got.Outcome != flow.DNSOK || len(got.Addrs) != 1 {
			t.Errorf("%s: %+v", kind, got)
		}
	}
}

func TestEDNS_aNameserverThatRefusesEverythingIsNotSilent(t *testing.T) {
	ownClock(t, func(t *testing.T) {
		res := resolveWith(t.Context(), func(w dns.ResponseWriter, q *dns.Msg) {
			m := new(dns.Msg).SetRcode(q, dns.RcodeFormatError)
			m.Question = nil
			_ = w.WriteMsg(m)
		})
		if res.Outcome != flow.DNSError || !strings.Contains(res.Err, "FORMERR") || res.Took > time.Millisecond {
			t.Errorf("%+v", res)
		}
	})
}

// answering replies with records, changed by change.
func answering(tb testing.TB, lines []string, change func(m *dns.Msg)) netip.AddrPort {
	tb.Helper()
	all := rrs(tb, lines...)
	return nameserver(tb, func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg).SetReply(q)
		m.RecursionAvailable = true
		for _, rr := range all {
			if t := rr.Header().Rrtype; t == q.Question[0].Qtype || t == dns.TypeCNAME {
				m.Answer = append(m.Answer, rr)
			}
		}
		if change != nil {
			change(m)
		}
		if w.RemoteAddr().Network() == "udp" {
			m.Truncate(1232)
		}
		_ = w.WriteMsg(m)
	})
}

func TestAnswer_recordsOfOtherNamesAreNotTaken(t *testing.T) {
	for what, c := range map[string]struct {
		lines []string
		want  string
	}{
		"beside the name's own": {[]string{"other.example. 60 IN A 192.0.2.66", name + ". 60 IN A 203.0.113.10"}, "[203.0.113.10]"},
		"alone":                 {[]string{"other.example. 60 IN A 192.0.2.66"}, "[]"},
		"of the name beside its alias": {[]string{
			name + ". 60 IN CNAME a.example.", "a.example. 60 IN A 203.0.113.10", "b.example. 60 IN A 192.0.2.66",
		}, "[203.0.113.10]"},
		"aliases out of order": {[]string{
			"z.example. 60 IN A 203.0.113.10", "y.example. 60 IN CNAME z.example.", name + ". 60 IN CNAME Y.example.",
		}, "[203.0.113.10]"},
	} {
		server := answering(t, c.lines, nil)
		res := New(Config{Nameservers: []netip.AddrPort{server}}).Resolve(t.Context(), name)
		if got := fmt.Sprint(res.Addrs); got != c.want || (res.Outcome == flow.DNSOK) != (c.want != "[]") {
			t.Errorf("%s: %s, %s (%s), want %s", what, got, res.Outcome, res.Err, c.want)
		}
		ref, err := NewReference(server.String())
		if err != nil {
			t.Fatal(err)
		}
		if got := ref.Ask(t.Context(), name); fmt.Sprint(got.Addrs) != c.want {
			t.Errorf("%s: the reference has %v, want %s", what, got.Addrs, c.want)
		}
	}
}

func TestAnswer_aTTLWithTheTopBitSetIsZero(t *testing.T) {
	server := answering(t, []string{name + ". 2147483648 IN A 203.0.113.10"}, nil)
	res := New(Config{Nameservers: []netip.AddrPort{server}}).Resolve(t.Context(), name)
	if res.Outcome != flow.DNSOK || res.TTL != 0 {
		t.Errorf("a TTL of %v, %s", res.TTL, res.Outcome)
	}
}

func TestAnswer_hasSoManyAddressesAtMost(t *testing.T) {
	var lines []string
	for i := range 200 {
		lines = append(lines, fmt.Sprintf("%s. 60 IN A 203.0.%d.%d", name, i>>7, i&127))
	}
	server := answering(t, lines, nil)
	res := New(Config{Nameservers: []netip.AddrPort{server}}).Resolve(t.Context(), name)
	if len(res.Addrs) != maxAddresses || res.AddrsMore != 200-maxAddresses {
		t.Errorf("%d addresses and %d more, want 200", len(res.Addrs), res.AddrsMore)
	}
}

func TestAnswer_aReferencesAnswerToAnotherQuestionIsNone(t *testing.T) {
	for what, change := range map[string]func(m *dns.Msg){
		"name":        func(m *dns.Msg) { m.Question[0].Name = "other.example." },
		"type":        func(m *dns.Msg) { m.Question[0].Qtype = dns.TypeTXT },
		"class":       func(m *dns.Msg) { m.Question[0].Qclass = dns.ClassCHAOS },
		"no question": func(m *dns.Msg) { m.Question = nil },
	} {
		ref, err := NewReference(answering(t, []string{name + ". 60 IN A 203.0.113.10"}, change).String())
		if err != nil {
			t.Fatal(err)
		}
		if got := ref.Ask(t.Context(), name); got.Outcome != flow.DNSError || len(got.Addrs) > 0 {
			t.Errorf("%s: %+v", what, got)
		}
	}
	ref, err := NewReference(answering(t, []string{name + ". 60 IN A 203.0.113.10"}, func(m *dns.Msg) {
		m.Question[0].Name = strings.ToUpper(m.Question[0].Name)
	}).String())
	if err != nil {
		t.Fatal(err)
	}
	if got := ref.Ask(t.Context(), name); got.Outcome != flow.DNSOK {
		t.Errorf("in another case: %+v", got)
	}
}

func TestAnswer_anAliasOfADeletedNameIsNotAMissingName(t *testing.T) {
	const target = "vpce-0dead-beef.athena.us-east-1.vpce.amazonaws.com"
	server := answering(t, []string{name + ". 60 IN CNAME " + target + "."}, func(m *dns.Msg) { m.Rcode = dns.RcodeNameError })
	res := New(Config{Nameservers: []netip.AddrPort{server}}).Resolve(t.Context(), name)
	if res.Outcome != flow.DNSNXDomain || res.DeadAlias() != target || !strings.Contains(res.Err, "alias of "+target) {
		t.Errorf("%+v, dead alias %q", res, res.DeadAlias())
	}
	loop := answering(t, []string{name + ". 60 IN CNAME b.example.", "b.example. 60 IN CNAME " + name + "."}, nil)
	if res := New(Config{Nameservers: []netip.AddrPort{loop}}).Resolve(t.Context(), name); res.DeadAlias() != "" || res.Outcome != flow.DNSNoData {
		t.Errorf("a loop: %+v, dead alias %q", res, res.DeadAlias())
	}
	missing := New(Config{Nameservers: []netip.AddrPort{nameserver(t, coded(dns.RcodeNameError))}}).Resolve(t.Context(), name)
	if missing.DeadAlias() != "" || strings.Contains(missing.Err, "alias") {
		t.Errorf("%+v", missing)
	}
}

// A dropped query for IPv6 addresses costs seconds; the record says which query that was.
func TestAnswer_aDroppedQueryIsRecordedWithItsTypeAndTime(t *testing.T) {
	all := rrs(t, name+". 60 IN A 203.0.113.10")
	server := nameserver(t, func(w dns.ResponseWriter, q *dns.Msg) {
		if q.Question[0].Qtype != dns.TypeAAAA {
			_ = w.WriteMsg(lookupIn(all, q))
		}
	})
	res := New(Config{Nameservers: []netip.AddrPort{server}}).Resolve(t.Context(), name)
	took := make(map[string]time.Duration)
	for _, q := range res.Queries {
		if q.RCode == "" {
			took[q.Type] += q.Took
		}
	}
	if res.Outcome != flow.DNSOK || took["AAAA"] < res.Took/2 || took["A"] != 0 {
		t.Errorf("%s in %v, unanswered %v", res.Outcome, res.Took, took)
	}
}
