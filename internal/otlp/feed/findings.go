package feed

import (
	"strings"
	"time"

	"detour/internal/diagnose"
	"detour/internal/flow"
	"detour/internal/otlp"
)

// findings know which findings were sent: for each host, when it becomes part of one, and when that ends.
type findings struct {
	open  map[findingKey]*otlp.Finding
	ended map[findingKey]time.Time // when those that were open ended last
}

// maxEnded limits the ends that are remembered: names of hosts may be a stranger's.
const maxEnded = 1 << 10

type findingKey struct{ code, host string }

// meanings returns what each code means.
func meanings() map[string]string {
	out := make(map[string]string)
	for _, r := range diagnose.Rules() {
		out[r.Code] = r.Meaning
	}
	return out
}

// judged sends what has changed since the findings were judged before. get returns a flow; nil if it isn't
// there any more.
func (d *feed) judged(found []flow.Finding, get func(flow.ID) *flow.Flow, now time.Time) {
	was := d.findings
	d.findings = findings{make(map[findingKey]*otlp.Finding), was.ended}
	if was.ended == nil || len(was.ended) > maxEnded {
		d.findings.ended = make(map[findingKey]time.Time)
	}
	for i := range found {
		f := &found[i]
		for _, host := range hosts(f) {
			k := findingKey{f.Code, host}
			x, open := was.open[k]
			ended, over := d.findings.ended[k]
			switch {
			case f.Resolved && !open && over && !f.ResolvedAt.After(ended):
				continue // the end was sent, or that it is withdrawn
			case f.Provisional && !open && !f.Resolved:
				continue
			case !open:
				x = d.finding(f, host, get, now)
				d.send(*x)
			}
			delete(was.open, k)
			if !f.Resolved {
				d.findings.open[k] = x
				continue
			}
			x.Flows, _ = part(f, host, get, func(*flow.Flow) {})
			d.end(k, x, otlp.FindingResolved, f.ResolvedAt, now)
		}
	}
	for k, x := range was.open {
		x.Flows = 0 // how many there were isn't known any more
		d.end(k, x, otlp.FindingWithdrawn, now, now)
	}
}

// hosts are a finding's; "" if it has none.
func hosts(f *flow.Finding) []string {
	if len(f.Hosts) == 0 {
		return []string{""}
	}
	return f.Hosts
}

// part calls see with the flows of a host's part in a finding. n is how many there are, and last the newest one;
// n is 0 if some aren't there any more: what isn't known isn't said.
func part(f *flow.Finding, host string, get func(flow.ID) *flow.Flow, see func(*flow.Flow)) (n int, last *flow.Flow) {
	all := true
	for _, id := range f.Flows {
		switch one := get(id); {
		case one == nil:
			all = false
		case host == "" || strings.EqualFold(one.Request.Host(), host):
			n, last = n+1, one
			see(one)
		}
	}
	if !all {
		n = 0
	}
	return n, last
}

// finding returns a host's part in a finding, as it is now. It begins with its first flow; one that ended before
// begins after that, so that the newest record says whether it is open.
func (d *feed) finding(f *flow.Finding, host string, get func(flow.ID) *flow.Flow, now time.Time) *otlp.Finding {
	x := &otlp.Finding{
		Code: f.Code, Level: f.Level, Confidence: f.Confidence, Meaning: d.meanings[f.Code], State: otlp.FindingOpen, Observed: now,
	}
	ended := d.findings.ended[findingKey{f.Code, host}]
	n, last := part(f, host, get, func(one *flow.Flow) {
		if at := one.Times.Start; at.After(ended) && (x.At.IsZero() || at.Before(x.At)) {
			x.At = at
		}
	})
	if x.Flows = n; x.At.IsZero() {
		x.At = after(ended, now)
	}
	if last == nil {
		x.Host = d.redact.Text(host)
		return x
	}
	x.Example = d.redact.Flow(bare(last))
	if host != "" {
		x.Host = strings.ToLower(x.Example.Request.Host())
	}
	return x
}

func (d *feed) send(x otlp.Finding) {
	if d.room != nil {
		d.room()
	}
	d.to.Log(func() []byte { return d.encoder.Finding(x) })
}

// end sends the end of a finding; at is zero if it isn't known when that was.
func (d *feed) end(k findingKey, of *otlp.Finding, as otlp.FindingState, at, now time.Time) {
	if !at.After(of.At) {
		at = after(of.At, now)
	}
	d.findings.ended[k] = at
	x := *of
	x.State, x.At, x.Observed = as, at, now
	d.send(x)
}

// after is now, or the next instant after an earlier event if the clock was set back.
func after(event, now time.Time) time.Time {
	if now.After(event) {
		return now
	}
	return event.Add(1)
}
