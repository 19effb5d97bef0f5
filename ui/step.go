package ui

import (
	"slices"
	"sort"
	"strconv"

	"detour/internal/flow"
	"detour/ui/text"
)

// addStep adds a step, and returns its number.
func (m *model) addStep(s flow.Step) int {
	n := sort.Search(len(m.steps), func(i int) bool { return m.steps[i].At.After(s.At) })
	m.steps = slices.Concat(m.steps[:n], []flow.Step{s}, m.steps[n:])
	return n + 1
}

// stepOf names the step that a flow belongs to: "2 open the alarms"; "" before the first
// step.
func (m *model) stepOf(f *flow.Flow) string {
	n := sort.Search(len(m.steps), func(i int) bool { return m.steps[i].At.After(f.Times.Start) })
	if n == 0 {
		return ""
	}
	text, _ := text.Head(m.steps[n-1].Text, text.MaxCell)
	return strconv.Itoa(n) + " " + text
}
