package ui

// A column is one of the table's columns, as data.
type column struct {
	title  string
	min    int // cells that it always gets
	weight int // its share of what is left over
	max    int // cells beyond which it gains nothing; 0 is no limit
	right  bool
	render func(row) cell
}

// A layout is the set of columns for screens from a width on.
type layout struct {
	from    int // cells
	columns []column
}

// layouts are the choices, widest first. A narrower screen has fewer columns,
// not narrower words: DNS, TCP, TLS and status become one result.
func layouts() []layout {
	var (
		sign   = column{title: "", min: 2, render: signCell}
		time   = column{title: "TIME", min: 8, render: timeCell}
		origin = column{title: "ORIGIN", min: 9, render: originCell}
		call   = column{title: "CALL", min: 24, weight: 3, max: 48, render: callCell}
		called = column{title: "CALL", min: 20, weight: 3, render: callHostCell}
		tiny   = column{title: "CALL", min: 10, weight: 3, render: callHostCell}
		host   = column{title: "HOST", min: 18, weight: 4, max: 60, render: hostCell}
		dns    = column{title: "DNS", min: 20, render: dnsCell}
		path   = column{title: "DNS", min: 9, render: pathCell}
		tcp    = column{title: "TCP", min: 16, render: tcpCell}
		tls    = column{title: "TLS", min: 9, render: tlsCell}
		status = column{title: "STATUS", min: 12, weight: 1, max: 30, render: statusCell}
		result = column{title: "RESULT", min: 17, weight: 1, max: 30, render: resultCell}
		timed  = column{title: "RESULT", min: 17, render: timedResultCell}
		total  = column{title: "TOTAL", min: 8, right: true, render: totalCell}
	)
	return []layout{
		{140, []column{sign, time, origin, call, host, dns, tcp, tls, status, total}},
		{120, []column{sign, time, origin, called, dns, tcp, tls, status, total}},
		{100, []column{sign, time, origin, called, dns, result, total}},
		{76, []column{sign, time, origin, called, path, timed}},
		{60, []column{sign, origin, called, timed}},
		{0, []column{sign, tiny, timed}},
	}
}

// pick returns the layout for a screen of w cells.
func pick(ls []layout, w int) []column {
	for _, l := range ls {
		if w >= l.from {
			return l.columns
		}
	}
	return nil
}

// spread divides w cells, less one between columns, among columns. What can't
// be given to columns with a weight stays free at the right-hand end.
func spread(cols []column, w int) []int {
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
