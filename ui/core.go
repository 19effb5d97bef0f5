package ui

import (
	"sync/atomic"

	"github.com/gdamore/tcell/v2"

	"detour/ui/detail"
	"detour/ui/table"
)

// A core is what all parts of the screen work with: the flows, what is shown of them, and
// the parts that report, ask and run tasks. It belongs to the goroutine that draws.
type core struct {
	src Source
	act Actions
	opt Options
	m   *model

	*notices
	*tasks
	*prompts
	*panes

	screen  tcell.Screen
	domains *table.Domains           // used to shorten hosts
	probed  map[string]*detail.Probe // the last probe of each host
	unsaved bool                     // there are marks, notes or steps that will be lost
	frozen  atomic.Bool              // shared: the display is frozen, and the painter reads nothing
}

func newCore(src Source, act Actions, opt Options, guard func(func())) *core {
	n := &notices{now: opt.Now}
	return &core{
		src: src, act: act, opt: opt, m: newModel(opt.Now()),
		notices: n,
		tasks:   &tasks{now: opt.Now, guard: guard, results: make(chan func())},
		prompts: &prompts{notices: n, history: map[promptKind][]string{}},
		panes:   &panes{focus: onTable, tabs: detail.Tabs()},
		domains: table.NewDomains(opt.AWS.Domains), probed: map[string]*detail.Probe{},
	}
}
