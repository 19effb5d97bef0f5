package pane

import "slices"

// A Page is a list of lines under construction.
type Page []Line

// Head appends a heading.
func (p *Page) Head(text string) { *p = append(*p, Line{Text: text, Tone: Head}) }

// Add appends a labelled line, unless its text is empty.
func (p *Page) Add(label, text string, t Tone) {
	if text == "" {
		return
	}
	*p = append(*p, capped(Line{Label: label, Text: text, Tone: t}))
}

// AddLabel appends a label on a line of its own, whatever its length.
func (p *Page) AddLabel(label string) { *p = append(*p, Line{Label: label, Tone: Plain}) }

// AddHost is Add for a text that is a host and nothing else: it is masked as one.
func (p *Page) AddHost(label, text string) {
	if text != "" {
		*p = append(*p, capped(Line{Label: label, Text: text, Tone: Plain, host: true}))
	}
}

// AddPartial appends a warning that the page doesn't show a whole body.
func (p *Page) AddPartial(text string) {
	*p = append(*p, Line{Text: text, Tone: Warn, partial: true})
}

// Partial reports whether the page doesn't show a whole body.
func (p Page) Partial() bool {
	return slices.ContainsFunc(p, func(l Line) bool { return l.partial })
}

// AddBody appends a line of a body.
func (p *Page) AddBody(s string) { *p = append(*p, capped(Line{Text: s, Tone: Body})) }

// List appends texts under one label, each after a dash, or whatever is given as dash.
func (p *Page) List(label, dash string, texts []string) {
	for _, s := range texts {
		p.Add(label, dash+s, Plain)
		label = ""
	}
}
