package flow

import "time"

// CutOff ends a flow that whoever recorded it never saw the end of: a copy that is
// final at an instant, its pending dials given up then. A flow that is final is
// returned as it is.
func (f *Flow) CutOff(at time.Time) *Flow {
	if f.Final() {
		return f
	}
	out := *f
	out.State = StateDone
	if at.Before(out.Times.Start) {
		at = out.Times.Start
	}
	out.Times.Done = at
	out.Failure = &Failure{Stage: stageOf(f.State), Message: "the recording ended before it did"}
	if f.Conn != nil {
		c := *f.Conn
		c.Attempts = append([]DialAttempt(nil), c.Attempts...)
		for i := range c.Attempts {
			if a := &c.Attempts[i]; a.Outcome == DialPending {
				a.Outcome, a.Took, a.Err = DialCanceled, max(1, at.Sub(a.Start)), out.Failure.Message
			}
		}
		out.Conn = &c
	}
	return &out
}

// stageOf is where on its road a flow is.
func stageOf(s State) Stage {
	switch s {
	case StateResolving:
		return StageDNS
	case StateConnecting:
		return StageDial
	case StateHandshaking:
		return StageTLS
	case StateReceiving:
		return StageReceive
	case StateBlocked, StateWaiting, StateDone:
	}
	return StageWait
}
