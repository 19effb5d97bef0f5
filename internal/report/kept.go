package report

import (
	"fmt"
	"strconv"

	"detour/internal/wording"
)

// kept is what was taken out of the capture, and what it has no room for.
func (s survey) kept() part {
	p := part{ID: "redacted", Title: "What isn't in it"}
	b := block{}
	switch {
	case s.RawSecrets:
		b.Note = "Nothing was redacted, as the user asked for: the capture has raw secrets in it."
	case s.Redacted == nil:
		b.Note = "How much was redacted isn't known."
	case len(s.Redacted) == 0:
		b.Note = "Nothing had to be redacted."
	default:
		b.Note = "Secrets were replaced by pseudonyms before anything was kept: the same value has the same one within this capture."
		b.Table = &table{Columns: []string{"redacted", "times"}, More: more(len(s.Redacted), maxCalls, "kind")}
		kinds := sorted(s.Redacted)
		for _, k := range kinds[:min(len(kinds), maxCalls)] {
			b.Table.Rows = append(b.Table.Rows, []string{k, strconv.Itoa(s.Redacted[k])})
		}
	}
	p.Blocks = []block{b}
	if n := s.Omitted.Flows; n > 0 {
		p.Blocks = append(p.Blocks, block{Note: "Left out for want of room: " + wording.Count(n, "request") + "."})
	}
	if n := s.Omitted.Bodies; n > 0 {
		p.Blocks = append(p.Blocks, block{Note: fmt.Sprintf("Left out for want of room: %d of the bodies.", n)})
	}
	return p
}
