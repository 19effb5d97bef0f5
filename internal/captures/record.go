package captures

import "time"

// A Record is what detour captures --json has for each capture.
type Record struct {
	File       string   `json:"file"`
	Size       int64    `json:"size"` // in bytes, with SQLite's files
	Began      string   `json:"began,omitempty"`
	Written    string   `json:"written"`
	Duration   int64    `json:"duration_ms,omitempty"`
	State      State    `json:"state"`
	Flows      int      `json:"flows"`
	Pending    int      `json:"pending,omitempty"`
	Problems   []string `json:"problems,omitempty"`
	Notices    int      `json:"notices,omitempty"`
	RawSecrets bool     `json:"raw_secrets,omitempty"`
	Strict     bool     `json:"strict_privacy,omitempty"`
	Simulated  bool     `json:"simulated,omitempty"`
	Reason     string   `json:"reason,omitempty"` // why it can't be read
	Removed    bool     `json:"removed,omitempty"`
	Failure    string   `json:"failure,omitempty"` // why it couldn't be removed
}

// Record returns the capture's record.
func (c *Capture) Record() Record {
	return Record{
		File: c.Path, Size: c.Size, Began: stamp(c.Began), Written: stamp(c.Written), Duration: c.Lasted().Milliseconds(), State: c.State,
		Flows: c.Flows, Pending: c.Pending, Problems: c.Problems, Notices: c.Notices,
		RawSecrets: c.RawSecrets, Strict: c.Strict, Simulated: c.Simulated, Reason: c.Why,
	}
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}
