package compare

import (
	"strconv"
	"strings"

	"detour/internal/flow"
)

// A grade orders outcomes from good to bad.
type grade int

const (
	gradeNone    grade = iota // unknown: pending, or cancelled
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

// outcomeOf is how a request ended. problem says that the capture has a problem of it: then a
// client that left had given up, and a request in progress waits in vain.
func outcomeOf(f *flow.Flow, problem bool) outcome {
	pending := !f.Final() || f.Failure != nil && f.Failure.Kind == flow.KindPending
	switch {
	case f.Response != nil && pending:
		return answered(f)
	case pending && problem:
		return outcome{gradeTrouble, "no response yet"}
	case pending:
		return outcome{gradeNone, "not done"}
	case f.Failure != nil && f.Failure.Stage == flow.StageClient && problem:
		return outcome{gradeTrouble, stoppedBy(f)}
	case f.Failure != nil:
		return failed(f)
	case f.Response != nil:
		return answered(f)
	case f.Tunnel != nil && f.Final():
		return outcome{gradeOK, "tunnel"}
	}
	return outcome{gradeOK, "ok"}
}

// stoppedBy is why a client ended a request that a problem is about.
func stoppedBy(f *flow.Flow) string {
	switch kind := f.Failure.Kind; kind { //nolint:exhaustive // the rest is of one kind
	case "", flow.KindAborted, flow.KindPageLeft:
		if f.Request.Method == "CONNECT" && f.Conn == nil {
			return "client rejected detour's certificate"
		}
		return "client gave up"
	default:
		return strings.ReplaceAll(string(kind), "-", " ")
	}
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
		o.word = "ended by detour"
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
