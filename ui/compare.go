package ui

import (
	"context"
	"errors"
	"slices"
	"strings"

	"detour/internal/filter"
	"detour/internal/flow"
	"detour/internal/wording"
	"detour/ui/pane"
	"detour/ui/text"
)

// A Comparison is how what is kept differs from another file: A is the file, which
// counts as what was before, and B is what is kept.
type Comparison struct {
	A, B    string // each in a line
	Verdict string // what got worse, in a sentence
	Worse   bool   // something did
	Notes   []string
	Hosts   []ComparisonPart // worse ones first
	Around  []ComparisonPart // what differs around them

	// Text and Markdown are what y copies; Record is copied as JSON.
	Text, Markdown string
	Record         any
}

// A ComparisonPart has a title and lines.
type ComparisonPart struct {
	Title string
	Lines []ComparisonLine
}

// A ComparisonLine says one thing.
type ComparisonLine struct {
	Depth int    // beneath a line of less
	Host  string // that this line and those beneath it are about; "": none
	Text  string
}

// startCompare asks for the file to compare with.
func (a *app) startCompare() { a.askFile("") }

func (a *app) askFile(name string) {
	a.ask(prompt{
		kind: forComparison, label: "compare with: ", text: name, hint: "a capture or a HAR, as what was before", enter: "compare", esc: "leave it",
		complete: a.files,
		done: func(name string) error {
			name = strings.TrimSpace(name)
			if name == "" {
				return errors.New("a file is wanted")
			}
			return a.compareWith(name)
		},
	})
}

// files offers what the name of a file may become.
func (a *app) files(text string) filter.Completion {
	if a.act.CompareFiles == nil {
		return filter.Completion{}
	}
	return a.act.CompareFiles(text)
}

// compareWith has what is kept compared with a file, and shows what comes of it.
func (a *app) compareWith(name string) error {
	if why := noCompare(a); why != "" {
		return errors.New(why)
	}
	a.send("comparing with "+text.Clean(name), func(ctx context.Context) func() {
		got, err := a.act.Compare(ctx, name)
		x := newCompared(name, got) // here: its JSON may be long
		return func() {
			if err != nil {
				a.cantCompare(name, err)
				return
			}
			a.diff = x
			a.openCompared()
			a.say(worseTone(got.Worse), "%s", got.Verdict)
		}
	})
	return nil
}

// cantCompare says what is wrong with a file, and asks for another one unless the
// person has turned to something else.
func (a *app) cantCompare(name string, err error) {
	if a.prompt.open() || a.menu != nil || a.form != nil {
		a.say(pane.Bad, "compare with %s: %v", name, err)
		return
	}
	a.askFile(name)
	a.prompt.err, a.prompt.offer = err, offer{} // what is wrong has the room
}

func worseTone(worse bool) pane.Tone {
	if worse {
		return pane.Bad
	}
	return pane.Good
}

func (a *app) openCompared() {
	a.show(onCompared)
	a.focus = onCompared
}

// showHost shows the flows of the chosen host in the table.
func (a *app) showHost() {
	host := a.diff.hosts[a.diff.chosen]
	x, err := filter.Parse(filter.Equals("host", host))
	if err != nil {
		a.say(pane.Warn, "%v", err)
		return
	}
	if !slices.ContainsFunc(a.m.flows, func(f *flow.Flow) bool { return x.Match(f, a.m.now) }) {
		a.say(pane.Warn, "no flow of %s is here", host)
		return
	}
	a.look(view{
		name: "host", noun: "flow", doc: "the flows of " + host, visit: host,
		keep: func(m *model, f *flow.Flow) bool { return x.Match(f, m.now) },
	})
}

func (a *app) copyCompared() {
	x := a.diff
	a.menu = &menu{"copy the comparison as", []choice{
		{"yt", "text", func() { a.copy("the comparison", x.Text) }},
		{"m", "Markdown", func() { a.copy("the comparison as Markdown", x.Markdown) }},
		{"j", "JSON", func() {
			if n := len(x.json); n > maxCopied {
				a.say(pane.Warn, "its JSON is too large for a clipboard (%s); detour diff --json writes it", wording.Bytes(int64(n)))
				return
			}
			a.copy("the comparison as JSON", x.json)
		}},
	}}
}

func noCompare(a *app) string {
	if a.act.Compare == nil {
		return "no file can be read from here"
	}
	if len(a.m.flows) == 0 {
		return "there is no flow yet"
	}
	return busy(a)
}

func noHost(a *app) string {
	if len(a.diff.hosts) == 0 {
		return "the comparison names no host"
	}
	return ""
}

// hostsOf are those that a comparison names, in its order.
func hostsOf(x Comparison) []string {
	var out []string
	for _, p := range slices.Concat(x.Hosts, x.Around) {
		for _, l := range p.Lines {
			if l.Host != "" {
				out = append(out, l.Host)
			}
		}
	}
	return out
}
