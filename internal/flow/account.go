package flow

import "time"

// An AccountReport says what was read of an AWS account's configuration, and what in the flows
// isn't consistent with it. The JSON is that of detour diagnose.
type AccountReport struct {
	Files          int        `json:"files"`
	Accounts       []string   `json:"accounts"` // IDs, sorted
	Regions        []string   `json:"regions"`
	Collected      *time.Time `json:"collected,omitempty"`      // when the newest file was made, if that is known
	Problems       []string   `json:"problems"`                 // what can't be read, or is partial
	Contradictions []string   `json:"contradictions,omitempty"` // what responded though the configuration denies it
	// Parts are the files that decide, redacted, for a bundle; nil unless they are asked for.
	Parts []AccountPart `json:"-"`
}

// An AccountPart is a file with what decided.
type AccountPart struct {
	Name string // in the folder
	Data []byte // JSON
}
