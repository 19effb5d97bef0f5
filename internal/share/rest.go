package share

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"detour/internal/flow"
	"detour/internal/wording"
)

// publishRest publishes what has changed beside the flows.
func (p *pump) publishRest(finish string) {
	f := p.feed
	now := time.Now()
	if steps := f.cfg.Source.Steps(); !same(steps, p.steps) {
		p.steps = steps
		p.publishSteps(steps)
	}
	if checks := f.cfg.Source.Checks(); !same(checks, p.checks) {
		p.checks = checks
		p.publishChecks(checks)
	}
	p.judge(now, finish != "")
	f.mu.Lock()
	cursor := f.cursor
	f.mu.Unlock()
	if cursor != p.cursor {
		p.cursor = cursor
		f.publishValue(&f.at, both(encode(Cursor{cursor})))
	}
	p.publishState(now, finish)
}

// same reports whether two slices are the same one.
func same[T any](a, b []T) bool { return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0]) }

func (p *pump) publishSteps(steps []flow.Step) {
	f := p.feed
	out := make([]flow.Step, len(steps))
	for i, s := range steps {
		out[i] = flow.Step{At: s.At.UTC(), Text: f.cfg.Strict.Text(s.Text)}
	}
	f.mu.Lock()
	f.capture.Steps = out
	f.mu.Unlock()
	f.learnNames()
	named := slices.Clone(out)
	for i := range named {
		named[i].Text = f.cfg.Strict.Texts().Text(named[i].Text)
	}
	f.publishValue(&f.steps, [2][]byte{asRecords: encode(Steps{out}), asRows: encode(Steps{named})})
}

func (p *pump) publishChecks(checks []*flow.Check) {
	f := p.feed
	out, records := make([]*flow.Check, len(checks)), make([]flow.RecordCheck, len(checks))
	for i, c := range checks {
		out[i] = f.cfg.Strict.Check(c)
		records[i] = out[i].Record()
	}
	f.mu.Lock()
	f.capture.Checks = out
	f.mu.Unlock()
	f.learnNames()
	f.publishValue(&f.checks, both(encode(Checks{records})))
}

// mind notes which flows the findings are about.
func (p *pump) mind(found []flow.Finding) {
	if same(found, p.minded) {
		return
	}
	p.minded, p.important = found, make(map[flow.ID]bool)
	for _, x := range found {
		for _, id := range x.Flows {
			p.important[id] = true
		}
	}
}

// judge publishes the findings if they have changed.
func (p *pump) judge(now time.Time, atOnce bool) {
	f := p.feed
	again := !same(p.minded, p.found) || p.partial && len(p.found) > 0
	if f.cfg.Judge == nil || p.judgedOnce && (!again || now.Sub(p.judged) < judgeEvery && !atOnce) {
		return
	}
	if p.open == 0 {
		p.behind = time.Time{}
	} else if p.behind.IsZero() {
		p.behind = now
	}
	if p.open > 0 && now.Sub(p.behind) < judgeAfter && !atOnce {
		return // what is found of all flows comes soon
	}
	p.found, p.judged, p.partial = p.minded, now, p.open > 0
	var out []flow.Finding
	if len(p.found) > 0 {
		real, strict := p.published()
		out = f.cfg.Judge(real, strict, p.found, f.cfg.Now())
		if p.partial {
			caution(out, len(strict), len(p.items))
		}
		f.learnNames()
	}
	records := Findings{make([]flow.RecordFinding, len(out))}
	for i, x := range out {
		records.Findings[i] = x.Record()
	}
	data := [2][]byte{asRecords: encode(records)}
	if p.judgedOnce && bytes.Equal(data[asRecords], f.findings.data[asRecords]) {
		return
	}
	p.judgedOnce = true
	f.mu.Lock()
	f.capture.Findings = out
	f.mu.Unlock()
	if f.cfg.Renderer != nil {
		data[asRows] = f.cfg.Renderer.Findings(f.Capture(), f.cfg.Now())
	}
	f.publishValue(&f.findings, data)
}

// caution says of findings what they were judged of.
func caution(found []flow.Finding, of, all int) {
	for i := range found {
		found[i].Because = append(slices.Clone(found[i].Because), fmt.Sprintf(
			"this is from the %d of %s that could be shared so far: the numbers may be too low", of, wording.Count(all, "request")))
	}
}

// published returns the flows that were published, as the source has them, and redacted.
func (p *pump) published() (real, strict []*flow.Flow) {
	p.feed.mu.Lock()
	defer p.feed.mu.Unlock()
	for _, it := range p.items {
		if it.sent != nil {
			real, strict = append(real, it.sent), append(strict, it.subject.flow)
		}
	}
	return real, strict
}

// publishState publishes the state if it has changed, or the last one is old.
func (p *pump) publishState(now time.Time, ended string) {
	f := p.feed
	s := State{
		Facts: p.facts(), Watching: f.Watching(), Badge: f.cfg.Badge, Flows: len(p.items), Ended: ended, Now: f.cfg.Now().UTC(),
	}
	s.Recorded = f.cfg.Recorded != nil && f.cfg.Recorded()
	since := now.Sub(p.stated)
	changed := !slices.Equal(s.Facts, p.state.Facts) || s.Watching != p.state.Watching ||
		s.Recorded != p.state.Recorded || s.Ended != p.state.Ended
	if !changed && since < Heartbeat && (s.Flows == p.state.Flows || since < stateEvery) {
		return
	}
	p.state, p.stated = s, now
	f.learnNames()
	named := s
	named.Facts = slices.Clone(s.Facts)
	for i := range named.Facts {
		named.Facts[i].Value = f.cfg.Strict.Texts().Text(named.Facts[i].Value)
	}
	f.publishValue(&f.state, [2][]byte{asRecords: encode(s), asRows: encode(named)})
}

// facts returns those of the head, redacted, with stand-ins.
func (p *pump) facts() []Fact {
	if p.feed.cfg.Facts == nil {
		return []Fact{}
	}
	facts := p.feed.cfg.Facts()
	if slices.Equal(facts, p.head) && p.state.Facts != nil {
		return p.state.Facts
	}
	p.head = facts
	out := make([]Fact, len(facts))
	for i, x := range facts {
		out[i] = Fact{x.Name, p.feed.cfg.Strict.Text(withoutHomes(x.Value))}
	}
	return out
}

// both is data that is the same in both forms.
func both(data []byte) [2][]byte { return [2][]byte{data, data} }

// encode returns a value as one JSON object on one line; nil if it can't be written, as an instant
// of the year 10000 can't.
func encode(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // outside HTML, & and < need no escapes
	if err := enc.Encode(v); err != nil {
		return nil
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
