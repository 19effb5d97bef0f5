package ui

import (
	"detour/internal/filter"
	"detour/ui/pane"
	"detour/ui/table"
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
		a.detail.Reset()
		a.finds.Reset()
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

// back ends a search, goes back from flows that a pane named, closes the second pane;
// without one it goes back to the groups, or takes the filter away.
func (a *app) back() {
	switch {
	case a.focus != onTable && a.reading.Find != "":
		a.reading.Find = ""
	case a.focus == onTable && a.visit != nil:
		a.endVisit()
	case a.beside != 0:
		a.beside, a.focus, a.reading.Find = 0, onTable, ""
	case a.m.within != nil:
		a.m.leave()
	case !a.m.filter.Empty():
		_ = a.m.setFilter("")
	}
}

// nextPane moves the keys from table to detail to findings to the comparison.
func (a *app) nextPane() {
	switch {
	case a.focus == onTable && (a.beside == onFindings || a.beside == onCompared):
		a.focus = a.beside
	case a.focus == onTable && a.shown() != nil:
		if a.m.view.group == "" && a.m.cursor.following() {
			a.m.cursor.move(a.m, 1)
		}
		a.show(onDetail)
		a.focus = onDetail
	case a.focus == onDetail && len(a.m.findings) > 0:
		a.openFindings()
	case (a.focus == onDetail || a.focus == onFindings) && a.diff != nil:
		a.openCompared()
	default:
		a.focus = onTable
	}
}

// next goes to the next flow, finding or compared host from within its pane.
func (a *app) next(n int) {
	switch a.focus {
	case onFindings:
		a.finding = max(0, min(a.finding+n, len(a.m.findings)-1))
		a.finds.Reset()
	case onCompared:
		a.diff.choose(n)
	case onTable, onGroups, onDetail:
		a.m.cursor.move(a.m, n)
		a.detail.Reset()
	}
}

// turn goes n tabs on, around the end.
func (a *app) turn(n int) {
	a.tab = (a.tab + n + len(a.tabs)) % len(a.tabs)
	a.detail.Reset()
}

// text is the scroll of the pane that has the keys.
func (a *app) text() *pane.Scroll {
	switch a.focus {
	case onFindings:
		return &a.finds
	case onCompared:
		return &a.diff.scroll
	case onTable, onGroups, onDetail:
	}
	return &a.detail
}

// page is how far PgUp and PgDn go in the table: a line stays for orientation.
func (a *app) page() int { return max(2, a.m.cursor.page-1) }

// half goes half a screen down, or up with -1, in what has the keys.
func (a *app) half(n int) {
	switch a.where() {
	case onTable:
		a.m.cursor.move(a.m, n*max(2, a.m.cursor.page/2))
	case onGroups:
		a.m.group.move(a.m.groups, n*max(1, a.m.group.page/2))
	case onDetail, onFindings, onCompared:
		a.text().Move(n * max(1, a.text().Height/2))
	}
}

// startFilter asks for a filter. What it lets through is shown while it is typed.
func (a *app) startFilter() {
	before := a.m.filter.Text()
	a.ask(prompt{
		kind: forFilter, label: "/", text: before, hint: "words, or key:value as tcp:timeout; detour help filters", enter: "keep the filter", esc: "leave it as it was",
		complete: func(text string) filter.Completion { return filter.Complete(text, a.m.seen) },
		changed:  a.tryFilter,
		done:     a.m.setFilter,
		left:     func() { _ = a.m.setFilter(before) },
		arrows:   func(n int) { a.m.cursor.move(a.m, n) }, moves: "rows",
	})
}

// tryFilter shows what a filter lets through that isn't written to its end. Of one that
// can't be read the words before the last count.
func (a *app) tryFilter(text string) error {
	err := a.m.setFilter(text)
	if err != nil {
		_ = a.m.setFilter(filter.Settled(text)) // what can't be read either leaves the one before
	}
	return err
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
	a.visit = nil
	a.m.setView(v)
	a.say(pane.Dim, "%s: %s", v.name, a.reading.Mask.Typed(v.doc))
}

// enterGroup shows the flows of the chosen group.
func (a *app) enterGroup() {
	g := a.m.groups[a.m.group.at(a.m.groups)]
	a.m.group.key, a.m.group.set = g.Key, true
	a.m.enter(g)
}

func (a *app) freeze() {
	frozen := !a.frozen.Load()
	a.frozen.Store(frozen)
	if frozen {
		a.say(pane.Dim, "the picture is frozen; requests go on; f goes on showing them")
	}
}

func (a *app) passUnread() {
	host := table.Host(a.shown())
	unread, err := a.act.PassUnread(host)
	switch {
	case err != nil:
		a.say(pane.Bad, "%s: %v", host, err)
	case unread:
		a.say(pane.Good, "%s is passed on unread from its next connection on; u decrypts it again", host)
	default:
		a.say(pane.Good, "%s is decrypted again from its next connection on", host)
	}
}

func (a *app) mark() {
	f := a.shown()
	if err := a.act.Mark(f.ID); err != nil {
		a.say(pane.Bad, "mark #%d: %v", f.ID, err)
		return
	}
	if f.Marked {
		a.say(pane.Good, "took the mark of #%d away%s", f.ID, a.fleeting())
		return
	}
	a.say(pane.Good, "marked #%d%s", f.ID, a.fleeting())
}

// fleeting says what a mark, a note or a step needs to outlast the screen, and notes
// that there is one. "" if it does.
func (a *app) fleeting() string {
	if a.act.Fleeting == "" {
		return ""
	}
	a.unkept = true
	return ", for now: " + a.act.Fleeting
}

func (a *app) openHelp() {
	a.help = true
	a.helping = pane.Scroll{}
}
