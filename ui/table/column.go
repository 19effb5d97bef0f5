package table

import (
	"strings"

	"detour/internal/filter"
	"detour/ui/mask"
	"detour/ui/pane"
	"detour/ui/text"
)

// A Column is a column of the table, as data.
type Column struct {
	Name   string // as it is typed
	form   string // which of the layouts' forms of it; "": the one that a person can choose
	title  string
	Doc    string
	min    int // least width, in cells
	weight int // share of the remaining cells
	max    int // greatest width; 0: no limit
	right  bool
	render func(Row) cell
	rank   func(Row) rank // what rows are sorted by; nil: the text that is shown
	shows  content
	// shorten fits a text into a number of cells; nil: its end is cut.
	shorten func(*Domains, string, int) string
}

// A content is what kind of text a column has, which decides how it is masked.
type content uint8

const (
	anyText   content = iota // text by others
	hostText                 // a host, with or without a port
	pageText                 // a host and a path
	plainText                // detour's own words and numbers, which need no masking
)

// mask masks s according to its kind.
func (x content) mask(v *mask.Masker, s string) string {
	switch {
	case v == nil || x == plainText:
		return s
	case x == hostText:
		return v.Host(s)
	case x == pageText:
		host, path, slash := strings.Cut(s, "/")
		s = v.Host(host)
		if slash {
			s += v.Text("/" + path)
		}
		return s
	}
	return v.Text(s)
}

// Columns returns all columns, in the order in which they are offered.
func Columns() []Column {
	cols := []Column{
		{
			Name: "time", shows: plainText, title: "TIME", Doc: "when the request arrived",
			min: 8, render: timeCell, rank: func(r Row) rank { return rank{number: r.Times.Start.UnixNano()} },
		},
		{
			Name: "origin", shows: plainText, title: "ORIGIN", Doc: "the route: console, direct or another",
			min: 9, render: originCell,
		},
		{
			Name: "call", title: "CALL", Doc: "service and operation, or the request",
			min: 24, weight: 3, max: 48, render: callCell,
		},
		{
			Name: "host", shows: hostText, title: "HOST", Doc: "the requested host, and a non-default port; .…com is short for .amazonaws.com",
			min: 27, weight: 4, max: 60, render: hostCell, shorten: shortHost,
		},
		{Name: "dns", title: "DNS", Doc: "kind of address, and the address", min: 20, render: dnsCell},
		{Name: "tcp", title: "TCP", Doc: "outcome of the TCP connections", min: 16, render: tcpCell, shorten: shortConnect},
		{Name: "tls", title: "TLS", Doc: "outcome of the TLS handshake", min: 9, render: tlsCell},
		{
			Name: "status", title: "STATUS", Doc: "HTTP status and AWS error code",
			min: 12, weight: 1, max: 36, render: statusCell,
		},
		{
			Name: "result", title: "RESULT", Doc: "the first of DNS, TCP, TLS and status that isn't normal",
			min: 17, weight: 1, max: 30, render: resultCell, shorten: shortConnect,
		},
		{
			Name: "total", shows: plainText, title: "TOTAL", Doc: "total time",
			min: 8, right: true, render: totalCell, rank: func(r Row) rank { return rank{number: int64(Elapsed(r.Flow, r.Now))} },
		},
		{
			Name: "size", shows: plainText, title: "SIZE", Doc: "size of the response body",
			min: 8, right: true, render: sizeCell, rank: func(r Row) rank { return rank{number: received(r.Flow)} },
		},
		{Name: "region", title: "REGION", Doc: "the AWS Region", min: 14, render: regionCell},
		{
			Name: "page", shows: pageText, title: "PAGE", Doc: "the console page that made the request",
			min: 16, weight: 2, max: 60, render: func(r Row) cell { return cell{pageOf(r.Flow), pane.Dim} }, shorten: shortPage,
		},
		{
			Name: "address", shows: hostText, title: "ADDRESS", Doc: "the address that responded, or was tried first",
			min: 15, render: func(r Row) cell { return cell{addressOf(r.Flow), pane.Plain} },
		},
		{
			Name: "method", title: "METHOD", Doc: "the HTTP method",
			min: 7, render: func(r Row) cell { s, _ := text.Head(r.Request.Method, text.MaxCell); return cell{s, pane.Dim} },
		},
		{
			Name: "finding", title: "FINDING", Doc: "the code of the first finding",
			min: 16, weight: 1, max: 40, render: func(r Row) cell { return cell{findingOf(r), pane.Warn} },
		},
		{
			Name: "step", title: "STEP", Doc: "the step, as set with :step",
			min: 10, weight: 1, max: 30, render: func(r Row) cell { return cell{r.Step, pane.Dim} },
		},
		{Name: "mark", title: "MARK", Doc: "* for a mark, n for a note", min: 4, render: markCell},
		{
			Name: "note", title: "NOTE", Doc: "your note",
			min: 10, weight: 1, max: 40, render: func(r Row) cell { return cell{r.Note, pane.Plain} },
		},
		{
			Name: "deny", title: "DENIED BY", Doc: "the kind of policy that denied the call",
			min: 16, weight: 1, max: 40, render: denyCell,
		},
		{Name: "policy", title: "POLICY", Doc: "the ARN of that policy", min: 20, weight: 2, max: 80, render: policyCell},
		{
			Name: "inner", shows: plainText, title: "INNER", Doc: "the status that the service returned to the console's server",
			min: 5, right: true, render: innerCell, rank: func(r Row) rank { return rank{number: int64(innerStatus(r.Flow))} },
		},
		{
			Name: "batch", shows: plainText, title: "BATCH", Doc: "how many calls the request relays",
			min: 8, right: true, render: batchCell, rank: func(r Row) rank { return rank{number: int64(batchSize(r.Flow))} },
		},
		{
			Name: "skew", shows: plainText, title: "SKEW", Doc: "how far this machine's clock is ahead of AWS's",
			min: 8, right: true, render: skewCell, rank: func(r Row) rank { return rank{number: int64(skew(r.Flow).Abs())} },
		},
		{
			Name: "age", shows: plainText, title: "DNS AGE", Doc: "the age of a cached DNS answer",
			min: 8, right: true, render: ageCell, rank: func(r Row) rank { return rank{number: int64(ageOf(r.Flow))} },
		},
		{
			Name: "range", title: "AWS RANGE", Doc: "the published AWS ranges of the addresses",
			min: 18, weight: 1, max: 40, render: rangeCell,
		},
		{
			Name: "id", shows: plainText, title: "#", Doc: "the number of the flow",
			min: 5, right: true, render: idCell,
			rank: func(r Row) rank { return rank{number: int64(r.ID)} },
		}, //nolint:gosec // nobody has so many
	}
	for i, c := range cols {
		if c.rank == nil {
			cols[i].rank = func(r Row) rank { return rank{text: c.render(r).text} }
		}
	}
	return cols
}

// ColumnNamed returns the column of that name, if there is one.
func ColumnNamed(name string) (c Column, ok bool) {
	for _, c := range Columns() {
		if c.Name == name {
			return c, true
		}
	}
	return c, false
}

// ColumnNames returns all columns as candidates.
func ColumnNames() []filter.Candidate {
	var out []filter.Candidate
	for _, c := range Columns() {
		out = append(out, filter.Candidate{Text: c.Name, Doc: c.Doc})
	}
	return out
}
