package har

import (
	"encoding/json"
	"errors"
	"fmt"

	"detour/internal/flow"
)

// A run is what the log's _detour says about the capture.
type run struct {
	Source      string               `json:"source,omitempty"` // the program that wrote the file, if it wasn't recorded by detour
	Environment *flow.Environment    `json:"environment,omitempty"`
	Findings    []flow.RecordFinding `json:"findings"`
	Steps       []flow.Step          `json:"steps"`
	Redacted    map[string]int       `json:"redacted"` // counts of redacted values, by kind
	RawSecrets  bool                 `json:"raw_secrets"`
	Strict      bool                 `json:"strict_privacy,omitempty"`
	Omitted     omitted              `json:"omitted"`
}

type omitted struct {
	Flows  int `json:"flows"`
	Bodies int `json:"bodies"`
	Unread int `json:"unread,omitempty"`
}

func runOf(c *flow.Capture) run {
	r := run{
		Source: c.Creator, Environment: c.Environment, Findings: make([]flow.RecordFinding, 0, len(c.Findings)),
		Steps: c.Steps, Redacted: c.Redacted, RawSecrets: c.RawSecrets, Strict: c.Strict, Omitted: omitted(c.Omitted),
	}
	for _, f := range c.Findings {
		r.Findings = append(r.Findings, f.Record())
	}
	if r.Steps == nil {
		r.Steps = []flow.Step{}
	}
	if r.Redacted == nil {
		r.Redacted = map[string]int{}
	}
	return r
}

// capture is the inverse of runOf. It has no flows: Decode emits them.
func (r *run) capture() *flow.Capture {
	c := &flow.Capture{
		Creator: r.Source, Environment: r.Environment, Steps: r.Steps, Redacted: r.Redacted,
		RawSecrets: r.RawSecrets, Strict: r.Strict, Omitted: flow.Omitted(r.Omitted),
	}
	for _, f := range r.Findings {
		if flow.IsWord(f.Code) && flow.IsWord(string(f.Level)) && flow.IsWord(string(f.Confidence)) {
			c.Findings = append(c.Findings, f.Finding())
		}
	}
	return c
}

// A rest is the flow record without what the entry has elsewhere: these fields hide the
// record's of the same name.
type rest struct {
	flow.Record
	Started  *struct{} `json:"started,omitempty"`
	Request  *struct{} `json:"request,omitempty"`
	Response *restOf   `json:"response,omitempty"`
	// Timings are written of flows that were read from a HAR: their phases are the file's.
	Timings *flow.RecordTimings `json:"timings,omitempty"`
	Note    *struct{}           `json:"note,omitempty"`
}

// A restOf is what the entry doesn't have of a response.
type restOf struct {
	Traits []flow.Trait `json:"traits"`
}

// restOfResponse returns nil if there is nothing.
func restOfResponse(p *flow.Response) *restOf {
	if p == nil || len(p.Traits) == 0 {
		return nil
	}
	return &restOf{p.Traits}
}

// newRest returns the rest of f's record.
func newRest(f *flow.Flow) rest {
	r := rest{Record: f.Record(), Response: restOfResponse(f.Response)}
	if f.Phases != nil {
		r.Timings = &r.Record.Timings
	}
	return r
}

// maxID is the largest integer that every JSON parser represents exactly.
const maxID = 1 << 53

// withRecord returns the flow of an entry written by detour: what the entry says, which f
// has, and the rest of the record.
func withRecord(f *flow.Flow, raw json.RawMessage) (*flow.Flow, error) {
	var r rest
	if err := json.Unmarshal(raw, &r); err != nil {
		return nil, err
	}
	if r.V != 1 || r.ID > maxID {
		return nil, fmt.Errorf("record version %d, id %d", r.V, r.ID)
	}
	entry := f.Record()
	if entry.Response != nil && r.Response != nil {
		entry.Response.Traits = r.Response.Traits
	}
	r.Record.Started, r.Record.Request, r.Record.Response, r.Record.Note = entry.Started, entry.Request, entry.Response, entry.Note
	if r.Record.Timings = entry.Timings; r.Timings != nil {
		r.Record.Timings = *r.Timings
	}
	if !r.Valid() {
		return nil, errors.New("unknown values in a closed set")
	}
	return r.Flow(), nil
}
