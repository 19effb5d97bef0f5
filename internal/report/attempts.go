package report

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"detour/internal/flow"
	"detour/internal/wording"
)

// leastShown is the shortest time of a connect that isn't written as 0.0 ms. Browsers that didn't
// measure a connect write about 0.
const leastShown = 50 * time.Microsecond

// attempts sum up the connects to a host: those to one address with the same outcome are one row.
type attempts struct {
	rows   []tries
	errors []string // distinct
}

// tries are connects to an address with the same outcome.
type tries struct {
	address, scope, outcome, from string

	n                 int
	shortest, longest time.Duration
	syns              int // of the one with most of them; 0: unknown
}

// add adds a connect, as it was at an instant.
func (t *attempts) add(a flow.DialAttempt, now time.Time, where string) {
	row := tries{address: wording.None, scope: wording.None, outcome: or(string(a.Outcome), "connecting"), from: wording.None}
	if a.Addr.IsValid() {
		row.address, row.scope = a.Addr.String(), string(flow.ScopeOf(a.Addr.Addr()))+where
	}
	switch {
	case a.Local.IsValid() && a.Interface != "":
		row.from = a.Local.Addr().String() + " (" + a.Interface + ")"
	case a.Local.IsValid():
		row.from = a.Local.Addr().String()
	case a.Interface != "":
		row.from = a.Interface
	}
	if e := a.Err; e != "" {
		if a.Addr.IsValid() {
			e = a.Addr.String() + ": " + e
		}
		if !slices.Contains(t.errors, e) && len(t.errors) < maxLines {
			t.errors = append(t.errors, e)
		}
	}
	same := func(x tries) bool {
		return x.address == row.address && x.scope == row.scope && x.outcome == row.outcome && x.from == row.from
	}
	i := slices.IndexFunc(t.rows, same)
	if i < 0 {
		i = len(t.rows)
		t.rows = append(t.rows, row)
	}
	x := &t.rows[i]
	took := a.Elapsed(now)
	if x.n++; x.n == 1 || took < x.shortest {
		x.shortest = took
	}
	x.longest = max(x.longest, took)
	x.syns = max(x.syns, a.SYNs())
}

func (t *attempts) table() *Table {
	out := &Table{Columns: []string{"address", "scope", "TCP", "times", "took", "SYNs", "from"}}
	out.More = more(len(t.rows), maxAttempts, "address")
	for _, x := range t.rows[:min(len(t.rows), maxAttempts)] {
		syns := wording.None
		if x.syns > 0 {
			syns = strconv.Itoa(x.syns)
		}
		out.Rows = append(out.Rows, []string{x.address, x.scope, x.outcome, strconv.Itoa(x.n), x.took(), syns, x.from})
	}
	return out
}

func (x tries) took() string {
	if x.longest < leastShown {
		return wording.None
	}
	short, long := wording.Duration(x.shortest), wording.Duration(x.longest)
	if short == long || x.shortest < leastShown {
		return long
	}
	return fmt.Sprintf("%s to %s", short, long)
}
