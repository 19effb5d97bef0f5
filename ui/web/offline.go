package web

import (
	"cmp"
	"html/template"
	"io"
	"slices"
	"strings"
	"time"

	"detour/internal/flow"
	"detour/internal/report"
	"detour/internal/wording"
)

// An offline is a capture that becomes a page with its data inside.
type offline struct {
	Page
	c   *flow.Capture
	d   report.Document
	max limits
}

// Limits keep the page small: a ticket takes it as an attachment, and a browser opens it at once.
type limits struct {
	rows    int // of the table; no more than the script keeps
	details int // bytes of the document that details may take
	chunk   int // bytes of details that are packed together: to open a flow, one chunk is unpacked
}

// Report writes a capture as one HTML file: the page with its data inside, for a browser without
// a network, and the report for one without a script, and for paper. The same capture gives the
// same bytes. The error is w's.
func (p *Page) Report(w io.Writer, c *flow.Capture) error {
	return p.offline(c, limits{rows: 50_000, details: 8 << 20, chunk: 128 << 10}).write(w)
}

func (p *Page) offline(c *flow.Capture, l limits) *offline {
	x := &offline{Page: *p, c: c, d: report.Of(c), max: l}
	x.zone = time.UTC // wherever it is written
	if c.Names != nil {
		x.names = c.Names.Text
	}
	return x
}

// write writes the data in the order in which it becomes known: the events say what is left out.
func (x *offline) write(w io.Writer) error {
	begin, end, _ := x.document(shell{
		Title: x.title(), Offline: true, Summary: x.static(partSummary), Report: x.static(partReport),
	})
	rows := x.tableRows()
	if _, err := w.Write(begin); err != nil {
		return err
	}
	details, err := x.writeDetails(w, x.byImportance(rows))
	if err != nil {
		return err
	}
	if err := x.writeEvents(w, rows, details); err != nil {
		return err
	}
	_, err = w.Write(end)
	return err
}

func (x *offline) title() string {
	return flow.Printable(wording.Clip(x.name(x.d.Title), report.MaxLine))
}

// static is a part of the report that needs no script.
func (x *offline) static(part string) template.HTML {
	var b strings.Builder
	if err := writePart(&b, part, x.d); err != nil {
		panic(err) // the builder takes everything, and the template is ours
	}
	return template.HTML(x.name(b.String())) //nolint:gosec // the template escapes, and names are words of ours
}

// tableRows are the flows that the table has, by ID: if there are too many, those affected, those
// marked and the latest.
func (x *offline) tableRows() []*flow.Flow {
	if len(x.c.Flows) <= x.max.rows {
		return x.c.Flows
	}
	latest := slices.Clone(x.c.Flows)
	slices.Reverse(latest)
	out := x.byImportance(latest)[:x.max.rows]
	slices.SortFunc(out, func(a, b *flow.Flow) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// byImportance returns flows in another order: first those affected, then those marked.
func (x *offline) byImportance(flows []*flow.Flow) []*flow.Flow {
	rank := func(f *flow.Flow) int {
		switch {
		case x.d.Affected[f.ID]:
			return 0
		case f.Marked || f.Note != "":
			return 1
		}
		return 2
	}
	out := slices.Clone(flows)
	slices.SortStableFunc(out, func(a, b *flow.Flow) int { return cmp.Compare(rank(a), rank(b)) })
	return out
}

// An omission says what the page lacks, and how to get it; "" of nothing.
type omission struct {
	Rows    string `json:"rows,omitempty"`
	Details string `json:"details,omitempty"`
}

func (x *offline) omission(rows, details int) omission {
	const all = " The capture has all of them: detour open FILE."
	of := func(n int) string { return wording.Number(n) + " of " + wording.Count(len(x.c.Flows), "request") }
	var out omission
	if rows < len(x.c.Flows) {
		out.Rows = "This report has " + of(rows) + ", those affected first." + all
	}
	if details < rows {
		out.Details = "This report has the details of " + of(details) + ", those affected first." + all
	}
	return out
}
