package table

import (
	"slices"
	"strings"
	"sync"

	"detour/internal/filter"
	"detour/ui/mask"
	"detour/ui/pane"
	"detour/ui/text"
)

// A Column is a column of the table, as data.
type Column struct {
	Name   string // as it is typed
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
	someText content = iota // text by others
	aHost                   // a host, with or without a port
	aPage                   // a host and a path
	ownWords                // detour's own words and numbers, which need no masking
)

// mask masks s according to its kind.
func (x content) mask(v *mask.Masker, s string) string {
	switch {
	case v == nil || x == ownWords:
		return s
	case x == aHost:
		return v.Host(s)
	case x == aPage:
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
		{Name: "time", shows: ownWords, title: "TIME", Doc: "when the request arrived",
			min: 8, render: timeCell, rank: func(r Row) rank { return rank{number: r.Times.Start.UnixNano()} }},
		{Name: "origin", shows: ownWords, title: "ORIGIN", Doc: "the route: console, direct or another",
			min: 9, render: originCell},
		{Name: "call", title: "CALL", Doc: "service and operation, or the request",
			min: 24, weight: 3, max: 48, render: callCell},
		{Name: "host", shows: aHost, title: "HOST", Doc: "the requested host, and an unusual port; .…com is short for .amazonaws.com",
			min: 27, weight: 4, max: 60, render: hostCell, shorten: shortHost},
		{Name: "dns", title: "DNS", Doc: "kind of address, and the address", min: 20, render: dnsCell},
		{Name: "tcp", title: "TCP", Doc: "outcome of the TCP connections", min: 16, render: tcpCell, shorten: shortConnect},
		{Name: "tls", title: "TLS", Doc: "outcome of the TLS handshake", min: 9, render: tlsCell},
		{Name: "status", title: "STATUS", Doc: "HTTP status and AWS error code",
			min: 12, weight: 1, max: 36, render: statusCell},
		{Name: "result", title: "RESULT", Doc: "the first of DNS, TCP, TLS and status that isn't ordinary",
			min: 17, weight: 1, max: 30, render: resultCell, shorten: shortConnect},
		{Name: "total", shows: ownWords, title: "TOTAL", Doc: "total time",
			min: 8, right: true, render: totalCell, rank: func(r Row) rank { return rank{number: int64(Elapsed(r.Flow, r.Now))} }},
		{Name: "size", shows: ownWords, title: "SIZE", Doc: "size of the response body",
			min: 8, right: true, render: sizeCell, rank: func(r Row) rank { return rank{number: received(r.Flow)} }},
		{Name: "region", title: "REGION", Doc: "the AWS Region", min: 14, render: regionCell},
		{Name: "page", shows: aPage, title: "PAGE", Doc: "the console page that made the request",
			min: 16, weight: 2, max: 60, render: func(r Row) cell { return cell{pageOf(r.Flow), pane.Dim} }, shorten: shortPage},
		{Name: "address", shows: aHost, title: "ADDRESS", Doc: "the address that answered, or was tried first",
			min: 15, render: func(r Row) cell { return cell{addressOf(r.Flow), pane.Plain} }},
		{Name: "method", title: "METHOD", Doc: "the HTTP method",
			min: 7, render: func(r Row) cell { s, _ := text.Head(r.Request.Method, text.MaxCell); return cell{s, pane.Dim} }},
		{Name: "finding", title: "FINDING", Doc: "the code of the first finding",
			min: 16, weight: 1, max: 40, render: func(r Row) cell { return cell{findingOf(r.Flow), pane.Warn} }},
		{Name: "step", title: "STEP", Doc: "the step, as begun with :step",
			min: 10, weight: 1, max: 30, render: func(r Row) cell { return cell{r.Step, pane.Dim} }},
		{Name: "mark", title: "MARK", Doc: "* for a mark, n for a note", min: 4, render: markCell},
		{Name: "note", title: "NOTE", Doc: "your note",
			min: 10, weight: 1, max: 40, render: func(r Row) cell { return cell{r.Note, pane.Plain} }},
		{Name: "deny", title: "DENIED BY", Doc: "the kind of policy that denied the call",
			min: 16, weight: 1, max: 40, render: denyCell},
		{Name: "policy", title: "POLICY", Doc: "the ARN of that policy", min: 20, weight: 2, max: 80, render: policyCell},
		{Name: "inner", shows: ownWords, title: "INNER", Doc: "the status that the service returned to the console's server",
			min: 5, right: true, render: innerCell, rank: func(r Row) rank { return rank{number: int64(innerStatus(r.Flow))} }},
		{Name: "batch", shows: ownWords, title: "BATCH", Doc: "how many calls the request relays",
			min: 8, right: true, render: batchCell, rank: func(r Row) rank { return rank{number: int64(batched(r.Flow))} }},
		{Name: "skew", shows: ownWords, title: "SKEW", Doc: "how far this machine's clock is ahead of AWS's",
			min: 8, right: true, render: skewCell, rank: func(r Row) rank { return rank{number: int64(skew(r.Flow).Abs())} }},
		{Name: "age", shows: ownWords, title: "DNS AGE", Doc: "the age of a cached DNS answer",
			min: 8, right: true, render: ageCell, rank: func(r Row) rank { return rank{number: int64(ageOf(r.Flow))} }},
		{Name: "range", title: "AWS RANGE", Doc: "the published AWS ranges of the addresses",
			min: 18, weight: 1, max: 40, render: rangeCell},
		{Name: "id", shows: ownWords, title: "#", Doc: "the number of the flow",
			min: 5, right: true, render: idCell,
			rank: func(r Row) rank { return rank{number: int64(r.ID)} }}, //nolint:gosec // nobody has so many
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

// signColumn always comes first.
func signColumn() Column { return Column{title: "", min: 2, render: signCell} }

// A layout is the columns for screens of a width or more.
type layout struct {
	from    int // cells
	columns []Column
}

// layouts are the layouts, widest first. A narrower screen has fewer columns, not narrower
// ones: DNS, TCP, TLS and status become one result.
var layouts = sync.OnceValue(func() []layout {
	col := func(name string) Column {
		c, _ := ColumnNamed(name)
		return c
	}
	var (
		sign   = signColumn()
		time   = col("time")
		origin = col("origin")
		call   = col("call")
		called = Column{Name: "call", title: "CALL", min: 20, weight: 3, render: callHostCell}
		tiny   = Column{Name: "call", title: "CALL", min: 10, weight: 3, render: callHostCell}
		host   = col("host")
		dns    = col("dns")
		path   = Column{Name: "dns", title: "DNS", min: 9, render: pathCell}
		tcp    = col("tcp")
		full   = col("tcp") // with the SYNs of two addresses
		tls    = col("tls")
		status = col("status")
		result = col("result")
		timed  = Column{Name: "result", title: "RESULT", min: 17, render: timedResultCell, shorten: shortConnect}
		total  = col("total")
	)
	full.min = 25
	return []layout{
		{230, []Column{sign, time, origin, call, host, dns, full, tls, status, total, col("size"), col("page")}},
		{220, []Column{sign, time, origin, call, host, dns, tcp, tls, status, total, col("size"), col("page")}},
		{200, []Column{sign, time, origin, call, host, dns, full, tls, status, total, col("size")}},
		{190, []Column{sign, time, origin, call, host, dns, tcp, tls, status, total, col("size")}},
		{145, []Column{sign, time, origin, call, host, dns, tcp, tls, status, total}},
		{120, []Column{sign, time, origin, called, dns, tcp, tls, status, total}},
		{100, []Column{sign, time, origin, called, dns, result, total}},
		{76, []Column{sign, time, origin, called, path, timed}},
		{60, []Column{sign, origin, called, timed}},
		{0, []Column{sign, tiny, timed}},
	}
})

// datedWidth is the width of a time with its date.
const datedWidth = len("01-02 15:04:05")

// Dated returns the columns for flows of several days in w cells: the time has its date.
// The column with the greatest share gives up the cells for it. A width that a person has
// chosen stays.
func Dated(cols []Column, w int) []Column {
	cols = slices.Clone(cols)
	need, giver := len(cols)-1, 0
	for i, c := range cols {
		if c.Name == "time" && (c.max == 0 || c.max >= datedWidth) {
			cols[i].min, cols[i].render = max(c.min, datedWidth), datedCell
		}
		need += cols[i].min
		if c.weight > cols[giver].weight {
			giver = i
		}
	}
	if over := need - w; over > 0 {
		cols[giver].min = max(MinWidth, cols[giver].min-over)
	}
	return cols
}

// pick returns the layout for a screen of w cells.
func pick(w int) []Column {
	for _, l := range layouts() {
		if w >= l.from {
			return l.columns
		}
	}
	return nil
}

// spread divides w cells among columns, with one cell between them. What columns with a
// weight can't use stays free on the right.
func spread(cols []Column, w int) []int {
	ws := make([]int, len(cols))
	left := w - (len(cols) - 1)
	for i, c := range cols {
		ws[i] = max(0, min(c.min, left))
		left -= ws[i]
	}
	for left > 0 {
		weights := 0
		for i, c := range cols {
			if c.max == 0 || ws[i] < c.max {
				weights += c.weight
			}
		}
		if weights == 0 {
			break
		}
		round := left
		for i, c := range cols {
			if c.weight == 0 || c.max > 0 && ws[i] >= c.max {
				continue
			}
			more := min(left, max(1, round*c.weight/weights))
			if c.max > 0 {
				more = min(more, c.max-ws[i])
			}
			ws[i] += more
			left -= more
		}
	}
	return ws
}

// ColumnNames returns all columns as candidates.
func ColumnNames() []filter.Candidate {
	var out []filter.Candidate
	for _, c := range Columns() {
		out = append(out, filter.Candidate{Text: c.Name, Doc: c.Doc})
	}
	return out
}
