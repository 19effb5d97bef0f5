package otlp

import (
	"cmp"
	"slices"
	"time"

	"detour/internal/diagnose/ending"
	"detour/internal/flow"
)

// A Summary sums up the requests of one operation to one host that ended in one minute, and were made from one
// place.
type Summary struct {
	Minute   time.Time  // its beginning
	Observed time.Time  // when it was removed from Summaries
	Example  *flow.Flow // one of the requests, redacted: its host, call, origin and place are those of all
	Flows    int
	Failed   int // of these, those that count as failed: see [ending.Failed]
	Errors   int // of these, those with a status of 400 or more
	Longest  time.Duration
}

// Summary returns the log record of a summary.
func (e *Encoder) Summary(s *Summary) []byte {
	var a message
	a.server(s.Example.Request.Authority())
	if call := s.Example.AWS; call != nil {
		if call.IsCall() {
			a.text(attrRPCSystem, "aws-api")
			a.text(attrRPCMethod, Method(call))
		}
		a.word(attrRegion, call.Region)
	}
	a.closed(attrOrigin, string(s.Example.Origin))
	from := placeOf(s.Example.Conn)
	a.text(attrLocal, from.network)
	a.text(attrNameserver, from.nameserver)
	a.text(attrScope, from.scope)
	a.integer(attrFlows, int64(s.Flows))
	a.integer(attrFailed, int64(s.Failed))
	a.integer(attrErrors, int64(s.Errors))
	a.number(attrLongest, s.Longest.Seconds())
	return log(EventSummary, info, s.Minute, s.Observed, summaryBody(s), a)
}

// maxSummaries limits the summaries that are kept: names of hosts may be a stranger's. Further requests of a
// minute have one summary, without a host.
const maxSummaries = 1000

// Summaries are the summaries of minutes that aren't over. The zero value is empty.
type Summaries struct {
	of     map[summaryKey]*Summary
	places places
}

type summaryKey struct {
	minute                                int64
	authority, region, service, operation string
	origin                                flow.Origin
	place                                 place
}

// Add adds a flow that is final. redact is called with the first one of a summary.
func (s *Summaries) Add(f *flow.Flow, redact func(*flow.Flow) *flow.Flow) {
	at := f.Times.Done
	if at.IsZero() {
		at = f.Times.Start
	}
	k := summaryKey{minute: at.Unix() / 60, authority: f.Request.Authority(), origin: f.Origin, place: s.places.get(f.Conn)}
	if a := f.AWS; a != nil {
		k.region, k.service, k.operation = a.Region, a.ServiceName, a.Operation
	}
	if s.of[k] == nil && len(s.of) >= maxSummaries {
		k, redact = summaryKey{minute: k.minute}, func(*flow.Flow) *flow.Flow { return &flow.Flow{} }
	}
	x := s.of[k]
	if x == nil {
		if s.of == nil {
			s.of = make(map[summaryKey]*Summary)
		}
		x = &Summary{Minute: at.Truncate(time.Minute), Example: redact(f)}
		s.of[k] = x
	}
	x.Flows++
	if ending.Failed(f) {
		x.Failed++
	}
	if f.Response != nil && f.Response.Status >= 400 {
		x.Errors++
	}
	if f.Timed() {
		x.Longest = max(x.Longest, f.Elapsed(at))
	}
}

// Until removes and returns the summaries of the minutes that are over now, by time and host.
func (s *Summaries) Until(now time.Time) []*Summary {
	return s.remove(now, func(minute time.Time) bool { return !now.Before(minute.Add(time.Minute)) })
}

// All is [Summaries.Until] at the end: it removes all, also that of the current minute, and those of minutes to
// come if the clock was set back.
func (s *Summaries) All(now time.Time) []*Summary {
	return s.remove(now, func(time.Time) bool { return true })
}

func (s *Summaries) remove(now time.Time, over func(minute time.Time) bool) (out []*Summary) {
	for k, x := range s.of {
		if over(x.Minute) {
			x.Observed = now
			out = append(out, x)
			delete(s.of, k)
		}
	}
	slices.SortFunc(out, func(a, b *Summary) int {
		return cmp.Or(a.Minute.Compare(b.Minute), cmp.Compare(a.Example.Request.Authority(), b.Example.Request.Authority()),
			cmp.Compare(Method(a.Example.AWS), Method(b.Example.AWS)))
	})
	return out
}
