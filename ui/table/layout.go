package table

import (
	"slices"
	"sync"
)

// signColumn always comes first.
func signColumn() Column { return Column{form: "sign", title: "", min: 2, render: signCell} }

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
		called = Column{Name: "call", form: "host", title: "CALL", min: 20, weight: 3, render: callHostCell}
		tiny   = Column{Name: "call", form: "host", title: "CALL", min: 10, weight: 3, render: callHostCell}
		host   = col("host")
		dns    = col("dns")
		path   = Column{Name: "dns", form: "word", title: "DNS", min: 9, render: pathCell}
		tcp    = col("tcp")
		full   = col("tcp") // with the number of SYNs for two addresses
		tls    = col("tls")
		status = col("status")
		result = col("result")
		timed  = Column{Name: "result", form: "timed", title: "RESULT", min: 17, render: timedResultCell, shorten: shortConnect}
		total  = col("total")
	)
	full.min = 32
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
