package ui

import (
	"fmt"
	"strconv"
	"strings"

	"detour/internal/filter"
	"detour/internal/flow"
	"detour/ui/table"
)

// A command is what can be typed after ":", as data.
type command struct {
	name string
	args string // how its argument is written: "COLUMN [up]"; "" if it takes none; in brackets if it is optional
	doc  string
	// values returns candidates for the argument, or for its last word. May be nil.
	values func(*app) []filter.Candidate
	run    func(a *app, arg string) error
}

// commands returns all commands, by name.
func commands() []command {
	return []command{
		{"browse", "[URL]", "open a page in detour's browser", (*app).pagesSeen, (*app).browseCommand},
		{
			"columns", "[NAME[:WIDTH]… or +NAME -NAME… or default]",
			"show these columns in this order; without a name, choose them", (*app).columnWords, (*app).setColumns,
		},
		{"diff", "FILE", "compare with an earlier capture or HAR", nil, (*app).compareWith},
		{"filter", "[EXPR]", "show only flows that match the expression", nil, func(a *app, arg string) error { return a.m.setFilter(arg) }},
		{"forget", "VIEW", "delete a saved view", (*app).savedNames, (*app).forgetView},
		{"goto", "NUMBER", "select the flow with this number", nil, (*app).goTo},
		{"group", "NAME or off", "group the flows", groupNames, (*app).setGroup},
		{"help", "", "show the keys that work here", nil, withoutArgument((*app).openHelp)},
		{"hide", "COLUMN", "hide a column", columnNames, (*app).hideColumn},
		{"mouse", "", "use the mouse to select rows and tabs, or return it to the terminal", nil, withoutArgument((*app).setMouse)},
		{"note", "[TEXT]", "add a note to the row", nil, (*app).noteCommand},
		{"presenter", "", "mask the screen for presenting; again to unmask it (asks first)", nil, withoutArgument((*app).present)},
		{"quit", "", "quit", nil, withoutArgument((*app).leaveNow)},
		{"save", "[[DIGIT] NAME]", "save the current view, also for later runs", (*app).savedNames, (*app).saveView},
		{"show", "COLUMN[:WIDTH]", "show a column, or set its width", columnNames, (*app).showColumn},
		{"sort", "COLUMN [up] or off", "sort the rows or groups, largest first; with up, smallest first", orderNames, (*app).sortBy},
		{"step", "TEXT", "start a step; later flows belong to it", nil, (*app).beginStep},
		{"theme", "NAME", "change the colours", themeNames, (*app).setTheme},
		{"view", "NAME", "switch to a view, built in or saved", (*app).viewNames, (*app).viewNamed},
	}
}

func withoutArgument(f func(*app)) func(*app, string) error {
	return func(a *app, _ string) error {
		f(a)
		return nil
	}
}

// startCommand asks for a command.
func (a *app) startCommand() { a.askCommand("") }

func (a *app) askCommand(text string) {
	a.prompts.ask(prompt{
		kind: forCommand, label: ":", text: text, hint: "a command; Tab completes", enter: "run it", esc: "cancel",
		complete: a.completeCommand, done: a.runCommand,
	})
}

// completeCommand completes commands, then their arguments.
func (a *app) completeCommand(text string) filter.Completion {
	name, arg, inArg := strings.Cut(text, " ")
	c := filter.Completion{}
	if !inArg {
		for _, v := range commands() {
			if strings.HasPrefix(v.name, name) {
				c.Candidates = append(c.Candidates, filter.Candidate{Text: completion(v), Doc: v.doc})
			}
		}
		return c
	}
	v, err := commandNamed(name)
	if err != nil {
		return c
	}
	switch v.name { // these complete the whole argument
	case "filter":
		c = filter.Complete(arg, a.m.seen)
		c.From += len(name) + 1
		return c
	case "diff":
		c = a.files(arg)
		c.From += len(name) + 1
		return c
	}
	if v.values == nil {
		return c
	}
	for _, c.From = range []int{len(name) + 1, strings.LastIndexByte(text, ' ') + 1} { // names may contain blanks
		if c.Candidates = withPrefix(v.values(a), text[c.From:]); len(c.Candidates) > 0 {
			break
		}
	}
	return c
}

func completion(v command) string {
	if v.args == "" {
		return v.name
	}
	return v.name + " "
}

// commandNamed finds a command by its name, or by an unambiguous beginning of it.
func commandNamed(name string) (command, error) {
	var found []command
	for _, v := range commands() {
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
		return command{}, fmt.Errorf("unknown command %q; Tab lists them", flow.Printable(name))
	}
	return command{}, fmt.Errorf("%q is ambiguous: %s or %s", name, found[0].name, found[1].name)
}

// runCommand runs what was typed.
func (a *app) runCommand(text string) error {
	name, arg, _ := strings.Cut(strings.TrimSpace(text), " ")
	if name == "" {
		return nil
	}
	if n, err := strconv.Atoi(name); err == nil && n > 0 { // :17 goes to #17
		return a.goTo(name)
	}
	v, err := commandNamed(name)
	if err != nil {
		return err
	}
	arg = strings.TrimSpace(arg)
	if arg == "" && v.args != "" && v.args[0] != '[' {
		return fmt.Errorf("usage: %s %s", v.name, v.args)
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

func (a *app) setGroup(arg string) error {
	if arg == "off" {
		a.m.view.group = ""
	} else if _, ok := table.GroupingNamed(arg); !ok {
		return fmt.Errorf("choose one of %s, or off", table.List(groupNames(a)))
	} else {
		a.m.view.group = arg
	}
	a.m.within = nil
	a.m.review()
	a.m.choose()
	return nil
}

func (a *app) sortBy(arg string) error {
	o, err := table.ParseOrder(arg, table.OrderNames(a.m.view.group != ""))
	if err != nil {
		return err
	}
	a.m.setOrder(o)
	return nil
}

func groupNames(*app) []filter.Candidate {
	var out []filter.Candidate
	for _, g := range table.Groupings() {
		out = append(out, filter.Candidate{Text: g.Name, Doc: g.Doc})
	}
	return append(out, filter.Candidate{Text: "off", Doc: "no groups"})
}

// orderNames are the candidates for :sort.
func orderNames(a *app) []filter.Candidate {
	return append(table.OrderNames(a.m.view.group != ""),
		filter.Candidate{Text: table.NoOrder, Doc: "by arrival; groups that need attention first"},
		filter.Candidate{Text: "up", Doc: "smallest first"},
		filter.Candidate{Text: "down", Doc: "largest first"})
}
