package flow

import "time"

// A Level is how much a finding matters.
type Level string

// The levels.
const (
	LevelProblem Level = "problem" // something doesn't work
	LevelNotice  Level = "notice"  // worth knowing
)

// A Confidence says how well the facts support a finding.
type Confidence string

// The degrees of confidence.
const (
	ConfidenceHigh   Confidence = "high"
	ConfidenceMedium Confidence = "medium"
	ConfidenceLow    Confidence = "low"
)

// A Finding is a conclusion from flows: what they are consistent with, the evidence, other
// possible causes, and the next steps.
type Finding struct {
	Code         string // stable, lower-case words with hyphens
	Level        Level
	Title        string     // one sentence, no full stop
	Because      []string   // the evidence, each checkable in Flows
	Screens      []string   // what the user sees fail, by page: "EC2 › Monitoring tab: GetMetricData"
	CloudTrail   []string   // which events of the calls can exist, and where to look
	Alternatives []string   // other possible causes, and what distinguishes them
	Try          []NextStep // the most useful one first
	Asks         []Ask      // who has to act; the first one first
	Hosts        []string   // sorted
	Flows        []ID       // increasing
	Confidence   Confidence
	Provisional  bool // some attempts are still pending
	Resolved     bool // what failed has been answered since
	Connects     bool // it is about TCP connects, so that of one that another connection carried, too
	// ResolvedAt is when the last of what failed was answered first; zero if it isn't resolved, or
	// that isn't known.
	ResolvedAt time.Time
	Proof      *Proof // what the account's configuration says; nil if it isn't known
	// Names are what the texts call stand-ins of strict records, by stand-in: Hosts has these.
	Names map[string]string
}

// A NextStep is something to do about a finding: a sentence, a shell command, or both; the
// sentence then says what the command is for.
type NextStep struct {
	Text    string // without a colon or full stop at its end
	Command string // for a POSIX shell, on one line; "" if there is none
	AWSSide bool   // it looks at AWS's own records of the calls
}

// String returns the step on one line.
func (s NextStep) String() string {
	if s.Text == "" || s.Command == "" {
		return s.Text + s.Command
	}
	return s.Text + ": " + s.Command
}

// An Audience is who can do something about a finding.
type Audience string

// The audiences.
const (
	NetworkTeam  Audience = "network team"
	AccountOwner Audience = "AWS account owner"
	EndpointUser Audience = "endpoint user" // the user of the machine that detour ran on
)

// An Ask is what somebody has to do about a finding, in a sentence.
type Ask struct {
	Of   Audience `json:"of"`
	What string   `json:"what"`
}
