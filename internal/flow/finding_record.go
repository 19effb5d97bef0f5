package flow

import "time"

// RecordFinding is the stable JSON form of a Finding.
type RecordFinding struct {
	Code         string     `json:"code"`
	Level        Level      `json:"level"`
	Title        string     `json:"title"`
	Because      []string   `json:"because"`
	Alternatives []string   `json:"alternatives"`
	Try          []string   `json:"try"`
	Hosts        []string   `json:"hosts"`
	Flows        []ID       `json:"flows"`
	Confidence   Confidence `json:"confidence"`
	Screens      []string   `json:"screens,omitempty"`
	CloudTrail   []string   `json:"cloudtrail,omitempty"`
	Resolved     bool       `json:"resolved,omitempty"`
	Asks         []Ask      `json:"asks,omitempty"`
	ResolvedAt   *time.Time `json:"resolved_at,omitempty"` // UTC
	Provisional  bool       `json:"provisional,omitempty"` // no flow of it has ended yet
	Proof        *Proof     `json:"proof,omitempty"`
	// Names are what the texts call stand-ins, which Hosts and the records have.
	Names map[string]string `json:"names,omitempty"`
}

// Record converts the finding to its stable form. A next step is one line in it. The
// other slices are shared.
func (f Finding) Record() RecordFinding {
	try := make([]string, len(f.Try))
	for i, s := range f.Try {
		try[i] = s.String()
	}
	var at *time.Time
	if !f.ResolvedAt.IsZero() {
		utc := f.ResolvedAt.UTC()
		at = &utc
	}
	return RecordFinding{
		f.Code, f.Level, f.Title, list(f.Because), list(f.Alternatives), try, list(f.Hosts), list(f.Flows), f.Confidence,
		f.Screens, f.CloudTrail, f.Resolved, f.Asks, at, f.Provisional, f.Proof, f.Names,
	}
}

// Valid reports whether the values of closed sets in the record look like words, as
// [Record.Valid] does.
func (f *RecordFinding) Valid() bool {
	words := []string{f.Code, string(f.Level), string(f.Confidence)}
	if p := f.Proof; p != nil {
		words = append(words, string(p.Verdict))
		if p.Cause != nil {
			words = append(words, string(p.Cause.Check))
		}
		for _, c := range p.Also {
			words = append(words, string(c.Check))
		}
		for _, c := range p.Checks {
			words = append(words, string(c.Check), string(c.Verdict))
		}
	}
	for _, w := range words {
		if !IsWord(w) {
			return false
		}
	}
	return f.Code != ""
}
