package otlp

import (
	"time"

	"detour/internal/flow"
)

// A severity is a SeverityNumber of OTLP, with the text that goes with it.
type severity struct {
	number uint64
	text   string
}

var (
	info    = severity{9, "INFO"}
	warning = severity{13, "WARN"}
	problem = severity{17, "ERROR"}
)

// log returns a log record. at is when the event happened, and observed when detour knew.
func log(event string, s severity, at, observed time.Time, body string, attributes message) (m message) {
	const (
		logTime         = 1
		logSeverity     = 2
		logSeverityText = 3
		logBody         = 5
		logObserved     = 11
		logEvent        = 12
	)
	m.fixed64(logTime, nanoseconds(at))
	m.fixed64(logObserved, nanoseconds(observed))
	m.varint(logSeverity, s.number)
	m.string(logSeverityText, s.text)
	if body != "" {
		m.bytes(logBody, textValue(body))
	}
	m = append(m, attributes.as(logAttributes)...)
	m.string(logEvent, event)
	return m
}

// Flow returns the log record of a flow that is final. It has been redacted. step is what the user was doing,
// redacted; "" if that isn't known.
func (e *Encoder) Flow(f *flow.Flow, step string) []byte {
	var a message
	a.request(f)
	a.connection(f.Conn)
	a.text(attrStep, step)
	if f.Timed() {
		a.number(attrDuration, f.Elapsed(f.Times.Done).Seconds())
	}
	s := info
	if errorType(f) != "" {
		s = warning
	}
	m := log(EventFlow, s, f.Times.Start, f.Times.Done, flowBody(f), a)
	trace, span := e.trace(f)
	const (
		logTrace = 9
		logSpan  = 10
	)
	m.bytes(logTrace, trace)
	m.bytes(logSpan, span)
	return m
}

// A FindingState says whether what a finding is about still fails.
type FindingState string

// The states. The set is closed.
const (
	FindingOpen      FindingState = "open"
	FindingResolved  FindingState = "resolved"  // what failed has been answered since
	FindingWithdrawn FindingState = "withdrawn" // the flows don't show it any more
)

// A Finding is one host's part in a finding: when it arises, and when it ends.
type Finding struct {
	Code         string
	Level        flow.Level
	Confidence   flow.Confidence
	Meaning      string // of the code, in one sentence
	State        FindingState
	At, Observed time.Time  // when it began or ended, and when detour knew
	Host         string     // redacted; "" if it is about none
	Flows        int        // how many of the host's flows are part of it
	Example      *flow.Flow // the newest of these, redacted; nil if it isn't there any more
}

// Finding returns the log record of a finding.
func (e *Encoder) Finding(x Finding) []byte {
	var a message
	a.closed(attrFinding, x.Code)
	a.text(attrFindingState, string(x.State))
	a.closed(attrConfidence, string(x.Confidence))
	if isHost(x.Host) {
		a.text(attrServer, x.Host)
	}
	if x.Flows > 0 {
		a.integer(attrFlows, int64(x.Flows))
	}
	if f := x.Example; f != nil {
		a.text(attrErrorType, errorType(f))
		a.call(f.AWS)
		a.closed(attrOrigin, string(f.Origin))
		a.connection(f.Conn)
	}
	s := problem
	if x.Level != flow.LevelProblem || x.State != FindingOpen {
		s = info
	}
	return log(EventFinding, s, x.At, x.Observed, x.Meaning, a)
}
