package flow

import (
	"net/netip"
	"slices"
	"time"
)

// A DNSOutcome is the result of a lookup.
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
	DNSError    DNSOutcome = "error"   // any other; see Err
)

// A DNSSource says where addresses come from.
type DNSSource string

// The sources of addresses.
const (
	SourceDNS     DNSSource = "dns"            // a nameserver's answer, decoded from its packets
	SourceHosts   DNSSource = "hosts"          // the hosts file
	SourceSystem  DNSSource = "system"         // the system's resolver, which doesn't report its source
	SourceMap     DNSSource = "map"            // the user's --map
	SourceLiteral DNSSource = "literal"        // the host is an address
	SourceProxied DNSSource = "upstream-proxy" // resolved by the upstream proxy; not known
)

// A Resolution is the result of one lookup.
type Resolution struct {
	Name       string // in lower case, without the final dot
	Outcome    DNSOutcome
	Source     DNSSource
	Nameserver netip.AddrPort // the server whose answer was used; invalid if none
	CNAMEs     []string       // the chain in order, without Name
	Addrs      []netip.Addr   // in order of dialing
	AddrsMore  int            // how many further addresses the answer has, which aren't used
	Ranges     []string       // for each of Addrs, its AWS range: "EC2 us-east-1"; "" if it is in none. nil: not looked up
	HTTPS      []string       // HTTPS records (RFC 9460) as text, which browsers may take addresses from; from a separate query
	TTL        time.Duration  // the smallest in the answer; 0 if unknown
	Age        time.Duration  // since the lookup, if the answer was used again within TTL
	Zone       string         // of a negative answer (SOA, RFC 2308); "" if it has none
	Validated  bool           // the nameserver reports that it validated DNSSEC (AD, RFC 4035)
	Hosts      string         // "/etc/hosts:7", if Source is hosts and the line was found
	Before     *Answer        // the answer before, if the two contradict each other
	Queries    []DNSQuery     // all queries of the lookup, by start
	Start      time.Time
	Took       time.Duration // 0 while pending
	Err        string
	Shortage   Shortage     // why it failed, if something of this machine had run out
	Reference  *Reference   // another resolver's answer; nil if there is none, or not yet
	Wire       *Reference   // the answer of the system's nameserver, if the system's resolver was used
	Each       []*Reference // the answer of each nameserver; only of a probe
}

// An Answer is an answer for a name at some time.
type Answer struct {
	Addrs   []netip.Addr
	Outcome DNSOutcome
	Last    time.Time // when it was received last
}

// A Reference is another resolver's answer, to compare with.
type Reference struct {
	Nameserver string // as the user wrote it: "1.1.1.1", "https://dns.example/dns-query"
	Outcome    DNSOutcome
	Addrs      []netip.Addr
	HTTPS      []string // HTTPS records (RFC 9460) as text, which a browser takes addresses and protocols from
	Took       time.Duration
	Err        string
}

// A Verdict is the result of comparing two resolvers' answers.
type Verdict string

// The verdicts. VerdictOverlap isn't a contradiction: addresses rotate.
const (
	VerdictEqual     Verdict = "equal"
	VerdictOverlap   Verdict = "overlap"
	VerdictDifferent Verdict = "different"         // no address in common, both private or both public
	VerdictPrivate   Verdict = "private-vs-public" // private here, public there: split-horizon DNS
	VerdictOnlyThere Verdict = "exists-only-there" // the name has no address here
	VerdictOnlyHere  Verdict = "exists-only-here"
	VerdictNone      Verdict = "none" // the reference has no answer
)

// An Explanation compares the system's resolver with its nameserver.
type Explanation string

// The explanations.
const (
	ExplainedSame      Explanation = "same"   // all addresses in common
	ExplainedSubset    Explanation = "subset" // some
	ExplainedDifferent Explanation = "different"
	ExplainedNot       Explanation = "none" // the nameserver has no answer
)

// Explained compares the answers of the system's resolver and its nameserver. A hosts file, a
// VPN's resolver and a cache cause differences. "" if there is nothing to compare.
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

// OutsideAWS reports whether all addresses are public and in none of AWS's ranges. A VPC may
// have such addresses, too.
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

// Verdict compares the resolution with Reference; "" if there is none.
func (r *Resolution) Verdict() Verdict {
	if r == nil {
		return ""
	}
	return r.Compare(r.Reference)
}

// Compare compares the resolution with ref; "" if ref is nil.
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

// DeadAlias returns the name that the looked up name is an alias of, and that doesn't exist
// or has no address, as with a CNAME to an endpoint that was deleted. It is "" if the name
// isn't an alias, or has addresses.
func (r *Resolution) DeadAlias() string {
	if r == nil || len(r.CNAMEs) == 0 || len(r.Addrs) > 0 || r.Outcome != DNSNXDomain && r.Outcome != DNSNoData {
		return ""
	}
	for i, name := range r.CNAMEs {
		if name == r.Name || slices.Contains(r.CNAMEs[:i], name) {
			return "" // a loop: every name exists
		}
	}
	return r.CNAMEs[len(r.CNAMEs)-1]
}

// A DNSQuery is one question to one nameserver.
type DNSQuery struct {
	Server    netip.AddrPort
	Proto     string // "udp" or "tcp"
	Name      string // with the search suffix, if any
	Type      string // "A", "AAAA"
	RCode     string // "NOERROR", "NXDOMAIN", …; "" if there was no answer
	Truncated bool
	Answers   int
	NoEDNS    bool          // answered only when asked without EDNS (RFC 6891)
	EDE       string        // the server's explanation (RFC 8914): "Blocked by policy"; "" if there is none
	Took      time.Duration // until the answer or the timeout
}

// A Scope is the scope of an address.
type Scope string

// The scopes.
const (
	ScopePublic      Scope = "public"
	ScopePrivate     Scope = "private"     // RFC 1918
	ScopeCGNAT       Scope = "cgnat"       // 100.64.0.0/10, RFC 6598
	ScopeBenchmark   Scope = "benchmark"   // 198.18.0.0/15, RFC 2544: made up by programs on the machine itself
	ScopeULA         Scope = "ula"         // fc00::/7, RFC 4193
	ScopeLinkLocal   Scope = "link-local"  // 169.254/16, fe80::/10
	ScopeLoopback    Scope = "loopback"    // 127/8, ::1
	ScopeUnspecified Scope = "unspecified" // 0.0.0.0, ::
)

// ScopeOf returns the scope of an address. An IPv6 address that stands for an IPv4 one, mapped
// or by NAT64 (RFC 6052), counts as that.
func ScopeOf(a netip.Addr) Scope {
	if a = a.Unmap(); nat64.Contains(a) {
		b := a.As16()
		a = netip.AddrFrom4([4]byte(b[12:]))
	}
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
	case benchmark.Contains(a):
		return ScopeBenchmark
	}
	return ScopePublic
}

var (
	cgnat     = netip.PrefixFrom(netip.AddrFrom4([4]byte{100, 64, 0, 0}), 10)
	benchmark = netip.PrefixFrom(netip.AddrFrom4([4]byte{198, 18, 0, 0}), 15)
	nat64     = netip.PrefixFrom(netip.AddrFrom16([16]byte{0, 0x64, 0xff, 0x9b}), 96) // the well-known prefix
)

// InVPC reports whether an address of this scope may be that of an interface endpoint:
// private, carrier-grade NAT or ULA.
func (s Scope) InVPC() bool {
	return s == ScopePrivate || s == ScopeCGNAT || s == ScopeULA
}

// Scopes returns the distinct scopes of the addresses, in order.
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

// AllInVPC reports whether there are addresses and all may be in a VPC.
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
