package pane

import "detour/ui/text"

// LabelWidth is how many cells the label of a line has.
const LabelWidth = 13

// A Row is a row of a text pane: a line, or a part of one.
type Row struct {
	Line
	Source          int         // index of its line
	inLabel, inText []text.Span // what was found
}

// Layout breaks lines into rows of w cells. A text continues below itself, next to its
// label. A search term is found even if a break goes through it.
func Layout(lines []Line, w int, r Reading) []Row {
	var out []Row
	add := func(of int, label, want string, t Tone, w int) {
		inLabel, inText := text.Find(label, r.Find), text.Find(want, r.Find)
		rows := []text.Span{{To: len(want)}}
		if !r.Cut {
			rows = text.WrapSpans(want, w)
		}
		for _, s := range rows {
			out = append(out, Row{Line{Label: label, Text: want[s.From:s.To], Tone: t}, of, inLabel, text.Clip(inText, s.From, s.To)})
			label, inLabel = "", nil
		}
	}
	for i, l := range lines {
		label, want := r.Clean(l.Label), r.text(l)
		switch {
		case l.Tone == Head:
			if i > 0 {
				out = append(out, Row{})
			}
			out = append(out, Row{Line: Line{Text: want, Tone: Head}, Source: i, inText: text.Find(want, r.Find)})
		case l.Tone == Body:
			add(i, "", want, Body, w-2)
		case text.Width(label) > LabelWidth: // a long header name has its own line
			out = append(out, Row{Line: Line{Label: label, Tone: l.Tone}, Source: i, inLabel: text.Find(label, r.Find)})
			if want != "" {
				add(i, "", want, l.Tone, w-LabelWidth-2)
			}
		default:
			add(i, label, want, l.Tone, w-LabelWidth-2)
		}
	}
	return out
}
