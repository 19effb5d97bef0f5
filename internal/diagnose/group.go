package diagnose

import (
	"sort"
	"time"

	"detour/internal/diagnose/nextstep"
	"detour/internal/diagnose/screen"
	"detour/internal/diagnose/timeline"
	"detour/internal/flow"
)

// A group is what a finding is made from: the flows that its rule claims, and what all
// flows together show.
type group struct {
	nextstep.Group
	now time.Time
	all overview
	// outages are by host, if the group's connects failed; else nil.
	outages map[string]*outageOfHost
	alone   bool // no other rule explains a failure
}

// pageOf is the page that a call belongs to. Browsers send a service only the page's
// origin, so it is the console page that was loaded last before it.
func (g group) pageOf(f *flow.Flow) string {
	if screen.Path(f.Page) != "" {
		return f.Page
	}
	after := sort.Search(len(g.all.pages), func(i int) bool { return timeline.ByStart(g.all.pages[i], f) > 0 })
	if f.Page == "" || after == 0 {
		return f.Page
	}
	return g.all.pages[after-1].Page
}
