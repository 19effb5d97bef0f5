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

// A comparer compares what is kept with another file.
type comparer struct {
	*library
	exporter *exporter // whose form may have been opened meanwhile
}

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
func (cp *comparer) startCompare() { cp.askFile("") }

func (cp *comparer) askFile(name string) {
	cp.ask(prompt{
		kind: forComparison, label: "compare with: ", text: name, hint: "an earlier capture or HAR", enter: "compare", esc: "cancel",
		complete: cp.files,
		done: func(name string) error {
			name = strings.TrimSpace(name)
			if name == "" {
				return errors.New("enter the name of a file")
			}
			return cp.compareWith(name)
		},
	})
}

// files offers what the name of a file may become.
func (cp *comparer) files(text string) filter.Completion {
	if cp.act.Compare.Files == nil {
		return filter.Completion{}
	}
	return cp.act.Compare.Files(text)
}

// compareWith has what is kept compared with a file, and shows what comes of it.
func (cp *comparer) compareWith(name string) error {
	if why := cp.noCompare(); why != "" {
		return errors.New(why)
	}
	cp.start("comparing with "+text.Clean(name), func(ctx context.Context) func() {
		got, err := cp.act.Compare.Run(ctx, name)
		x := newCompared(name, got) // here: its JSON may be long
		return func() {
			if err != nil {
				cp.cantCompare(name, err)
				return
			}
			cp.diff = x
			cp.openCompared()
			cp.notify(worseTone(got.Worse), "%s", got.Verdict)
		}
	})
	return nil
}

// cantCompare says what is wrong with a file, and asks for another one unless the
// person has turned to something else.
func (cp *comparer) cantCompare(name string, err error) {
	if cp.prompt.open() || cp.menu != nil || cp.exporter.form != nil {
		cp.notify(pane.Bad, "compare with %s: %v", name, err)
		return
	}
	cp.askFile(name)
	cp.prompt.err, cp.prompt.offer = err, offer{} // what is wrong has the room
}

func worseTone(worse bool) pane.Tone {
	if worse {
		return pane.Bad
	}
	return pane.Good
}

func (d *core) openCompared() {
	d.show(onCompared)
	d.focus = onCompared
}

// showHost shows the flows of the chosen host in the table.
func (cp *comparer) showHost() {
	host := cp.diff.hosts[cp.diff.chosen]
	x, err := filter.Parse(filter.Equals("host", host))
	if err != nil {
		cp.notify(pane.Warn, "%v", err)
		return
	}
	if !slices.ContainsFunc(cp.m.flows, func(f *flow.Flow) bool { return x.Match(f, cp.m.now) }) {
		cp.notify(pane.Warn, "there is no flow of %s", host)
		return
	}
	cp.showSet(view{
		name: "host", noun: "flow", doc: "the flows of " + host, set: host,
		keep: func(m *model, f *flow.Flow) bool { return x.Match(f, m.now) },
	})
}

func (cp *comparer) copyCompared() {
	x := cp.diff
	cp.menu = &menu{"copy the comparison as", []choice{
		{"yt", "text", func() { cp.copy("the comparison", x.Text) }},
		{"m", "Markdown", func() { cp.copy("the comparison as Markdown", x.Markdown) }},
		{"j", "JSON", func() {
			if n := len(x.json); n > maxCopied {
				cp.notify(pane.Warn, "its JSON is too large for a clipboard (%s); detour diff --json writes it", wording.Bytes(int64(n)))
				return
			}
			cp.copy("the comparison as JSON", x.json)
		}},
	}}
}

func (cp *comparer) noCompare() string {
	if cp.act.Compare.Run == nil {
		return "comparing isn't possible here"
	}
	if len(cp.m.flows) == 0 {
		return "there are no flows yet"
	}
	return cp.busy()
}

func (cp *comparer) noHost() string {
	if len(cp.diff.hosts) == 0 {
		return "the comparison has no hosts"
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
