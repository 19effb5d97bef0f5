package ui

import "slices"

// maxHistory is how many lines of each prompt are remembered, for this run.
const maxHistory = 50

// remember keeps a line that was typed, by its prompt. A line has one place, the last.
func (ps *prompts) remember(kind promptKind, text string) {
	if text == "" {
		return
	}
	lines := slices.DeleteFunc(ps.history[kind], func(s string) bool { return s == text })
	if len(lines) == maxHistory {
		lines = slices.Delete(lines, 0, 1)
	}
	ps.history[kind] = append(lines, text)
}

// recallLine puts an earlier line into the prompt, n lines further back, or what was being
// typed after the last one.
func (ps *prompts) recallLine(n int) {
	p := &ps.prompt
	lines := ps.history[p.kind]
	to := min(max(p.back+n, 0), len(lines))
	if to == p.back {
		return
	}
	if p.back == 0 {
		p.typed = p.text
	}
	p.back, p.text = to, p.typed
	if to > 0 {
		p.text = lines[len(lines)-to]
	}
	p.at = len(p.text)
	ps.promptChanged()
}
