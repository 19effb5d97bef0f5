package diagnose

import (
	"cmp"
	"maps"
	"slices"
	"sort"
	"time"

	"detour/internal/diagnose/ending"
	"detour/internal/diagnose/nextstep"
	"detour/internal/diagnose/unjudged"
	"detour/internal/flow"
)

// hold is how long a finding stays unchanged after its pattern has disappeared.
const hold = 2 * time.Second

// keepResolved is how long a resolved finding stays visible.
const keepResolved = 5 * time.Minute

// maxKept is how many flows are kept that are no longer among the flows.
const maxKept = 256

// A Tracker judges the flows of a run again and again. None of its findings flickers while somebody
// reads it, and a problem whose flows were cleared or dropped remains until it is resolved.
// The zero value is ready to use. It is not safe for concurrent use.
type Tracker struct {
	// Machine is the one that makes the connections, whose system the next steps are for; nil if it
	// isn't known.
	Machine *flow.Environment

	Panics unjudged.Panics // of rules

	known   []tracked
	claimed map[flow.ID]*flow.Flow // by problems that aren't resolved, when they were judged last
	kept    map[flow.ID]*flow.Flow // of these, those that are gone
}

type tracked struct {
	flow.Finding
	was     flow.Level // before it was resolved
	last    time.Time  // when it was last found
	because []string   // the evidence from when its flows were there
}

// Judge returns the findings of flows to show at now: those that they have, and those of a moment
// ago. A finding that has disappeared is resolved if its requests were answered, and otherwise
// dropped. Flows must be in the order of their IDs. found are the findings of these flows alone.
func (t *Tracker) Judge(flows []*flow.Flow, now time.Time) (shown, found []flow.Finding) {
	return t.judge(flows, now, hold)
}

// Conclude is Judge at the end of a run: what has disappeared isn't shown unchanged.
func (t *Tracker) Conclude(flows []*flow.Flow, now time.Time) (shown, found []flow.Finding) {
	return t.judge(flows, now, 0)
}

func (t *Tracker) judge(flows []*flow.Flow, now time.Time, hold time.Duration) (shown, found []flow.Finding) {
	all := t.withKept(flows)
	o := survey(all, now)
	judged := judgeAll(o, now, nextstep.SystemOf(t.Machine))
	t.Panics.Note(o.broken)
	for i := range judged {
		judged[i].Finding = t.asItWas(judged[i])
	}
	found = findings(judged)
	t.claim(all, found)
	return t.update(judged, all, now, hold), found
}

// withKept returns the flows with those of unresolved problems that are gone.
func (t *Tracker) withKept(flows []*flow.Flow) []*flow.Flow {
	gone := maps.Clone(t.kept)
	for id, f := range t.claimed {
		if find(flows, id) == nil {
			if gone == nil {
				gone = make(map[flow.ID]*flow.Flow)
			}
			gone[id] = f
		}
	}
	ids := slices.Sorted(maps.Keys(gone))
	for len(ids) > maxKept {
		delete(gone, ids[0])
		ids = ids[1:]
	}
	if t.kept = gone; len(gone) == 0 {
		return flows
	}
	all := make([]*flow.Flow, 0, len(flows)+len(gone))
	all = append(all, flows...)
	for _, id := range ids {
		all = append(all, gone[id])
	}
	slices.SortFunc(all, func(a, b *flow.Flow) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

// Gone returns the flows of problems that aren't resolved which those that were judged last lack,
// by ID.
func (t *Tracker) Gone() []*flow.Flow {
	return slices.SortedFunc(maps.Values(t.kept), func(a, b *flow.Flow) int { return cmp.Compare(a.ID, b.ID) })
}

// find returns the flow with that ID; nil if it isn't there.
func find(flows []*flow.Flow, id flow.ID) *flow.Flow {
	at := sort.Search(len(flows), func(i int) bool { return flows[i].ID >= id })
	if at == len(flows) || flows[at].ID != id {
		return nil
	}
	return flows[at]
}

// asItWas returns a finding all of whose flows are gone with the evidence that it had when they
// were there: what else was seen then may be gone, too.
func (t *Tracker) asItWas(f judged) flow.Finding {
	if !t.allGone(f.Finding) {
		return f.Finding
	}
	for _, k := range t.known {
		if k.Code != f.Code || k.Resolved {
			continue
		}
		was := k.Finding
		was.Level, was.Resolved, was.ResolvedAt = f.Level, f.Resolved, f.ResolvedAt
		was.Hosts, was.Flows, was.Asks, was.Provisional = f.Hosts, f.Flows, f.Asks, false
		was.Because = slices.Clone(k.because)
		was.Because = append(was.Because, lacking(f.checks, was.Because)...)
		if f.Resolved {
			was.Because = append(was.Because, f.Because[len(f.Because)-1]) // why
		} else {
			was.Because = append(was.Because, isGone)
		}
		return was
	}
	return f.Finding
}

// because is the evidence of a finding from when its flows were there.
func (t *Tracker) because(f flow.Finding) []string {
	for _, k := range t.known {
		if k.Code == f.Code && t.allGone(f) {
			return k.because
		}
	}
	return f.Because
}

func (t *Tracker) allGone(f flow.Finding) bool {
	return !slices.ContainsFunc(f.Flows, func(id flow.ID) bool { return t.kept[id] == nil })
}

// lacking are the lines that others don't have.
func lacking(lines, others []string) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(s string) bool { return slices.Contains(others, s) })
}

const isGone = "these requests are no longer in the table, and what failed hasn't been answered since"

// claim remembers the flows of problems that aren't resolved. Those of the others may go.
func (t *Tracker) claim(flows []*flow.Flow, found []flow.Finding) {
	t.claimed = nil
	kept := make(map[flow.ID]*flow.Flow)
	for _, f := range found {
		if f.Level != flow.LevelProblem {
			continue
		}
		for _, id := range f.Flows {
			if x := t.kept[id]; x != nil {
				kept[id] = x
			} else if x := find(flows, id); x != nil && x.Final() {
				if t.claimed == nil {
					t.claimed = make(map[flow.ID]*flow.Flow)
				}
				t.claimed[id] = x
			}
		}
	}
	t.kept = kept
}

// update adds to the findings at now those of a moment ago.
func (t *Tracker) update(found []judged, flows []*flow.Flow, now time.Time, hold time.Duration) []flow.Finding {
	next := make([]tracked, 0, len(found))
	for _, f := range found {
		next = append(next, tracked{f.Finding, f.was, now, t.because(f.Finding)})
	}
	for _, k := range t.known {
		if slices.ContainsFunc(found, func(f judged) bool { return f.Code == k.Code }) {
			continue
		}
		switch since := now.Sub(k.last); {
		case k.Resolved && since < keepResolved, since < hold:
		case k.Resolved, k.Level != flow.LevelProblem:
			continue
		default:
			at, ok := allAnswered(k.Flows, flows)
			if !ok {
				continue
			}
			k.Level, k.Resolved, k.ResolvedAt, k.Provisional, k.Asks = flow.LevelNotice, true, at, false, nil
			k.Because = append(slices.Clone(k.Because), "each of these requests has been answered since")
		}
		next = append(next, k)
	}
	t.known = next
	slices.SortStableFunc(next, func(a, b tracked) int { return rank(a.Finding, a.was) - rank(b.Finding, b.was) })
	var out []flow.Finding
	for _, k := range next {
		out = append(out, k.Finding)
	}
	return out
}

// allAnswered reports whether each of the flows got an answer, and when the last one did.
func allAnswered(ids []flow.ID, flows []*flow.Flow) (at time.Time, ok bool) {
	for _, id := range ids {
		f := find(flows, id)
		if f == nil || !ending.Reached(f) {
			return at, false
		}
		if a := answeredAt(f); a.After(at) {
			at = a
		}
	}
	return at, len(ids) > 0
}
