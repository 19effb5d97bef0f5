package ui

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gdamore/tcell/v2"

	"detour/internal/flow"
	"detour/ui/flowtest"
)

// A remoteStage is a Source as that of a watched run.
type remoteStage struct {
	*stage
	mu    sync.Mutex
	steps []flow.Step
}

func (s *remoteStage) Steps() []flow.Step {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.steps
}

// sets changes what the host has sent.
func (s *remoteStage) sets(steps []flow.Step) {
	s.mu.Lock()
	s.steps = steps
	s.mu.Unlock()
	s.set(flowtest.Story(true), flowtest.Findings(false))
}

// TestUnavailable_eachActionThatIsNilSaysWhy: whatever only the host can do.
func TestUnavailable_eachActionThatIsNilSaysWhy(t *testing.T) {
	const why = "only the host can do that"
	s := start(t, 140, 35, finished(), Actions{Unavailable: why}, Options{Recorded: func() bool { return false }})
	s.sees("EC2 DescribeInstances")
	for _, key := range []string{"m", "n", "z", "u", "r", "x", "b", "W"} {
		s.types(key)
		s.sees(key + ": " + why)
		s.types("v") // something else is said
		s.types("v")
	}
	for _, command := range []string{":note a", ":step a", ":watch", ":account d", ":browse https://x", ":reference 9.9.9.9", ":reference", ":share"} {
		s.types(command, tcell.KeyEnter)
		s.sees(why)
		s.types(tcell.KeyEscape)
		s.lacks(why)
	}
	s.types("?")
	s.sees("(not now: " + why + ")")
}

func TestFollowHost_selectsWhatTheHostSelects(t *testing.T) {
	var host atomic.Int64
	var mu sync.Mutex
	var told []flow.ID
	src := finished()
	s := start(t, 140, 35, src, Actions{Selected: func(id flow.ID) { mu.Lock(); told = append(told, id); mu.Unlock() }}, Options{
		Filter: "service:logs", HostCursor: func() flow.ID { return flow.ID(host.Load()) },
	})
	s.sees("/service:logs")
	moves := func(id int64) {
		host.Store(id)
		src.set(flowtest.Story(true), flowtest.Findings(false))
	}
	moves(3)
	s.sees("following")
	s.lacks("#3") // it is off
	s.types(":follow-host", tcell.KeyEnter)
	s.sees("following the host")
	s.sees("to show #3, detour left the filter")
	moves(5)
	s.sees("row 4 of")
	moves(9999) // not here yet
	moves(0)
	s.types(":follow-host", tcell.KeyEnter)
	s.sees("no longer following the host")
	moves(2)
	s.types(":follow-host", tcell.KeyEnter)
	s.sees("row 1 of")
	mu.Lock()
	defer mu.Unlock()
	if !slices.Contains(told, 3) || !slices.Contains(told, 5) || told[len(told)-1] != 2 {
		t.Errorf("Selected was told of %v", told)
	}
}

func TestFollowHost_ofNoOtherRun(t *testing.T) {
	s := start(t, 140, 35, finished(), Actions{}, Options{})
	s.types(":follow-host", tcell.KeyEnter)
	s.sees("this table watches no other run")
}

func TestSource_stepsReachTheTableWhileItRuns(t *testing.T) {
	src := &remoteStage{stage: finished()}
	s := start(t, 140, 35, src, Actions{}, Options{Columns: "step call"})
	s.sees("EC2 DescribeInstances")
	s.lacks("open the alarms")
	src.sets([]flow.Step{{At: flowtest.Start, Text: "open the alarms"}})
	s.sees("1 open the alarms")
}
