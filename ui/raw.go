package ui

import (
	"encoding/json"

	"detour/internal/flow"
)

// rawPage is the flow's record, as --json writes it but for texts of a length
// that nobody reads.
func rawPage(x subject) page {
	var p page
	p.head("Record")
	f, cut := brief(x.f)
	if cut {
		p.add("", "bodies are cut here; their tabs show more, and y j copies them", toneDim)
	}
	r := f.Record()
	r.Request.URL, r.Page = capped(r.Request.URL), capped(r.Page)
	r.Request.Headers = cappedFields(r.Request.Headers)
	if a := r.Response; a != nil {
		a.Headers = cappedFields(a.Headers)
		if x.veil {
			a.Base64 = nil // somebody may decode it
		}
	}
	if x.veil {
		r.Request.Base64 = nil
	}
	b, err := json.Marshal(r)
	if err != nil {
		p.add("", err.Error(), toneBad)
		return p
	}
	p.sheet(b, indentJSON)
	return p
}

// brief is f with no more of its bodies than a pane shows of a text, and whether
// there was more.
func brief(f *flow.Flow) (*flow.Flow, bool) {
	g, cut := *f, false
	short := func(b []byte) []byte {
		if len(b) <= maxText {
			return b
		}
		cut = true
		s, _ := head(string(b[:maxText+1]), maxText)
		return []byte(s)
	}
	g.Request.Body = short(f.Request.Body)
	if f.Response != nil {
		r := *f.Response
		r.Body = short(r.Body)
		g.Response = &r
	}
	return &g, cut
}

func cappedFields(all [][2]string) [][2]string {
	for i, h := range all { // Record made them for itself
		all[i] = [2]string{capped(h[0]), capped(h[1])}
	}
	return all
}
