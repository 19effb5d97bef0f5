package flow

import "time"

// CutOff returns a flow whose end wasn't recorded as a copy that ends at an instant, with its
// connection settled: see [Conn.Settled]. It returns a final flow unchanged.
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
	out.Conn = f.Conn.Settled(at, DialCanceled, out.Failure.Message)
	if out.Unused = nil; len(f.Unused) > 0 {
		out.Unused = make([]*Conn, len(f.Unused))
	}
	for i, c := range f.Unused {
		out.Unused[i] = c.Settled(at, DialCanceled, out.Failure.Message)
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
