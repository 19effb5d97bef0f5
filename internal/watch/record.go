package watch

import (
	"net/netip"
	"time"

	"detour/internal/flow"
)

// A Record is the JSON of an event.
type Record struct {
	V       int                     `json:"v"`
	Event   EventKind               `json:"event"`
	Time    time.Time               `json:"time"`
	Host    string                  `json:"host,omitempty"`
	Address string                  `json:"address,omitempty"`
	Tries   int                     `json:"tries,omitempty"`
	Try     *flow.RecordLater       `json:"try,omitempty"`
	DNS     *flow.RecordCheckAnswer `json:"dns,omitempty"`
	Before  *flow.RecordCheckAnswer `json:"dns_before,omitempty"`
	Check   *flow.RecordCheck       `json:"check,omitempty"` // of the last event
}

// Record returns the event's record. c is the state of the watch.
func (e Event) Record(c *flow.Check) Record {
	out := Record{V: 1, Event: e.Kind, Time: e.At.UTC(), Host: e.Host, Tries: e.Tries}
	if e.Addr != (netip.AddrPort{}) {
		out.Address = e.Addr.String()
	}
	if e.Later.Kind != "" {
		r := e.Later.Record()
		out.Try = &r
	}
	if e.Answer != nil {
		r := e.Answer.Record()
		out.DNS = &r
	}
	if e.Before != nil {
		r := e.Before.Record()
		out.Before = &r
	}
	if e.Kind == Ended {
		r := c.Record()
		out.Check = &r
	}
	return out
}
