package ui

import (
	"detour/ui/pane"
	"detour/ui/text"
)

// footer shows the keys that apply. What doesn't fit is omitted from the end, except for
// help and quit.
func (a *app) footer(c pane.Canvas) {
	type hint struct{ key, text string }
	var hints []hint
	bare := true
	switch {
	case a.prompts.line.open():
		if a.prompts.drawOffers(c) {
			return
		}
		// An error for which the line above has no room.
		if err := a.prompts.line.err; err != nil && text.Width(text.Clean(a.prompts.line.label+a.prompts.line.text+err.Error()))+2 > c.W {
			c.Unmasked().Put(0, 0, c.W, c.Mask.Quoting(a.prompts.line.err.Error(), a.prompts.line.text), pane.Bad)
			return
		}
		hints = []hint{{"Enter", a.prompts.line.enter}, {"Esc", a.prompts.line.esc}}
		if a.prompts.line.complete != nil {
			hints = append(hints, hint{"Tab", "complete"})
		}
		switch {
		case a.prompts.line.arrows != nil:
			hints = append(hints, hint{"↑↓", a.prompts.line.moves}, hint{"Ctrl-P Ctrl-N", "history"})
		case len(a.prompts.history[a.prompts.line.kind]) > 0:
			hints = append(hints, hint{"↑↓", "history"})
		}
	case a.prompts.menu != nil:
		bare = false // names of views may have to be masked
		for _, x := range a.prompts.menu.choices {
			hints = append(hints, hint{x.runes[:1], x.name})
		}
		hints = append(hints, hint{"Esc", "cancel"})
	case a.panes.help != nil:
		hints = []hint{{"/", "search"}, {"n N", "matches"}, {"j k PgDn PgUp", "scroll"}, {"Esc q", "back"}}
	case a.exports.form != nil:
		hints = []hint{{"↑↓", "setting"}, {"← →", "change"}, {"Enter", "continue"}, {"Esc", "cancel"}}
	case a.columns.chooser != nil:
		hints = []hint{
			{"Space", "show or hide"},
			{"J K", "move"},
			{"← →", "width"},
			{"w", "default width"},
			{"d", "default columns"},
			{"Enter", "save"},
			{"Esc", "cancel"},
		}
	default:
		for _, k := range a.keyActions {
			if k.short == "" || k.on&a.keyContext() == 0 || k.cant != nil && k.cant() != "" {
				continue
			}
			hints = append(hints, hint{k.show, k.short})
		}
	}
	if bare {
		c = c.Unmasked()
	}
	long := func(h hint) int { return text.Width(h.key) + 1 + text.Width(h.text) + 2 }
	room := c.W
	keep := min(2, len(hints))
	for _, h := range hints[len(hints)-keep:] {
		room -= long(h)
	}
	x := 0
	for i, h := range hints {
		if i < len(hints)-keep {
			if room -= long(h); room < 0 {
				continue
			}
		}
		x += c.Put(x, 0, c.W-x, h.key, pane.Key) + 1
		x += c.Put(x, 0, c.W-x, h.text, pane.Plain) + 2
	}
}
