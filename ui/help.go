package ui

import (
	"maps"
	"slices"
	"strings"

	"github.com/gdamore/tcell/v2"

	"detour/ui/pane"
	"detour/ui/table"
)

// A helpPane is the help while it is open.
type helpPane struct {
	scroll pane.Scroll
	find   string // what is searched for; "": nothing
}

func (a *app) openHelp() { a.panes.help = &helpPane{} }

// helpKey scrolls the help, searches in it, or closes it.
func (a *app) helpKey(ev *tcell.EventKey) {
	h := a.panes.help
	s := &h.scroll
	switch k, r := ev.Key(), ev.Rune(); {
	case r == '/':
		a.searchIn(s, &h.find)
	case r == 'n' && h.find != "":
		s.Find(false)
	case r == 'N' && h.find != "":
		s.Find(true)
	case k == tcell.KeyDown, r == 'j':
		s.Move(1)
	case k == tcell.KeyUp, r == 'k':
		s.Move(-1)
	case k == tcell.KeyPgDn, k == tcell.KeyCtrlF, r == ' ':
		s.Move(s.Height)
	case k == tcell.KeyPgUp, k == tcell.KeyCtrlB:
		s.Move(-s.Height)
	case k == tcell.KeyCtrlD:
		s.Move(s.Height / 2)
	case k == tcell.KeyCtrlU:
		s.Move(-s.Height / 2)
	case k == tcell.KeyHome, r == 'g':
		s.Move(-s.Total)
	case k == tcell.KeyEnd, r == 'G':
		s.Move(s.Total)
	case k == tcell.KeyEscape && h.find != "":
		h.find = ""
	default:
		a.panes.help = nil
	}
}

// A helpPart is a part of the screen whose keys the help lists.
type helpPart struct {
	on    focus
	title string
}

func helpParts() []helpPart {
	return []helpPart{
		{onTable, "In the table"},
		{onGroups, "In the table of groups"},
		{onDetail, "In the detail of a flow"},
		{onFindings, "In the findings"},
		{onCompared, "In the comparison"},
		{onMessages, "In the messages"},
	}
}

// helpLines lists the keys that apply, what the signs mean, the commands, and the keys that
// apply elsewhere.
func (a *app) helpLines() []pane.Line {
	var p pane.Page
	here := a.keyContext()
	listed := make([]bool, len(a.keyActions)) // an action is listed once
	keys := func(part helpPart) {
		p.Head(part.title)
		head := len(p)
		for i, c := range a.keyActions {
			if c.on&part.on != 0 && c.long != "" && !listed[i] {
				listed[i] = true
				p.Add(c.show, a.helpText(c, part.on == here), pane.Plain)
			}
		}
		if len(p) == head {
			p = p[:head-1]
		}
	}
	for _, part := range helpParts() {
		if part.on == here {
			keys(part)
		}
	}
	if len(a.opt.Keys) > 0 {
		p.Head("Your key bindings")
		for _, name := range slices.Sorted(maps.Keys(a.opt.Keys)) {
			p.Add(a.opt.Keys[name], name, pane.Plain)
		}
	}
	if a.keyContext() == onFindings && a.opt.Concepts != nil {
		p.Head("What the findings are about")
		for _, c := range a.opt.Concepts(a.m.findings[min(a.panes.finding, len(a.m.findings)):]) {
			p.Add(c.Name, c.Text, pane.Plain)
		}
	}
	p.Head("Signs")
	p.Add("! x i *", "! no response, or in a finding; x error response; i notice; * marked", pane.Plain)
	p.Add("console", "the console's own servers make the call", pane.Plain)
	p.Add("direct", "the page calls the service directly from this machine", pane.Accent)
	p.Add("×2 · 3 SYNs", "2 addresses, and 3 SYNs sent to each", pane.Plain)
	p.Head("Columns of groups")
	for _, c := range table.OrderNames(true) {
		p.Add(c.Text, c.Doc, pane.Plain)
	}
	p.Head("Commands")
	for _, c := range commands(a) {
		p.Add(":"+c.name, strings.TrimPrefix(c.args+": ", ": ")+c.doc, pane.Plain)
	}
	for _, part := range helpParts() {
		if part.on != here {
			keys(part)
		}
	}
	return p
}

// helpText says what an action does and, if it applies here, why it can't be used now.
func (a *app) helpText(c keyAction, here bool) string {
	text := c.long
	if c.typed {
		text = a.panes.reading.Mask.Typed(text)
	}
	if here && c.cant != nil {
		if why := c.cant(); why != "" {
			text += " (not now: " + why + ")"
		}
	}
	return text
}
