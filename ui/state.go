package ui

import (
	"sync/atomic"

	"github.com/gdamore/tcell/v2"

	"detour/internal/flow"
	"detour/ui/detail"
	"detour/ui/notice"
	"detour/ui/pane"
	"detour/ui/table"
	"detour/ui/task"
)

// A screenState is what all parts of the screen work with: the flows, what is shown of them,
// and the parts that report, ask and run tasks. It belongs to the goroutine that draws.
type screenState struct {
	src Source
	act Actions
	opt Options
	m   *model

	notices *notice.Board
	tasks   *task.Runner
	prompts *prompter
	panes   *paneState

	copied string // what was copied last

	screen  tcell.Screen
	domains *table.Domains // used to shorten hosts
	frozen  atomic.Bool    // shared: the display is frozen, and the painter reads nothing
}

func newScreenState(src Source, act Actions, opt Options, guard func(func())) *screenState {
	n, m := notice.New(opt.Now), newModel(opt.Now())
	m.names = opt.Names
	return &screenState{
		src: src, act: act, opt: opt, m: m,
		notices: n,
		tasks:   task.New(opt.Now, guard, opt.Faults),
		prompts: &prompter{notices: n, history: map[promptKind][]string{}},
		panes:   &paneState{focus: onTable, tabs: detail.Tabs()},
		domains: table.NewDomains(opt.AWS.Domains),
	}
}

// notify shows the outcome of an action.
func (s *screenState) notify(t pane.Tone, format string, args ...any) {
	s.notices.Report(t, format, args...)
}

// shown is the flow that the detail is about: of a group, the worst one. It is nil if there
// is none.
func (s *screenState) shown() *flow.Flow {
	if gs := s.m.groups; s.m.view.group != "" {
		if len(gs) == 0 {
			return nil
		}
		return gs[s.m.group.at(gs)].Worst
	}
	return s.m.cursor.current(s.m)
}

// keyContext is the focus, which for the table also says whether it shows groups.
func (s *screenState) keyContext() focus {
	if s.panes.focus == onTable && s.m.view.group != "" {
		return onGroups
	}
	return s.panes.focus
}
