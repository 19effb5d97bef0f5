package flow

import (
	"net/netip"
	"time"
)

// RecordCheck is the stable JSON form of a Check.
type RecordCheck struct {
	ID      int               `json:"id"`
	Kind    CheckKind         `json:"kind"`
	Codes   []string          `json:"findings,omitempty"`
	Began   time.Time         `json:"began"`
	Ended   time.Time         `json:"ended,omitzero"`
	Outcome CheckOutcome      `json:"outcome,omitempty"`
	Since   time.Time         `json:"since,omitzero"`
	Hosts   []RecordHostCheck `json:"hosts"`
}

// RecordHostCheck is one of the "hosts" of a RecordCheck.
type RecordHostCheck struct {
	Authority string               `json:"authority"`
	Flow      ID                   `json:"flow,omitempty"`
	Works     bool                 `json:"works"`
	Since     time.Time            `json:"since,omitzero"`
	DNS       []RecordCheckAnswer  `json:"dns,omitempty"`
	Addresses []RecordAddressCheck `json:"addresses"`
}

// RecordCheckAnswer is one of the "dns" of a RecordHostCheck.
type RecordCheckAnswer struct {
	Time      time.Time  `json:"time"`
	Outcome   DNSOutcome `json:"outcome"`
	Addresses []string   `json:"addresses,omitempty"`
	Message   string     `json:"message,omitempty"`
}

// RecordAddressCheck is one of the "addresses" of a RecordHostCheck.
type RecordAddressCheck struct {
	Last     RecordLater `json:"last"`
	Tries    int         `json:"tries"`
	Answered int         `json:"answered"`
	InRow    int         `json:"in_row"`
	Flaps    int         `json:"flaps,omitempty"`
	Failed   time.Time   `json:"failed,omitzero"`
	Since    time.Time   `json:"since,omitzero"`
	Gone     bool        `json:"gone,omitempty"`
}

// Record converts the check to its stable form. Codes are shared.
func (c *Check) Record() RecordCheck {
	r := RecordCheck{
		c.ID, c.Kind, c.Codes, c.Began.UTC(), utc(c.Ended), c.Outcome, utc(c.Since()), make([]RecordHostCheck, 0, len(c.Hosts)),
	}
	for _, h := range c.Hosts {
		out := RecordHostCheck{h.Authority, h.Flow, h.Works, utc(h.Since), nil, make([]RecordAddressCheck, 0, len(h.Addresses))}
		for _, d := range h.DNS {
			out.DNS = append(out.DNS, d.Record())
		}
		for _, a := range h.Addresses {
			out.Addresses = append(out.Addresses, RecordAddressCheck{
				a.Last.Record(), a.Tries, a.Answered, a.InRow, a.Flaps, utc(a.Failed), utc(a.Since), a.Gone,
			})
		}
		r.Hosts = append(r.Hosts, out)
	}
	return r
}

// Record converts the answer to its stable form.
func (d CheckAnswer) Record() RecordCheckAnswer {
	r := RecordCheckAnswer{Time: d.At.UTC(), Outcome: d.Outcome, Message: d.Err}
	for _, a := range d.Addrs {
		r.Addresses = append(r.Addresses, a.String())
	}
	return r
}

// utc is t in UTC; the zero time stays one.
func utc(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC()
}

// Check is the inverse of [Check.Record].
func (r *RecordCheck) Check() Check {
	c := Check{ID: r.ID, Kind: r.Kind, Codes: r.Codes, Began: r.Began, Ended: r.Ended, Outcome: r.Outcome}
	for _, h := range r.Hosts {
		out := HostCheck{Authority: h.Authority, Flow: h.Flow, Works: h.Works, Since: h.Since}
		for _, d := range h.DNS {
			x := CheckAnswer{At: d.Time, Outcome: d.Outcome, Err: d.Message}
			for _, s := range d.Addresses {
				if a, err := netip.ParseAddr(s); err == nil {
					x.Addrs = append(x.Addrs, a)
				}
			}
			out.DNS = append(out.DNS, x)
		}
		for _, a := range h.Addresses {
			out.Addresses = append(out.Addresses, AddressCheck{
				a.Last.later(), a.Tries, a.Answered, a.InRow, a.Flaps, a.Failed, a.Since, a.Gone,
			})
		}
		c.Hosts = append(c.Hosts, out)
	}
	return c
}

// Valid reports whether the values of closed sets in the record look like words, as
// [Record.Valid] does.
func (r *RecordCheck) Valid() bool {
	words := append([]string{string(r.Kind), string(r.Outcome)}, r.Codes...)
	for _, h := range r.Hosts {
		for _, d := range h.DNS {
			words = append(words, string(d.Outcome))
		}
		for _, a := range h.Addresses {
			words = append(words, a.Last.words()...)
		}
	}
	for _, w := range words {
		if !IsWord(w) {
			return false
		}
	}
	return true
}

// words are the entry's values of closed sets.
func (r RecordLater) words() []string {
	return []string{string(r.Kind), string(r.Outcome), string(r.DNS), string(r.Stage)}
}
