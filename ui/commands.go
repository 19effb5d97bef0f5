package ui

import (
	"fmt"
	"strconv"
	"strings"

	"detour/internal/filter"
	"detour/internal/flow"
	"detour/ui/sharing"
	"detour/ui/table"
)

// A command is what can be typed after ":", as data.
type command struct {
	name string
	args string // how its argument is written: "COLUMN [up]"; "" if it takes none; in brackets if it is optional
	doc  string
	// values returns candidates for the argument, or for its last word. May be nil.
	values func() []filter.Candidate
	run    func(arg string) error
}

// commands returns all commands, by name. Those of a zero app can be listed, but not run.
func commands(a *app) []command {
	return []command{
		{"account", "DIR", "prove the findings with an account's configuration", nil, func(arg string) error {
			return a.act.Account.Command(a.tasks, a.notify, arg)
		}},
		{"browse", "[URL]", "open a page in detour's browser", a.pagesSeen, a.browseCommand},
		{
			"columns", "[NAME[:WIDTH]… or +NAME -NAME… or default]",
			"show these columns in this order; without a name, choose them", a.columns.candidates, a.columns.set,
		},
		{"diff", "FILE", "compare with an earlier capture or HAR", nil, a.diff.compare},
		{"filter", "[EXPR]", "show only flows that match the expression", nil, func(arg string) error { return a.m.setFilter(arg) }},
		{"follow-host", "", "select what the host of the watched run selects; again to stop", nil, a.host.toggle},
		{"forget", "VIEW", "delete a saved view", a.views.savedNames, a.views.forget},
		{"goto", "NUMBER", "select the flow with this number", nil, a.goTo},
		{"group", "NAME or off", "group the flows", groupNames, a.setGroup},
		{"help", "", "show the keys that work here", nil, withoutArgument(a.openHelp)},
		{"hide", "COLUMN", "hide a column", table.ColumnNames, a.columns.hide},
		{"messages", "", "show the messages of the bottom line again", nil, withoutArgument(a.openMessages)},
		{"mouse", "", "use the mouse to select rows and tabs, or return it to the terminal", nil, withoutArgument(a.setMouse)},
		{"note", "[TEXT]", "add a note to the row", nil, a.edits.noteCommand},
		{"presenter", "", "mask the screen for presenting; again to unmask it (asks first)", nil, withoutArgument(a.present)},
		{"quit", "", "quit", nil, withoutArgument(a.askToQuit)},
		{
			"reference", "[ADDRESS or none]", "compare DNS answers with those of this resolver, which is sent AWS's host names",
			referenceForms, a.probes.setReference,
		},
		{
			"save", "[[DIGIT] NAME]", "save the current view, also for later runs", a.views.savedNames,
			func(arg string) error { return a.views.save(arg, a.columns.current()) },
		},
		{
			"share", "[stop]", "share the run: show a link with which others can watch; or stop that", sharing.Words, func(arg string) error {
				return a.act.Share.Command(a.showOutside, a.notify, arg)
			},
		},
		{"show", "COLUMN[:WIDTH]", "show a column, or set its width", table.ColumnNames, a.columns.show},
		{"sort", "COLUMN [up] or off", "sort the rows or groups, largest first; with up, smallest first", a.orderNames, a.sortBy},
		{"step", "TEXT", "start a step; later flows belong to it", nil, a.edits.beginStep},
		{"theme", "NAME", "change the colours", themeNames, a.setTheme},
		{"view", "NAME", "switch to a view, built in or saved", a.views.names, a.views.showNamed},
		{"watch", "", "watch the hosts of the finding or row until they answer; again to stop", nil, a.again.Command},
	}
}

func withoutArgument(f func()) func(string) error {
	return func(string) error {
		f()
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
		for _, v := range commands(a) {
			if strings.HasPrefix(v.name, name) {
				c.Candidates = append(c.Candidates, filter.Candidate{Text: completion(v), Doc: v.doc})
			}
		}
		return c
	}
	v, err := commandNamed(a, name)
	if err != nil {
		return c
	}
	switch v.name { // these complete the whole argument
	case "filter":
		c = filter.Complete(arg, a.m.seen)
		c.From += len(name) + 1
		return c
	case "account":
		c = a.act.Account.Complete(arg)
		c.From += len(name) + 1
		return c
	case "diff":
		c = a.diff.files(arg)
		c.From += len(name) + 1
		return c
	}
	if v.values == nil {
		return c
	}
	for _, c.From = range []int{len(name) + 1, strings.LastIndexByte(text, ' ') + 1} { // names may contain blanks
		if c.Candidates = withPrefix(v.values(), text[c.From:]); len(c.Candidates) > 0 {
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
func commandNamed(a *app, name string) (command, error) {
	var found []command
	for _, v := range commands(a) {
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
	v, err := commandNamed(a, name)
	if err != nil {
		return err
	}
	arg = strings.TrimSpace(arg)
	if arg == "" && v.args != "" && v.args[0] != '[' {
		return fmt.Errorf("usage: %s %s", v.name, v.args)
	}
	return v.run(arg)
}

func (a *app) goTo(arg string) error {
	n, err := strconv.ParseUint(strings.TrimPrefix(arg, "#"), 10, 64)
	if err != nil || a.m.flow(flow.ID(n)) == nil {
		return fmt.Errorf("there is no flow %s", flow.Printable(arg))
	}
	a.views.reveal(flow.ID(n))
	return nil
}

func (a *app) setGroup(arg string) error {
	if arg == "off" {
		a.m.view.group = ""
	} else if _, ok := table.GroupingNamed(arg); !ok {
		return fmt.Errorf("choose one of %s, or off", table.List(groupNames()))
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

func groupNames() []filter.Candidate {
	var out []filter.Candidate
	for _, g := range table.Groupings() {
		out = append(out, filter.Candidate{Text: g.Name, Doc: g.Doc})
	}
	return append(out, filter.Candidate{Text: "off", Doc: "no groups"})
}

// orderNames are the candidates for :sort.
func (s *screenState) orderNames() []filter.Candidate {
	return append(table.OrderNames(s.m.view.group != ""),
		filter.Candidate{Text: table.NoOrder, Doc: "by arrival; groups that need attention first"},
		filter.Candidate{Text: "up", Doc: "smallest first"},
		filter.Candidate{Text: "down", Doc: "largest first"})
}
