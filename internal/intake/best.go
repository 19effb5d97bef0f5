package intake

import (
	"cmp"
	"slices"

	"detour/internal/flow"
)

// best keeps the most telling of many flows, which come by ID: pending ones, then those that
// failed or that somebody marked, then the newest. It never has many more than it keeps.
type best struct {
	most  int // how many are kept; 0: all
	kept  []ranked
	added int
}

type ranked struct {
	*flow.Flow
	rank int // 0 is kept first
}

func (b *best) add(f *flow.Flow) {
	b.added++
	rank := 2
	switch {
	case !f.Final():
		rank = 0
	case telling(f):
		rank = 1
	}
	b.kept = append(b.kept, ranked{f, rank})
	if b.most > 0 && len(b.kept) > b.most+b.most/4 {
		b.drop()
	}
}

// telling reports whether a flow is in the index of a capture's telling flows.
func telling(f *flow.Flow) bool {
	return f.Failure != nil || f.Response != nil && f.Response.Status >= 400 || f.AWS != nil && f.AWS.Error != nil && f.AWS.Error.Code != "" ||
		f.Marked || f.Note != ""
}

// drop removes what is more than is kept.
func (b *best) drop() {
	if b.most <= 0 || len(b.kept) <= b.most {
		return
	}
	slices.SortFunc(b.kept, func(x, y ranked) int { return cmp.Or(x.rank-y.rank, cmp.Compare(y.ID, x.ID)) })
	clear(b.kept[b.most:])
	b.kept = b.kept[:b.most]
	slices.SortFunc(b.kept, func(x, y ranked) int { return cmp.Compare(x.ID, y.ID) })
}

// flows returns what is kept, by ID.
func (b *best) flows() []*flow.Flow {
	b.drop()
	var out []*flow.Flow
	for _, r := range b.kept {
		out = append(out, r.Flow)
	}
	return out
}
