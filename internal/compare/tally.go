package compare

import (
	"slices"
	"strconv"
	"time"

	"detour/internal/flow"
	"detour/internal/wording"
)

// A Tally sums up the requests of one operation at a host.
type Tally struct {
	Requests int     `json:"requests"`
	Answered int     `json:"answered"`            // with anything below 400
	Usual    string  `json:"usual"`               // the most frequent outcome; "" if none is known
	Worst    string  `json:"worst"`               // the worst one
	MedianMS float64 `json:"median_ms,omitempty"` // of those that were answered; absent if none was

	usual, worst outcome
	median       time.Duration
}

// samples are the requests of one operation.
type samples struct {
	origin   flow.Origin
	requests int
	outcomes map[outcome]int
	times    []time.Duration
}

// maxTimes is how many times a median is made of: the first ones stand for all.
const maxTimes = 10_000

// maxOutcomes is how many outcomes of a call are distinguished: error codes come from
// the network.
const maxOutcomes = 100

func (s *samples) add(f *flow.Flow, problem bool) {
	s.requests++
	o := outcomeOf(f, problem)
	if o.grade == gradeNone {
		return
	}
	if _, known := s.outcomes[o]; known || len(s.outcomes) < maxOutcomes {
		s.outcomes[o]++
	}
	if o.grade == gradeOK && !f.Times.Start.IsZero() && !f.Times.Done.IsZero() && len(s.times) < maxTimes {
		s.times = append(s.times, f.Elapsed(f.Times.Done))
	}
}

// tally sums up the samples.
func (s *samples) tally() *Tally {
	t := &Tally{Requests: s.requests}
	most := 0
	for o, n := range s.outcomes {
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
	if len(s.times) > 0 {
		slices.Sort(s.times)
		t.median = s.times[len(s.times)/2]
		t.MedianMS = flow.MS(t.median)
	}
	return t
}

// before orders outcomes that are equally frequent: the worse one counts as usual.
func before(a, b outcome) bool {
	return a.grade > b.grade || a.grade == b.grade && a.word < b.word
}

// String is the tally in a few words: "200, at worst tcp timeout (4×)".
func (t *Tally) String() string {
	if t == nil {
		return ""
	}
	usual := t.Usual
	if usual == "" {
		usual = "unknown"
	}
	if t.Worst != t.Usual {
		usual += ", at worst " + t.Worst
	}
	return usual + " (" + strconv.Itoa(t.Requests) + "×)"
}

// Two times differ if they do so by a factor and by an amount: smaller differences come
// from connections and caches.
const (
	slower     = 2
	noticeable = 500 * time.Millisecond
)

// compareTallies is how a call differs.
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
		if was, is := wording.Duration(a.median), wording.Duration(b.median); was != is && high >= slower*low && high-low >= noticeable {
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
