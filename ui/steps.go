package ui

import (
	"sort"
	"strconv"

	"detour/internal/flow"
)

// addStep begins the next step, and returns its number.
func (m *model) addStep(s flow.Step) int {
	m.steps = append(m.steps, s)
	return len(m.steps)
}

// stepOf names the step that a flow began in: "2 open the alarms"; "" before the first.
func (m *model) stepOf(f *flow.Flow) string {
	n := sort.Search(len(m.steps), func(i int) bool { return m.steps[i].At.After(f.Times.Start) })
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n) + " " + m.steps[n-1].Text
}
