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
	ended map[findingKey]time.Time // when those ended that are still shown
}

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
	d.findings = findings{make(map[findingKey]*otlp.Finding), make(map[findingKey]time.Time)}
	for i := range found {
		f := &found[i]
		for _, host := range hosts(f) {
			k := findingKey{f.Code, host}
			x, open := was.open[k]
			ended, over := was.ended[k]
			switch {
			case f.Resolved && over && ended.Equal(f.ResolvedAt):
				d.findings.ended[k] = ended
				continue
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
			d.findings.ended[k] = f.ResolvedAt
			d.end(x, otlp.FindingResolved, f.ResolvedAt, now)
		}
	}
	for _, x := range was.open {
		d.end(x, otlp.FindingWithdrawn, now, now)
	}
}

// hosts are a finding's; "" if it has none.
func hosts(f *flow.Finding) []string {
	if len(f.Hosts) == 0 {
		return []string{""}
	}
	return f.Hosts
}

// finding returns a host's part in a finding, as it is now.
func (d *feed) finding(f *flow.Finding, host string, get func(flow.ID) *flow.Flow, now time.Time) *otlp.Finding {
	x := &otlp.Finding{
		Code: f.Code, Level: f.Level, Confidence: f.Confidence, Meaning: d.meanings[f.Code], State: otlp.FindingOpen, Observed: now,
	}
	all := true
	var last *flow.Flow
	for _, id := range f.Flows {
		one := get(id)
		if one == nil {
			all = false
			continue
		}
		if host != "" && !strings.EqualFold(one.Request.Host(), host) {
			continue
		}
		if last = one; x.At.IsZero() || one.Times.Start.Before(x.At) {
			x.At = one.Times.Start
		}
		x.Flows++
	}
	if !all { // what isn't known isn't said
		x.Flows = 0
	}
	if x.At.IsZero() {
		x.At = now
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
func (d *feed) end(of *otlp.Finding, as otlp.FindingState, at, now time.Time) {
	x := *of
	if x.State, x.At, x.Observed = as, at, now; at.IsZero() {
		x.At = now
	}
	d.send(x)
}
