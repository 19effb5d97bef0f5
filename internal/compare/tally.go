package compare

import (
	"slices"
	"strconv"
	"time"

	"detour/internal/flow"
)

// A Tally is what the requests of one operation at a host came to.
type Tally struct {
	Requests int     `json:"requests"`
	Answered int     `json:"answered"`            // with anything below 400
	Usual    string  `json:"usual"`               // the most frequent outcome; "" if none is known
	Worst    string  `json:"worst"`               // the worst one
	MedianMS float64 `json:"median_ms,omitempty"` // of those that were answered; absent if none was

	usual, worst outcome
	median       time.Duration
}

// A pile gathers the requests of one operation.
type pile struct {
	origin   flow.Origin
	requests int
	outcomes map[outcome]int
	times    []time.Duration
}

// maxTimes bounds the times that a median is of: the first ones stand for all.
const maxTimes = 10_000

// maxOutcomes bounds the outcomes of a call that are told apart: error codes are
// the network's words.
const maxOutcomes = 100

func (p *pile) add(f *flow.Flow) {
	p.requests++
	o := outcomeOf(f)
	if o.grade == gradeNone {
		return
	}
	if _, known := p.outcomes[o]; known || len(p.outcomes) < maxOutcomes {
		p.outcomes[o]++
	}
	if o.grade == gradeOK && !f.Times.Start.IsZero() && !f.Times.Done.IsZero() && len(p.times) < maxTimes {
		p.times = append(p.times, f.Elapsed(f.Times.Done))
	}
}

// tally sums the pile up.
func (p *pile) tally() *Tally {
	t := &Tally{Requests: p.requests}
	most := 0
	for o, n := range p.outcomes {
		if o.grade == gradeOK {
			t.Answered += n
		}
		if n > most || n == most && before(o, t.usual) {
			t.usual, most = o, n
		}
		if o.grade > t.worst.grade || o.grade == t.worst.grade && o.word < t.worst.word {
			t.worst = o
		}
	}
	t.Usual, t.Worst = t.usual.word, t.worst.word
	if len(p.times) > 0 {
		slices.Sort(p.times)
		t.median = p.times[len(p.times)/2]
		t.MedianMS = flow.MS(t.median)
	}
	return t
}

// before orders outcomes that are equally frequent: the worse one is the usual one.
func before(a, b outcome) bool {
	return a.grade > b.grade || a.grade == b.grade && a.word < b.word
}

// String is the tally in a few words: "200 in 3 of 4, worst tcp timeout".
func (t *Tally) String() string {
	if t == nil {
		return ""
	}
	said := t.Usual
	if said == "" {
		said = "not known"
	}
	if t.Worst != t.Usual {
		said += ", at worst " + t.Worst
	}
	return said + " (" + strconv.Itoa(t.Requests) + "×)"
}

// A time is another one if it differs by a factor of slower and by at least a
// noticeable amount: below that, connections and caches are what differs.
const (
	slower     = 2
	noticeable = 500 * time.Millisecond
)

// compareTallies says what of a call differs.
func compareTallies(a, b *Tally) []Change {
	out := []Change{}
	add := func(what, was, is string, t Trend) {
		if was != is {
			out = append(out, Change{What: what, A: was, B: is, Trend: t})
		}
	}
	if a.usual.grade != gradeNone && b.usual.grade != gradeNone {
		add("usual outcome", a.Usual, b.Usual, trend(a.usual.grade, b.usual.grade))
		if a.Worst != a.Usual || b.Worst != b.Usual {
			add("worst outcome", a.Worst, b.Worst, trend(a.worst.grade, b.worst.grade))
		}
	}
	if a.median > 0 && b.median > 0 {
		low, high := min(a.median, b.median), max(a.median, b.median)
		if was, is := ms(a.median), ms(b.median); was != is && high >= slower*low && high-low >= noticeable {
			out = append(out, Change{What: "median time", A: was, B: is, Trend: trend(a.median, b.median), median: true})
		}
	}
	return out
}

// trend is worse if b is more.
func trend[T grade | time.Duration](a, b T) Trend {
	switch {
	case b > a:
		return Worse
	case b < a:
		return Better
	}
	return ""
}

func ms(d time.Duration) string {
	if d < time.Second {
		return strconv.FormatInt(d.Milliseconds(), 10) + " ms"
	}
	return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
}
