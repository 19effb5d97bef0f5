package report

import (
	"fmt"

	"detour/internal/flow"
	"detour/internal/wording"
)

// redacted is what was removed from the capture, and what was omitted for lack of space.
func (s survey) redacted() Chapter {
	p := Chapter{ID: "redacted", Title: "Redacted and omitted"}
	b := Block{}
	switch {
	case s.RawSecrets:
		b.Note = "Nothing was redacted, at the user's request: the capture contains raw secrets."
	case s.Redacted == nil:
		b.Note = "How much was redacted is unknown."
	case len(s.Redacted) == 0:
		b.Note = "Nothing had to be redacted."
	default:
		b.Note = "Secrets were replaced with pseudonyms before anything was saved. " +
			"The same value has the same pseudonym throughout this capture."
		kinds := sorted(s.Redacted)
		for i, k := range kinds {
			kinds[i] = fmt.Sprintf("%s (%d×)", k, s.Redacted[k])
		}
		b.Lines = []string{wording.Some(kinds, maxKinds)}
	}
	p.Blocks = []Block{b}
	if n := s.Omitted.Flows; n > 0 {
		p.Blocks = append(p.Blocks, Block{Note: "Omitted for lack of space: " + wording.Count(n, "request") + "."})
	}
	if n := s.Omitted.Bodies; n > 0 {
		p.Blocks = append(p.Blocks, Block{Note: "Omitted for lack of space: " + wording.Count(n, "body") + "."})
	}
	if n := s.Omitted.Unread; n > 0 || s.Unread.AtLeast {
		text := flow.Unread{Flows: n, AtLeast: s.Unread.AtLeast}.String()
		p.Blocks = append(p.Blocks, Block{Note: "Missing from this report: " + text + " of a damaged or incomplete file."})
	}
	return p
}
