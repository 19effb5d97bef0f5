package ui

import (
	"sort"
	"strconv"
	"time"

	"detour/internal/flow"
)

// A step is what the person was about to do from an instant on: "open the
// alarms". Flows that began after it, and before the next one, belong to it.
type step struct {
	at   time.Time
	text string
}

// addStep begins the next step, and returns its number.
func (m *model) addStep(text string, at time.Time) int {
	m.steps = append(m.steps, step{at, text})
	return len(m.steps)
}

// stepOf names the step that a flow began in: "2 open the alarms"; "" before the first.
func (m *model) stepOf(f *flow.Flow) string {
	n := sort.Search(len(m.steps), func(i int) bool { return m.steps[i].at.After(f.Times.Start) })
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n) + " " + m.steps[n-1].text
}
