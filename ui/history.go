package ui

import "slices"

// maxHistory is how many lines of each kind of prompt are remembered.
const maxHistory = 50

// remember adds a line to the history of its kind of prompt. A line that is there already
// moves to the end.
func (ps *prompter) remember(kind promptKind, text string) {
	if text == "" {
		return
	}
	lines := slices.DeleteFunc(ps.history[kind], func(s string) bool { return s == text })
	if len(lines) == maxHistory {
		lines = slices.Delete(lines, 0, 1)
	}
	ps.history[kind] = append(lines, text)
}

// recallLine puts the line that is n lines further back in the history into the prompt;
// after the last one, what was being typed.
func (ps *prompter) recallLine(n int) {
	p := &ps.line
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
	ps.changed()
}
