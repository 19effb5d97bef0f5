package web

import (
	"encoding/json"
	"strings"
	"time"

	"detour/internal/flow"
	"detour/internal/report"
)

// A findingsPanel is what is found, as the page shows it.
type findingsPanel struct {
	HTML string        `json:"html"` // the summary, the proof, and each finding
	List []findingItem `json:"list"` // the most important one first
}

// A findingItem is what the table has to know of a finding.
type findingItem struct {
	Code     string    `json:"code"`
	Title    string    `json:"title"`
	Level    string    `json:"level"`
	Resolved bool      `json:"resolved,omitempty"`
	Flows    []flow.ID `json:"flows"`
}

// Findings returns what is found in a capture, as JSON: its flows, findings, steps and checks
// are looked at. The instant isn't: what is said of durations ends with the capture.
func (p *Page) Findings(c flow.Capture, _ time.Time) []byte {
	return p.panel(&c, report.FindingsOf(&c))
}

// panel returns what is found in a capture, of which d is the report, as JSON.
func (p *Page) panel(c *flow.Capture, d report.Document) []byte {
	var x findingsPanel
	var b strings.Builder
	if err := writePart(&b, partFindings, d); err != nil {
		return []byte("{}") // it can't: the builder takes everything, and the template is ours
	}
	x.HTML, x.List = p.name(b.String()), p.items(c.Findings)
	return encode(x)
}

func (p *Page) items(fs []flow.Finding) []findingItem {
	out := make([]findingItem, len(fs))
	for i, f := range fs {
		out[i] = findingItem{clean(f.Code, maxNote), flow.Printable(p.name(f.Title)), clean(string(f.Level), maxNote), f.Resolved, f.Flows}
	}
	return out
}

// encode returns a value of ours as JSON.
func encode(x any) []byte {
	b, err := json.Marshal(x)
	if err != nil {
		return []byte("{}") // it can't: there are no maps, cycles or infinite numbers
	}
	return b
}
