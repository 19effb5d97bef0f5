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

// A comparer compares the table with another capture.
type comparer struct {
	state   *screenState
	views   *viewSet
	exports *exporter // whose form may have been opened in the meantime
	result  *compared // of the last comparison; nil: none
}

// A Comparison is how the table differs from a file: A is the file, which counts as the
// earlier one, and B is the table.
type Comparison struct {
	A, B    string // a line each
	Verdict string // what got worse, as a sentence
	Worse   bool   // something got worse
	Notes   []string
	Hosts   []ComparisonPart // those that got worse first
	Around  []ComparisonPart // other differences

	// Text and Markdown are copied as they are; Record is copied as JSON.
	Text, Markdown string
	Record         any
}

// A ComparisonPart has a title and lines.
type ComparisonPart struct {
	Title string
	Lines []ComparisonLine
}

// A ComparisonLine is one statement.
type ComparisonLine struct {
	Depth int    // nested below lines with less
	Host  string // that the line and those nested below it are about; "": none
	Text  string
}

// start asks for the file to compare with.
func (cp *comparer) start() { cp.askFile("") }

// askFile asks for the file, and offers a name.
func (cp *comparer) askFile(name string) {
	cp.state.prompts.ask(prompt{
		kind: forComparison, label: "compare with: ", text: name, hint: "an earlier capture or HAR", enter: "compare", esc: "cancel",
		complete: cp.files,
		done: func(name string) error {
			name = strings.TrimSpace(name)
			if name == "" {
				return errors.New("enter the name of a file")
			}
			return cp.compare(name)
		},
	})
}

// files completes the name of a file.
func (cp *comparer) files(text string) filter.Completion {
	if cp.state.act.Compare.Files == nil {
		return filter.Completion{}
	}
	return cp.state.act.Compare.Files(text)
}

// compare compares the table with a file, and shows the result.
func (cp *comparer) compare(name string) error {
	if why := cp.cant(); why != "" {
		return errors.New(why)
	}
	cp.state.tasks.Start("comparing with "+text.Clean(name), func(ctx context.Context) func() {
		got, err := cp.state.act.Compare.Run(ctx, name)
		x := newCompared(name, got) // not on the drawing goroutine: the JSON may be long
		return func() {
			if err != nil {
				cp.askAgain(name, err)
				return
			}
			cp.result = x
			cp.open()
			cp.state.notify(worseTone(got.Worse), "%s", got.Verdict)
		}
	})
	return nil
}

// askAgain reports what is wrong with a file, and asks for another one, unless the
// person is doing something else by now.
func (cp *comparer) askAgain(name string, err error) {
	if cp.state.prompts.line.open() || cp.state.prompts.menu != nil || cp.exports.form != nil {
		cp.state.notify(pane.Bad, "compare with %s: %v", name, err)
		return
	}
	cp.askFile(name)
	cp.state.prompts.line.err, cp.state.prompts.line.offer = err, offer{} // leave the room to the error
}

func worseTone(worse bool) pane.Tone {
	if worse {
		return pane.Bad
	}
	return pane.Good
}

// open shows the last comparison.
func (cp *comparer) open() {
	cp.state.show(onCompared)
	cp.state.panes.focus = onCompared
}

// showHost shows the flows of the selected host in the table.
func (cp *comparer) showHost() {
	host := cp.result.hosts[cp.result.chosen]
	x, err := filter.Parse(filter.Equals("host", host))
	if err != nil {
		cp.state.notify(pane.Warn, "%v", err)
		return
	}
	if !slices.ContainsFunc(cp.state.m.flows, func(f *flow.Flow) bool { return cp.state.m.matches(x, f) }) {
		cp.state.notify(pane.Warn, "there is no flow of %s", host)
		return
	}
	cp.views.drillDown(view{
		name: "host", noun: "flow", doc: "the flows of " + host, set: host,
		keep: func(m *model, f *flow.Flow) bool { return m.matches(x, f) },
	})
}

// copy asks for the format in which to copy the comparison.
func (cp *comparer) copy() {
	x := cp.result
	cp.state.prompts.menu = &menu{"copy the comparison as", []choice{
		{"yt", "text", func() { cp.state.copy("the comparison", x.Text) }},
		{"m", "Markdown", func() { cp.state.copy("the comparison as Markdown", x.Markdown) }},
		{"j", "JSON", func() {
			if n := len(x.json); n > maxCopied {
				const tooLarge = "its JSON is too large for a clipboard (%s); detour diff --json writes it"
				cp.state.notify(pane.Warn, tooLarge, wording.Bytes(int64(n)))
				return
			}
			cp.state.copy("the comparison as JSON", x.json)
		}},
	}}
}

func (cp *comparer) cant() string {
	if cp.state.act.Compare.Run == nil {
		return "comparing isn't possible here"
	}
	if len(cp.state.m.flows) == 0 {
		return "there are no flows yet"
	}
	return cp.state.tasks.Busy()
}

func (cp *comparer) noHost() string {
	if len(cp.result.hosts) == 0 {
		return "the comparison has no hosts"
	}
	return ""
}

// hostsOf returns the hosts that a comparison names, in order.
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
