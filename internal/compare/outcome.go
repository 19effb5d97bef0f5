package compare

import (
	"strconv"

	"detour/internal/flow"
)

// A grade orders outcomes from good to bad.
type grade int

const (
	gradeNone    grade = iota // unknown: pending, or the client left
	gradeOK                   // a response
	gradeDenied               // a client error, 4xx
	gradeFault                // a server error, 5xx
	gradeTrouble              // no response
)

// An outcome is how a request ended: "200", "403 AccessDenied", "tcp timeout", "dns
// nxdomain".
type outcome struct {
	grade grade
	word  string
}

func outcomeOf(f *flow.Flow) outcome {
	switch {
	case f.Failure != nil:
		return failed(f)
	case f.Response != nil:
		return answered(f)
	case f.Tunnel != nil && f.Final():
		return outcome{gradeOK, "tunnel"}
	case !f.Final():
		return outcome{gradeNone, "not done"}
	}
	return outcome{gradeOK, "ok"}
}

// answered is the status and AWS's error code; of a relayed call, the service's.
func answered(f *flow.Flow) outcome {
	status, word := f.Response.Status, ""
	if status == 304 { // the browser has it cached: as good as 200
		status = 200
	}
	if a := f.AWS; a != nil {
		if a.InnerStatus >= 400 {
			status = a.InnerStatus
		}
		if a.Error != nil {
			word = " " + a.Error.Code
		}
	}
	o := outcome{gradeOK, strconv.Itoa(status) + word}
	switch {
	case status >= 500:
		o.grade = gradeFault
	case status >= 400, word != "":
		o.grade = gradeDenied
	}
	return o
}

// failed is the stage that failed, and its outcome.
func failed(f *flow.Flow) outcome {
	c := f.Conn
	o := outcome{gradeTrouble, "no response"}
	switch f.Failure.Stage {
	case flow.StageClient:
		return outcome{gradeNone, "client left"}
	case flow.StageDNS:
		o.word = "dns failed"
		if c != nil && c.Resolution != nil {
			o.word = "dns " + string(c.Resolution.Outcome)
		}
	case flow.StageDial:
		o.word = "tcp failed"
		if c != nil && len(c.Attempts) > 0 {
			o.word = "tcp " + string(worstDial(c.Attempts))
		}
	case flow.StageTLS:
		o.word = "tls failed"
		if c != nil && c.TLS != nil {
			o.word = "tls " + string(c.TLS.Outcome)
		}
	case flow.StageUpstreamProxy:
		o.word = "upstream proxy failed"
		if c != nil && c.Via != nil && c.Via.Status > 0 {
			o.word = "upstream proxy " + strconv.Itoa(c.Via.Status)
		}
	case flow.StageReceive:
		o.word = "cut off"
	case flow.StageProxy:
		o.word = "rejected by detour"
	case flow.StageSend, flow.StageWait:
	}
	return o
}

// worstDial is the most telling outcome: a timeout or refusal of one address counts,
// even if the connect to another was canceled early.
func worstDial(attempts []flow.DialAttempt) flow.DialOutcome {
	for _, o := range []flow.DialOutcome{flow.DialTimeout, flow.DialRefused, flow.DialReset, flow.DialUnreachable, flow.DialError} {
		for _, a := range attempts {
			if a.Outcome == o {
				return o
			}
		}
	}
	return attempts[0].Outcome
}
