package flow

import (
	"net/netip"
	"time"
)

// RecordResolution is the record's "connection.resolution".
type RecordResolution struct {
	Name       string            `json:"name"`
	Outcome    DNSOutcome        `json:"outcome"`
	Source     DNSSource         `json:"source"`
	Nameserver string            `json:"nameserver,omitempty"`
	CNAMEs     []string          `json:"cnames"`
	Addresses  []RecordAddress   `json:"addresses"`
	AddrsMore  int               `json:"addresses_more,omitempty"` // further ones, which aren't used
	DeadAlias  string            `json:"dead_alias,omitempty"`     // the last of cnames, which doesn't exist or has no address
	HTTPS      []string          `json:"https,omitempty"`
	TTL        float64           `json:"ttl_s,omitempty"`
	Age        float64           `json:"age_s,omitempty"` // since the lookup, if the answer was used again
	AtMS       *float64          `json:"at_ms,omitempty"`
	MS         float64           `json:"ms"`
	Message    string            `json:"message,omitempty"`
	Shortage   Shortage          `json:"shortage,omitempty"`    // this machine had run out of it
	Outside    bool              `json:"outside_aws,omitempty"` // the addresses are public, and none is in AWS's ranges
	Zone       string            `json:"zone,omitempty"`        // of a negative answer (SOA)
	Validated  bool              `json:"dnssec_validated,omitempty"`
	Hosts      string            `json:"hosts_line,omitempty"` // "/etc/hosts:7"
	Before     *RecordAnswer     `json:"before,omitempty"`     // the answer before, if the two contradict each other
	Reference  *RecordReference  `json:"reference,omitempty"`
	Wire       *RecordReference  `json:"wire,omitempty"`        // the nameserver's answer, if the system's resolver was used
	Each       []RecordReference `json:"nameservers,omitempty"` // the answer of each nameserver; of probes
	Queries    []RecordQuery     `json:"queries,omitempty"`
}

// RecordQuery is one question to one nameserver.
type RecordQuery struct {
	Server    string  `json:"server"`
	Proto     string  `json:"proto"`
	Name      string  `json:"name"`
	Type      string  `json:"type"`
	RCode     string  `json:"rcode,omitempty"` // absent if there was no answer
	Truncated bool    `json:"truncated,omitempty"`
	Answers   int     `json:"answers"`
	NoEDNS    bool    `json:"without_edns,omitempty"` // answered only when asked without
	EDE       string  `json:"ede,omitempty"`
	MS        float64 `json:"ms"`
}

// RecordAnswer is the record's "connection.resolution.before".
type RecordAnswer struct {
	Outcome   DNSOutcome      `json:"outcome"`
	Addresses []RecordAddress `json:"addresses"`
	Last      time.Time       `json:"last"`
}

// RecordReference is the record's "connection.resolution.reference".
type RecordReference struct {
	Nameserver string          `json:"nameserver"`
	Outcome    DNSOutcome      `json:"outcome"`
	Addresses  []RecordAddress `json:"addresses"`
	MS         float64         `json:"ms"`
	Message    string          `json:"message,omitempty"`
	HTTPS      []string        `json:"https,omitempty"`
	Verdict    Verdict         `json:"verdict"`
}

// RecordAddress is one resolved address.
type RecordAddress struct {
	IP    netip.Addr `json:"ip"`
	Scope Scope      `json:"scope"`
	Range string     `json:"aws_range,omitempty"` // its AWS range: "EC2 us-east-1"
}

func (r *Resolution) record(began time.Time) *RecordResolution {
	if r == nil {
		return nil
	}
	out := &RecordResolution{
		Name: r.Name, Outcome: r.Outcome, Source: r.Source, CNAMEs: list(r.CNAMEs),
		TTL: r.TTL.Seconds(), AtMS: since(began, r.Start), MS: MS(r.Took), Message: r.Err, Shortage: r.Shortage, Outside: r.OutsideAWS(),
	}
	if r.Nameserver.IsValid() {
		out.Nameserver = r.Nameserver.String()
	}
	out.Addresses = recordAddresses(r.Addrs)
	for i := range min(len(r.Ranges), len(out.Addresses)) {
		out.Addresses[i].Range = r.Ranges[i]
	}
	out.AddrsMore, out.DeadAlias = r.AddrsMore, r.DeadAlias()
	out.HTTPS, out.Age = r.HTTPS, r.Age.Seconds()
	out.Zone, out.Validated, out.Hosts = r.Zone, r.Validated, r.Hosts
	if b := r.Before; b != nil {
		out.Before = &RecordAnswer{b.Outcome, recordAddresses(b.Addrs), b.Last.UTC()}
	}
	if r.Reference != nil {
		ref := r.recordReference(r.Reference)
		out.Reference = &ref
	}
	if r.Wire != nil {
		ref := r.recordReference(r.Wire)
		ref.Verdict = Verdict(r.Explained())
		out.Wire = &ref
	}
	for _, q := range r.Queries {
		out.Queries = append(out.Queries, RecordQuery{
			q.Server.String(), q.Proto, q.Name, q.Type, q.RCode, q.Truncated, q.Answers, q.NoEDNS, q.EDE, MS(q.Took),
		})
	}
	for _, ref := range r.Each {
		out.Each = append(out.Each, r.recordReference(ref))
	}
	return out
}

func (r *Resolution) recordReference(ref *Reference) RecordReference {
	return RecordReference{ref.Nameserver, ref.Outcome, recordAddresses(ref.Addrs), MS(ref.Took), ref.Err, ref.HTTPS, r.Compare(ref)}
}

func recordAddresses(addrs []netip.Addr) []RecordAddress {
	out := make([]RecordAddress, 0, len(addrs))
	for _, a := range addrs {
		out = append(out, RecordAddress{IP: a, Scope: ScopeOf(a)})
	}
	return out
}
