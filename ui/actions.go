package ui

import (
	"detour/internal/filter"
	"detour/internal/flow"
)

// openDetail shows all about the row. If the pane is there already, it takes the keys.
func (a *app) openDetail() {
	if a.m.cursor.following() {
		a.m.cursor.move(a.m, 1)
	}
	if a.beside == onDetail {
		a.focus = onDetail
	}
	a.show(onDetail)
}

// show opens the second pane. On a small screen it is in the table's place, so it takes the keys.
func (a *app) show(what focus) {
	if a.beside != what {
		a.detail.start()
		a.finds.start()
	}
	a.beside = what
	if placeOf(a.screen.Size()) == inPlace {
		a.focus = what
	}
}

func (a *app) openFindings() {
	a.news = flash{}
	a.show(onFindings)
	a.focus = onFindings
}

// back ends a search, then closes the second pane; without one it goes back to the groups, or takes the filter away.
func (a *app) back() {
	switch {
	case a.focus != onTable && a.reading.find != "":
		a.reading.find = ""
	case a.beside != 0:
		a.beside, a.focus, a.reading.find = 0, onTable, ""
	case a.m.within != nil:
		a.m.leave()
	case !a.m.filter.Empty():
		_ = a.m.setFilter("")
	}
}

// nextPane moves the keys from table to detail to findings.
func (a *app) nextPane() {
	switch {
	case a.focus == onTable && a.beside == onFindings:
		a.focus = onFindings
	case a.focus == onTable && a.shown() != nil:
		if a.m.view.group == "" && a.m.cursor.following() {
			a.m.cursor.move(a.m, 1)
		}
		a.show(onDetail)
		a.focus = onDetail
	case a.focus == onDetail && len(a.m.findings) > 0:
		a.openFindings()
	default:
		a.focus = onTable
	}
}

// next goes to the next flow or finding from within its pane.
func (a *app) next(n int) {
	if a.focus == onFindings {
		a.finding = max(0, min(a.finding+n, len(a.m.findings)-1))
		a.finds.start()
		return
	}
	a.m.cursor.move(a.m, n)
	a.detail.start()
}

// turn goes n tabs on, around the end.
func (a *app) turn(n int) {
	a.tab = (a.tab + n + len(a.tabs)) % len(a.tabs)
	a.detail.start()
}

// jump selects the first flow of the chosen finding, and makes it visible.
func (a *app) jump() {
	ids := a.m.findings[a.finding].Flows
	if len(ids) == 0 {
		a.say(toneWarn, "the finding names no flow")
		return
	}
	if a.reveal(ids[0]) {
		a.beside, a.focus = 0, onTable
		if placeOf(a.screen.Size()) != inPlace {
			a.show(onDetail)
		}
	}
}

// reveal selects a flow. What hides it is taken away, and that is said.
func (a *app) reveal(id flow.ID) bool {
	if a.m.flow(id) == nil {
		a.say(toneWarn, "#%d is no longer kept", id)
		return false
	}
	if a.m.view.group != "" {
		a.m.setView(views()[0])
	}
	if !a.m.shows(id) && !a.m.filter.Empty() {
		_ = a.m.setFilter("")
		a.say(toneDim, "the filter was taken away to show the flow")
	}
	for _, name := range []string{"calls", allFlows} {
		if v, ok := viewOf(name); ok && !a.m.shows(id) {
			a.setView(v)
		}
	}
	a.m.cursor.pin(a.m, a.m.find(id))
	a.detail.start()
	return true
}

// text is the scroll of the pane that has the keys.
func (a *app) text() *scroll {
	if a.focus == onFindings {
		return &a.finds
	}
	return &a.detail
}

// page is how far PgUp and PgDn go in the table: a line stays for orientation.
func (a *app) page() int { return max(2, a.m.cursor.page-1) }

// startFilter asks for a filter. What it lets through is shown while it is typed;
// one that can't be read leaves the one before in place.
func (a *app) startFilter() {
	a.ask(prompt{
		label: "/", text: a.m.filter.Text(), hint: "words, or key:value as tcp:timeout; detour help filters", enter: "keep the filter", esc: "take it away",
		complete: func(text string) filter.Completion { return filter.Complete(text, a.m.seen) },
		changed:  a.m.setFilter,
		done:     a.m.setFilter,
		left:     func() { _ = a.m.setFilter("") },
		arrows:   func(n int) { a.m.cursor.move(a.m, n) }, moves: "rows",
	})
}

func (a *app) toggleAll() {
	if a.m.view.name == allFlows {
		a.setView(a.views[0])
		return
	}
	if v, ok := viewOf(allFlows); ok {
		a.setView(v)
	}
}

// setView shows the flows of another view.
func (a *app) setView(v view) {
	a.m.setView(v)
	a.say(toneDim, "%s: %s", v.name, a.reading.veil.maskTyped(v.doc))
}

// enterGroup shows the flows of the chosen group.
func (a *app) enterGroup() {
	g := a.m.groups[a.m.group.at(a.m.groups)]
	a.m.group.key, a.m.group.set = g.key, true
	a.m.enter(g)
}

func (a *app) freeze() {
	frozen := !a.frozen.Load()
	a.frozen.Store(frozen)
	if frozen {
		a.say(toneDim, "the picture is frozen; requests go on; f goes on showing them")
	}
}

func (a *app) passUnread() {
	host := hostOf(a.shown())
	unread, err := a.act.PassUnread(host)
	switch {
	case err != nil:
		a.say(toneBad, "%s: %v", host, err)
	case unread:
		a.say(toneGood, "%s is passed on unread from its next connection on; u decrypts it again", host)
	default:
		a.say(toneGood, "%s is decrypted again from its next connection on", host)
	}
}

func (a *app) mark() {
	f := a.shown()
	if err := a.act.Mark(f.ID); err != nil {
		a.say(toneBad, "mark #%d: %v", f.ID, err)
		return
	}
	if f.Marked {
		a.say(toneGood, "took the mark of #%d away", f.ID)
		return
	}
	a.say(toneGood, "marked #%d", f.ID)
}

func (a *app) openHelp() {
	a.help = true
	a.helping = scroll{}
}
