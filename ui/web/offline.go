package web

import (
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
	c     *flow.Capture
	flows flow.Reader
	d     report.Document
	found report.Document // with each finding in full
	max   limits
}

// Limits keep the page small: a ticket takes it as an attachment, and a browser opens it at once.
type limits struct {
	rows    int // of the table; no more than the script keeps
	details int // bytes of the document that details may take
	chunk   int // bytes of details that are packed together: to open a flow, one chunk is unpacked
}

// Report writes a capture as one HTML file: the page with its data inside, for a browser without
// a network, and the report for one without a script, and for paper. The same capture gives the
// same bytes. r reads its flows, which the capture itself may not have; d is their report. The error
// is w's, or r's.
func (p *Page) Report(w io.Writer, c *flow.Capture, r flow.Reader, d report.Documents) error {
	return p.report(w, c, r, d, limits{rows: 50_000, details: 8 << 20, chunk: 128 << 10})
}

func (p *Page) report(w io.Writer, c *flow.Capture, r flow.Reader, d report.Documents, l limits) error {
	x := &offline{Page: *p, c: c, flows: r, d: d.Whole, found: d.Found, max: l}
	x.zone = time.UTC // wherever it is written
	if c.Names != nil {
		x.names = c.Names.Text
	}
	return x.write(w)
}

// write writes the data in the order in which it becomes known: the events say what is left out.
func (x *offline) write(w io.Writer) error {
	begin, end, _ := x.document(shell{
		Title: x.title(), Offline: true, Summary: x.static(partSummary), Report: x.static(partReport),
	})
	rows, important, err := x.tableRows()
	if err != nil {
		return err
	}
	if _, err := w.Write(begin); err != nil {
		return err
	}
	details, err := x.writeDetails(w, important)
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
// marked and the latest. important has the same flows in another order: first those affected, then
// those marked.
func (x *offline) tableRows() (rows, important []flow.ID, err error) {
	var ranks [3][]flow.ID
	for f, err := range x.flows.Bodiless() {
		if err != nil {
			return nil, nil, err
		}
		rank := 2
		switch {
		case x.d.Affected[f.ID]:
			rank = 0
		case f.Marked || f.Note != "":
			rank = 1
		}
		ranks[rank] = append(ranks[rank], f.ID)
	}
	for _, ids := range ranks {
		latest := ids[max(0, len(ids)-(x.max.rows-len(important))):]
		important = append(important, latest...)
	}
	rows = slices.Clone(important)
	slices.Sort(rows)
	return rows, important, nil
}

// An omission says what the page lacks, and how to get it; "" of nothing.
type omission struct {
	Rows    string `json:"rows,omitempty"`
	Details string `json:"details,omitempty"`
}

func (x *offline) omission(rows, details int) omission {
	const all = " The capture has all of them: detour open FILE."
	of := func(n int) string { return wording.Number(n) + " of " + wording.Count(x.d.Flows, "request") }
	var out omission
	if rows < x.d.Flows {
		out.Rows = "This report has " + of(rows) + ", those affected first." + all
	}
	if details < rows {
		out.Details = "This report has the details of " + of(details) + ", those affected first." + all
	}
	return out
}
