package flow

// A Stage is the part of the road where a failure happened.
type Stage string

// The stages at which an exchange can fail outside HTTP.
const (
	StageDNS           Stage = "dns"            // no address
	StageDial          Stage = "dial"           // no TCP connection
	StageTLS           Stage = "tls"            // no handshake with the server
	StageUpstreamProxy Stage = "upstream-proxy" // the upstream proxy couldn't be reached, or wouldn't connect
	StageSend          Stage = "send"           // the request could not be written
	StageWait          Stage = "wait"           // the connection ended before the response's headers
	StageReceive       Stage = "receive"        // … in the middle of the response's body
	StageClient        Stage = "client"         // the client left, or refused our certificate
	StageProxy         Stage = "proxy"          // detour itself refused: a request to itself, a bad request
)

// A Failure is a fact: where the exchange stopped, and the system's words for it.
type Failure struct {
	Stage     Stage
	Message   string
	Plaintext bool // the server answered the TLS handshake in plain HTTP
	Reset     bool // the connection was reset after it was made
}

// A Level is how much a finding matters.
type Level string

// The levels.
const (
	LevelProblem Level = "problem" // something doesn't work
	LevelNotice  Level = "notice"  // worth knowing
)

// A Confidence is how far the facts carry a finding.
type Confidence string

// The degrees of confidence.
const (
	ConfidenceHigh   Confidence = "high"
	ConfidenceMedium Confidence = "medium"
	ConfidenceLow    Confidence = "low"
)

// A Finding is a judgement: what a pattern of flows is consistent with, what it
// rests on, what else it could be, and what to do next.
type Finding struct {
	Code         string // stable, lower-case words with hyphens
	Level        Level
	Title        string     // one sentence, no full stop
	Because      []string   // observed facts, each checkable in Flows
	Screens      []string   // what a person sees broken, by page: "EC2 › Monitoring tab: GetMetricData"
	CloudTrail   []string   // which events can exist of the calls, and where to look
	Alternatives []string   // other causes that look the same, and what tells them apart
	Try          []NextStep // the most telling one first
	Asks         []Ask      // who has to act; the first one first
	Hosts        []string   // sorted
	Flows        []ID       // rising
	Confidence   Confidence
	Provisional  bool // speaks while attempts are still pending
	Resolved     bool // the pattern has ended: each of Hosts has answered since, or nothing shows it any more
}

// A NextStep is something to do about a finding: a sentence, a shell command, or
// both: the sentence then says what the command is for.
type NextStep struct {
	Text    string // without a colon or full stop at its end
	Command string // for a POSIX shell, on one line, fit to paste; "" if there is none
}

// String is the step on one line.
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
	EndpointUser Audience = "endpoint user" // whoever uses the machine that detour ran on
)

// An Ask is what somebody has to do about a finding, in a sentence.
type Ask struct {
	Of   Audience `json:"of"`
	What string   `json:"what"`
}
