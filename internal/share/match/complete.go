package match

import (
	"encoding/json"
	"slices"

	"detour/internal/filter"
)

// maxSeen is how many values of a key are offered, seenBytes how long each may be, and maxLooked
// in how many of the newest flows they are looked for.
const (
	maxSeen   = 200
	seenBytes = 80
	maxLooked = 10_000
)

// A completion is what Complete returns.
type completion struct {
	From       int         `json:"from"` // the byte from which on a candidate's text replaces the expression
	Candidates []candidate `json:"candidates,omitempty"`
}

type candidate struct {
	Text string `json:"text"`
	Doc  string `json:"doc,omitempty"`
}

// Complete returns as JSON how an expression can go on at a byte. Stand-ins are offered by their
// names.
func Complete(src Source, expression string, at int) []byte {
	got := filter.Complete(expression[:at], func(key string) []string { return seen(src, key) })
	out := completion{From: got.From}
	for _, c := range got.Candidates {
		out.Candidates = append(out.Candidates, candidate{c.Text, c.Doc})
	}
	b, err := json.Marshal(out)
	if err != nil {
		return []byte("{}") // it can't: there are only texts and a number
	}
	return b
}

// seen lists the values that a key has in the newest flows.
func seen(src Source, key string) []string {
	texts, names := filter.Texts(key), src.Names()
	if texts == nil {
		return nil
	}
	have := make(map[string]bool)
	flows := src.Flows()
	for _, f := range slices.Backward(flows[max(0, len(flows)-maxLooked):]) {
		texts(f, func(s string) {
			if name, ok := names.Known(s); ok {
				s = name
			}
			if len(s) <= seenBytes && len(have) < maxSeen {
				have[s] = true
			}
		})
	}
	out := make([]string, 0, len(have))
	for s := range have {
		out = append(out, s)
	}
	slices.Sort(out)
	return out
}
