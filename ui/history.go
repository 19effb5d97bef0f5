package ui

import "slices"

// maxHistory is how many lines of each prompt are remembered, for this run.
const maxHistory = 50

// remember keeps a line that was typed, by its prompt. A line has one place, the last.
func (a *app) remember(kind promptKind, text string) {
	if text == "" {
		return
	}
	lines := slices.DeleteFunc(a.history[kind], func(s string) bool { return s == text })
	if len(lines) == maxHistory {
		lines = slices.Delete(lines, 0, 1)
	}
	a.history[kind] = append(lines, text)
}

// recall puts an earlier line into the prompt, n lines further back, or what was being
// typed after the last one.
func (a *app) recall(n int) {
	p := &a.prompt
	lines := a.history[p.kind]
	to := min(max(p.past+n, 0), len(lines))
	if to == p.past {
		return
	}
	if p.past == 0 {
		p.typed = p.text
	}
	p.past, p.text = to, p.typed
	if to > 0 {
		p.text = lines[len(lines)-to]
	}
	p.at = len(p.text)
	a.promptChanged()
}
