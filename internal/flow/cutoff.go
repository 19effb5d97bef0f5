package flow

import "time"

// CutOff returns a flow whose end wasn't recorded as a copy that ends at an instant, with its
// pending dials canceled. It returns a final flow unchanged.
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
	out.Failure = &Failure{Stage: stageOf(f.State), Message: "still in progress when the recording ended", Kind: KindPending}
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

// stageOf returns the stage of a flow in this state.
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
