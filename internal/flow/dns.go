package flow

import (
	"net/netip"
	"time"
)

// A DNSOutcome says what a lookup came to.
type DNSOutcome string

// The outcomes of a lookup.
const (
	DNSPending  DNSOutcome = ""
	DNSOK       DNSOutcome = "ok"
	DNSNXDomain DNSOutcome = "nxdomain" // the name does not exist
	DNSNoData   DNSOutcome = "nodata"   // the name exists, but has no address
	DNSServFail DNSOutcome = "servfail"
	DNSRefused  DNSOutcome = "refused"
	DNSTimeout  DNSOutcome = "timeout" // no nameserver answered
	DNSError    DNSOutcome = "error"   // anything else; Err has it
)

// A DNSSource says what the addresses rest on.
type DNSSource string

// The sources of addresses.
const (
	SourceDNS     DNSSource = "dns"            // a nameserver's answer, read from its packets
	SourceHosts   DNSSource = "hosts"          // the hosts file
	SourceSystem  DNSSource = "system"         // the system's resolver, which doesn't say
	SourceMap     DNSSource = "map"            // the user's --map
	SourceLiteral DNSSource = "literal"        // the host is an address
	SourceProxied DNSSource = "upstream-proxy" // the upstream proxy resolved; we don't know
)

// A Resolution is what became of one lookup.
type Resolution struct {
	Name       string // as asked, lower case, no final dot
	Outcome    DNSOutcome
	Source     DNSSource
	Nameserver netip.AddrPort // the server whose answer was used; invalid if none
	CNAMEs     []string       // the chain in order, Name not included
	Addrs      []netip.Addr   // in the order in which they are dialed
	Ranges     []string       // of each of Addrs, what AWS publishes of it: "EC2 us-east-1"; "" if nothing. nil: nobody looked
	HTTPS      []string       // HTTPS records (RFC 9460) as text, which a browser may take addresses from; asked beside the lookup
	TTL        time.Duration  // smallest in the answer; 0 if unknown
	Age        time.Duration  // since it was asked for: within TTL an answer serves again
	Zone       string         // of a negative answer: whose word it is (SOA, RFC 2308); "" if it doesn't say
	Validated  bool           // the nameserver says that it has checked DNSSEC (AD, RFC 4035)
	Hosts      string         // "/etc/hosts:7", if Source is hosts and the line was found
	Before     *Answer        // what the name resolved to until now, if that was quite another answer
	Queries    []DNSQuery     // every packet exchange of the lookup, by start
	Start      time.Time
	Took       time.Duration // 0 while pending
	Err        string
	Reference  *Reference   // what another resolver says of the name; nil if none was asked, or not yet
	Wire       *Reference   // what the system's nameserver says on the wire, where the system's resolver was asked
	Each       []*Reference // what each nameserver says by itself; only a probe asks
}

// An Answer is what a name resolved to at some time.
type Answer struct {
	Addrs   []netip.Addr
	Outcome DNSOutcome
	Last    time.Time // when it was given last
}

// A Reference is the word of a resolver that was asked beside, to compare with.
type Reference struct {
	Nameserver string // as the user named it: "1.1.1.1", "https://dns.example/dns-query"
	Outcome    DNSOutcome
	Addrs      []netip.Addr
	HTTPS      []string // HTTPS records (RFC 9460) as text, which a browser takes addresses and protocols from
	Took       time.Duration
	Err        string
}

// A Verdict is what the comparison of two resolvers comes to.
type Verdict string

// The verdicts. Overlap is what rotation of addresses looks like: it is no contradiction.
const (
	VerdictEqual     Verdict = "equal"
	VerdictOverlap   Verdict = "overlap"
	VerdictDifferent Verdict = "different"         // no address in common, of the same reach
	VerdictPrivate   Verdict = "private-vs-public" // private here, public there: split horizon
	VerdictOnlyThere Verdict = "exists-only-there" // the name has no address here
	VerdictOnlyHere  Verdict = "exists-only-here"
	VerdictNone      Verdict = "none" // the reference couldn't say
)

// An Explanation says whether the wire explains what the system's resolver said.
type Explanation string

// The explanations.
const (
	ExplainedSame      Explanation = "same"   // all addresses in common
	ExplainedSubset    Explanation = "subset" // some
	ExplainedDifferent Explanation = "different"
	ExplainedNot       Explanation = "none" // the wire said nothing
)

// Explained compares the system's word with what its nameserver says on the wire:
// same, subset or different. A hosts file, a VPN's own resolver and a cache make
// differences. "" if there is nothing to compare, none if the wire said nothing.
func (r *Resolution) Explained() Explanation {
	if r == nil || r.Wire == nil {
		return ""
	}
	switch r.Compare(r.Wire) {
	case "":
		return ""
	case VerdictEqual:
		return ExplainedSame
	case VerdictOverlap:
		return ExplainedSubset
	case VerdictNone:
		return ExplainedNot
	case VerdictDifferent, VerdictPrivate, VerdictOnlyThere, VerdictOnlyHere:
	}
	return ExplainedDifferent
}

// OutsideAWS reports whether there are public addresses, all known to be in none of
// the ranges that AWS publishes: a VPC may have such addresses, too.
func (r *Resolution) OutsideAWS() bool {
	if r == nil || r.Ranges == nil || len(r.Ranges) != len(r.Addrs) {
		return false
	}
	for i, a := range r.Addrs {
		if ScopeOf(a) != ScopePublic || r.Ranges[i] != "" {
			return false
		}
	}
	return len(r.Addrs) > 0
}

// Verdict compares the resolution with its reference; "" if there is none.
func (r *Resolution) Verdict() Verdict {
	if r == nil {
		return ""
	}
	return r.Compare(r.Reference)
}

// Compare compares the resolution with another resolver's word; "" if there is none.
func (r *Resolution) Compare(ref *Reference) Verdict {
	if ref == nil || r.Outcome == DNSPending {
		return ""
	}
	switch ref.Outcome {
	case DNSOK:
	case DNSNXDomain, DNSNoData:
		if r.Outcome == DNSOK {
			return VerdictOnlyHere
		}
		return VerdictEqual
	case DNSPending, DNSServFail, DNSRefused, DNSTimeout, DNSError:
		return VerdictNone
	}
	if len(r.Addrs) == 0 {
		return VerdictOnlyThere
	}
	there := make(map[netip.Addr]bool, len(ref.Addrs))
	for _, a := range ref.Addrs {
		there[a.Unmap()] = true
	}
	common := 0
	for _, a := range r.Addrs {
		if there[a.Unmap()] {
			common++
		}
	}
	switch {
	case common == len(r.Addrs) && common == len(there):
		return VerdictEqual
	case common > 0:
		return VerdictOverlap
	case r.AllInVPC() && !(&Resolution{Addrs: ref.Addrs}).AllInVPC():
		return VerdictPrivate
	}
	return VerdictDifferent
}

// A DNSQuery is one question to one nameserver.
type DNSQuery struct {
	Server    netip.AddrPort
	Proto     string // "udp" or "tcp"
	Name      string // as asked, with the search suffix if one was tried
	Type      string // "A", "AAAA"
	RCode     string // "NOERROR", "NXDOMAIN", …; "" if no answer came
	Truncated bool
	Answers   int
	EDE       string        // the server's own explanation (RFC 8914): "Blocked by policy"; "" if none
	Took      time.Duration // until the answer or the giving up
}

// A Scope is the reach of an address.
type Scope string

// The scopes. Private means that it can't be on the internet and may be in a VPC.
const (
	ScopePublic      Scope = "public"
	ScopePrivate     Scope = "private"     // RFC 1918
	ScopeCGNAT       Scope = "cgnat"       // 100.64.0.0/10, RFC 6598
	ScopeULA         Scope = "ula"         // fc00::/7, RFC 4193
	ScopeLinkLocal   Scope = "link-local"  // 169.254/16, fe80::/10
	ScopeLoopback    Scope = "loopback"    // 127/8, ::1
	ScopeUnspecified Scope = "unspecified" // 0.0.0.0, ::
)

// ScopeOf tells an address's scope. IPv4 in IPv6 counts as IPv4.
func ScopeOf(a netip.Addr) Scope {
	a = a.Unmap()
	switch {
	case !a.IsValid() || a.IsUnspecified():
		return ScopeUnspecified
	case a.IsLoopback():
		return ScopeLoopback
	case a.IsLinkLocalUnicast():
		return ScopeLinkLocal
	case a.Is6() && a.IsPrivate():
		return ScopeULA
	case a.IsPrivate():
		return ScopePrivate
	case cgnat.Contains(a):
		return ScopeCGNAT
	}
	return ScopePublic
}

var cgnat = netip.PrefixFrom(netip.AddrFrom4([4]byte{100, 64, 0, 0}), 10)

// InVPC reports whether an address of this scope may belong to a VPC's
// interface endpoint: private, carrier-grade NAT space or ULA.
func (s Scope) InVPC() bool {
	return s == ScopePrivate || s == ScopeCGNAT || s == ScopeULA
}

// Scopes returns the distinct scopes of the resolved addresses, in order.
func (r *Resolution) Scopes() []Scope {
	if r == nil {
		return nil
	}
	var out []Scope
next:
	for _, a := range r.Addrs {
		s := ScopeOf(a)
		for _, have := range out {
			if have == s {
				continue next
			}
		}
		out = append(out, s)
	}
	return out
}

// AllInVPC reports whether there is an address and each may be in a VPC.
func (r *Resolution) AllInVPC() bool {
	if r == nil || len(r.Addrs) == 0 {
		return false
	}
	for _, a := range r.Addrs {
		if !ScopeOf(a).InVPC() {
			return false
		}
	}
	return true
}
