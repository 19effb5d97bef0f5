package flow

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
}

// Record converts the finding to its stable form. The slices are shared.
func (f Finding) Record() RecordFinding {
	return RecordFinding{
		f.Code, f.Level, f.Title, list(f.Because), list(f.Alternatives), list(f.Try), list(f.Hosts), list(f.Flows), f.Confidence,
		f.Screens, f.CloudTrail, f.Resolved,
	}
}
