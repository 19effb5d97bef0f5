package ui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"detour/internal/filter"
	"detour/internal/flow"
)

// A verb is what can be written after ":", as data. What a key does as well is
// the same function.
type verb struct {
	name string
	args string // how its argument is written: "COLUMN [up]"; "" if it takes none; in brackets if it may be left out
	doc  string
	// values offers what the argument may be, its last word. nil: nothing is offered.
	values func(*app) []filter.Candidate
	run    func(a *app, arg string) error
}

// verbs are all that there are, by name.
func verbs() []verb {
	return []verb{
		{"browse", "[URL]", "open a page in the run's browser", pagesSeen, (*app).browseText},
		{"columns", "NAME… or default", "show these columns, in this order", columnNames, (*app).setColumns},
		{"filter", "[EXPR]", "show only what the expression lets through", nil, func(a *app, arg string) error { return a.m.setFilter(arg) }},
		{"goto", "NUMBER", "select the flow of that number", nil, (*app).goTo},
		{"group", "NAME or off", "put the flows together by this", groupNames, (*app).setGroup},
		{"help", "", "the keys that work here", nil, plainly((*app).openHelp)},
		{"hide", "COLUMN", "leave a column out", columnNames, (*app).hideColumn},
		{"mouse", "", "the mouse selects rows and tabs, or is the terminal's again", nil, plainly((*app).setMouse)},
		{"note", "[TEXT]", "write a note on the row", nil, (*app).noteText},
		{"quit", "", "leave", nil, plainly((*app).quit)},
		{"save", "DIGIT NAME", "keep this view, with filter, order and grouping, on a digit", nil, (*app).saveView},
		{"show", "COLUMN", "add a column", columnNames, (*app).showColumn},
		{"sort", "COLUMN [up] or off", "order the rows, largest first, or smallest with up", columnNames, (*app).sortBy},
		{"step", "TEXT", "begin a step: flows from now on belong to it", nil, (*app).beginStep},
		{"theme", "NAME", "other colours", themeNames, (*app).setTheme},
		{"view", "NAME or save NAME", "look at other flows, or keep the filter as a view", viewNames, (*app).viewNamed},
	}
}

func plainly(f func(*app)) func(*app, string) error {
	return func(a *app, _ string) error {
		f(a)
		return nil
	}
}

// startCommand asks for a verb.
func (a *app) startCommand() { a.command("") }

func (a *app) command(text string) {
	a.ask(prompt{
		label: ":", text: text, hint: "a command; Tab completes", enter: "do it", esc: "leave it",
		complete: a.completeVerb, done: a.obey,
	})
}

// completeVerb offers verbs, then what the verb takes.
func (a *app) completeVerb(text string) filter.Completion {
	name, arg, inArg := strings.Cut(text, " ")
	c := filter.Completion{}
	if !inArg {
		for _, v := range verbs() {
			if strings.HasPrefix(v.name, name) {
				c.Candidates = append(c.Candidates, filter.Candidate{Text: withSpace(v), Doc: v.doc})
			}
		}
		return c
	}
	v, err := verbOf(name)
	if err != nil {
		return c
	}
	if v.name == "filter" {
		c = filter.Complete(arg, a.m.seen)
		c.From += len(name) + 1
		return c
	}
	c.From = len(text)
	if i := strings.LastIndexByte(text, ' '); i >= 0 {
		c.From = i + 1
	}
	if v.values != nil {
		c.Candidates = beginning(v.values(a), text[c.From:])
	}
	return c
}

func withSpace(v verb) string {
	if v.args == "" {
		return v.name
	}
	return v.name + " "
}

// verbOf finds a verb by its name, or by the beginning of it that no other has.
func verbOf(name string) (verb, error) {
	var found []verb
	for _, v := range verbs() {
		if v.name == name {
			return v, nil
		}
		if name != "" && strings.HasPrefix(v.name, name) {
			found = append(found, v)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return verb{}, fmt.Errorf("there is no command %q; Tab lists them", flow.Printable(name))
	}
	return verb{}, fmt.Errorf("%q may be %s or %s", name, found[0].name, found[1].name)
}

// obey does what was written.
func (a *app) obey(text string) error {
	name, arg, _ := strings.Cut(strings.TrimSpace(text), " ")
	if name == "" {
		return nil
	}
	if n, err := strconv.Atoi(name); err == nil && n > 0 { // :17 goes to #17
		return a.goTo(name)
	}
	v, err := verbOf(name)
	if err != nil {
		return err
	}
	arg = strings.TrimSpace(arg)
	if arg == "" && v.args != "" && v.args[0] != '[' {
		return fmt.Errorf("it is %s %s", v.name, v.args)
	}
	return v.run(a, arg)
}

func (a *app) goTo(arg string) error {
	n, err := strconv.ParseUint(strings.TrimPrefix(arg, "#"), 10, 64)
	if err != nil || a.m.flow(flow.ID(n)) == nil {
		return fmt.Errorf("there is no flow %s", flow.Printable(arg))
	}
	a.reveal(flow.ID(n))
	return nil
}

func (a *app) beginStep(text string) error {
	step := flow.Step{At: a.stepAt(), Text: flow.Printable(text)}
	if a.act.Step != nil {
		if err := a.act.Step(step); err != nil {
			return err
		}
	}
	n := a.m.addStep(step)
	a.m.review()
	a.say(toneDim, "step %d begins; :show step has its column, :group step its rows", n)
	return nil
}

func (a *app) setGroup(arg string) error {
	if arg == "off" {
		a.m.view.group = ""
	} else if _, ok := groupingOf(arg); !ok {
		return fmt.Errorf("one of %s, or off", list(groupNames(a)))
	} else {
		a.m.view.group = arg
	}
	a.m.within = nil
	a.m.review()
	a.m.choose()
	return nil
}

func (a *app) sortBy(arg string) error {
	words := strings.Fields(arg)
	if words[0] == "off" {
		a.m.setOrder(order{})
		return nil
	}
	if _, ok := columnOf(words[0]); !ok {
		return fmt.Errorf("one of %s, or off", list(columnNames(a)))
	}
	if len(words) > 1 && words[1] != "up" && words[1] != "down" {
		return fmt.Errorf("up or down, not %s", flow.Printable(words[1]))
	}
	a.m.setOrder(order{words[0], len(words) > 1 && words[1] == "up"})
	return nil
}

func (a *app) setColumns(arg string) error {
	if arg == "default" {
		a.chosen = columnChoice{}
		return nil
	}
	names := strings.Fields(arg)
	for _, n := range names {
		if _, ok := columnOf(n); !ok {
			return fmt.Errorf("there is no column %s; one of %s", flow.Printable(n), list(columnNames(a)))
		}
	}
	a.chosen = columnChoice{names: names}
	return nil
}

func (a *app) hideColumn(arg string) error {
	if _, ok := columnOf(arg); !ok {
		return fmt.Errorf("one of %s", list(columnNames(a)))
	}
	gone := func(n string) bool { return n == arg }
	c := &a.chosen
	c.names, c.more = slices.DeleteFunc(c.names, gone), slices.DeleteFunc(c.more, gone)
	c.hidden = append(c.hidden, arg)
	return nil
}

func (a *app) showColumn(arg string) error {
	if _, ok := columnOf(arg); !ok {
		return fmt.Errorf("one of %s", list(columnNames(a)))
	}
	c := &a.chosen
	c.hidden = slices.DeleteFunc(c.hidden, func(n string) bool { return n == arg })
	c.more = append(c.more, arg)
	return nil
}

func (a *app) viewNamed(arg string) error {
	if name, save := strings.CutPrefix(arg+" ", "save "); save {
		return a.saveNamed(strings.TrimSpace(name))
	}
	for _, v := range slices.Concat(a.views, a.saved) {
		if v.name == arg {
			a.setView(v)
			return nil
		}
	}
	return fmt.Errorf("one of %s", list(viewNames(a)))
}

// saveView puts the picture as it is on a digit, for this run.
func (a *app) saveView(arg string) error {
	digit, name, _ := strings.Cut(arg, " ")
	n, err := strconv.Atoi(digit)
	name = strings.TrimSpace(name)
	if err != nil || n < 1 || n > len(a.views) || name == "" {
		return fmt.Errorf("a digit from 1 to %d and a name: save 9 logs", len(a.views))
	}
	v, x := a.m.view, a.m.filter
	keep, w := v.keep, a.m.within
	v.name, v.order = name, a.m.order
	v.doc = strings.TrimSpace("saved: " + a.m.view.name + " " + x.Text())
	v.keep = func(m *model, f *flow.Flow) bool {
		return (keep == nil || keep(m, f)) && x.Match(f, m.now) && w.has(m, f)
	}
	a.views[n-1] = v
	a.commands = commands(a.views, a.opt.Keys)
	a.say(toneGood, "%d is %s now", n, name)
	return nil
}

func columnNames(*app) []filter.Candidate {
	var out []filter.Candidate
	for _, c := range columns() {
		out = append(out, filter.Candidate{Text: c.name, Doc: c.doc})
	}
	return out
}

func groupNames(*app) []filter.Candidate {
	var out []filter.Candidate
	for _, g := range groupings() {
		out = append(out, filter.Candidate{Text: g.name, Doc: g.doc})
	}
	return append(out, filter.Candidate{Text: "off", Doc: "one by one"})
}

func viewNames(a *app) []filter.Candidate {
	var out []filter.Candidate
	for _, v := range slices.Concat(a.views, a.saved) {
		out = append(out, filter.Candidate{Text: v.name, Doc: v.doc})
	}
	return append(out, filter.Candidate{Text: "save ", Doc: "keep the filter as a view"})
}

func list(cs []filter.Candidate) string {
	var out []string
	for _, c := range cs {
		out = append(out, c.Text)
	}
	return strings.Join(out, ", ")
}
