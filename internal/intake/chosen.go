package intake

import (
	"cmp"
	"slices"

	"detour/internal/capture/disk"
	"detour/internal/diagnose"
	"detour/internal/flow"
)

// selects reports whether the Reader may leave flows out.
func (r Reader) selects() bool { return r.Marked || !r.Keep.Empty() }

// query is for the flows that may be selected; the Reader has to look at each.
func (r Reader) query(bodies bool) disk.Query {
	q := disk.Query{Bodies: bodies}
	q.Where, q.Args = where(r.Keep)
	switch {
	case r.Marked && q.Where == "":
		q.Where = "f.marked"
	case r.Marked:
		q.Where += " AND f.marked"
	}
	return q
}

// choose reads the flows for those that are selected, of all n, whose findings are known. A filter asks
// for nothing that is in header fields or bodies.
func (s *Stream) choose(n int) error {
	codes, chosen := s.codesOf(s.Capture.Findings), &selection{}
	err := s.file.all(false, s.has, func(f *flow.Flow) error {
		if codes != nil {
			f.Findings = codes[f.ID]
		}
		if s.from.keeps(f, s.Capture.Last) {
			chosen.add(f.ID)
		}
		return nil
	})
	if s.Capture.Selected = chosen.n; chosen.n < n {
		s.chosen = chosen
	}
	return err
}

// codesOf returns the codes that the filter asks for; nil if it asks for none.
func (s *Stream) codesOf(found []flow.Finding) map[flow.ID][]string {
	switch {
	case s.from.Keep.ListsFindings():
		return listing(found)
	case s.from.Keep.Judged():
		return diagnose.ByFlow(found)
	}
	return nil
}

// has reports whether a flow is selected.
func (s *Stream) has(id flow.ID) bool {
	return s.chosen == nil || s.chosen.has(id)
}

// A selection is a set of flows, as ranges of IDs: mostly, many flows in a row are selected, or few are.
type selection struct {
	n      int
	ranges []idRange
}

type idRange struct{ first, last flow.ID }

// add adds a flow. The IDs increase.
func (x *selection) add(id flow.ID) {
	x.n++
	if at := len(x.ranges) - 1; at >= 0 && x.ranges[at].last+1 == id {
		x.ranges[at].last = id
		return
	}
	x.ranges = append(x.ranges, idRange{id, id})
}

func (x *selection) has(id flow.ID) bool {
	at, _ := slices.BinarySearchFunc(x.ranges, id, func(r idRange, id flow.ID) int { return cmp.Compare(r.last, id) })
	return at < len(x.ranges) && x.ranges[at].first <= id
}
