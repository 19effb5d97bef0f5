package detail

import (
	"fmt"
	"time"

	"detour/internal/diagnose"
	"detour/internal/finding"
	"detour/internal/flow"
	"detour/internal/wording"
	"detour/ui/table"
)

// originSentence explains an origin.
func originSentence(o flow.Origin) string {
	switch o {
	case flow.OriginConsole:
		return "console-origin: the browser sends it to the console, whose servers make the call"
	case flow.OriginDirect:
		return "direct-endpoint: the page calls the service endpoint directly from this machine"
	case flow.OriginSignIn:
		return "sign-in: sign-in and federation"
	case flow.OriginStatic:
		return "static: scripts, styles and images of the console"
	case flow.OriginTelemetry:
		return "telemetry: the page's own metrics; never an API call"
	case flow.OriginOther:
		return "other: not AWS, or a customer's own resource on an AWS domain"
	}
	return "not classified yet"
}

// evidenceSentence explains a kind of evidence.
func evidenceSentence(e flow.Evidence) string {
	switch e {
	case flow.EvidenceSigV4Header:
		return "the request is signed with SigV4 in its Authorization header"
	case flow.EvidenceSigV4Query:
		return "the request is signed with SigV4 in its query"
	case flow.EvidencePreflight:
		return "a CORS preflight of a signed request"
	case flow.EvidenceOrigin:
		return "its Origin header names a console host"
	case flow.EvidenceReferer:
		return "its Referer header names a console page"
	case flow.EvidenceHost:
		return "the host matches a known pattern"
	case flow.EvidencePath:
		return "the path matches a known pattern"
	case flow.EvidenceBrowser:
		return "browsers contact this host on their own; pages don't"
	case flow.EvidenceConnect:
		return "only the host and port of the tunnel are known"
	}
	return string(e)
}

// stageSentence says where a flow failed.
func stageSentence(s flow.Stage) string {
	switch s {
	case flow.StageDNS:
		return "the name has no address"
	case flow.StageDial:
		return "no TCP connection"
	case flow.StageTLS:
		return "no TLS handshake with the server"
	case flow.StageUpstreamProxy:
		return "the upstream proxy didn't connect"
	case flow.StageSend:
		return "the request couldn't be sent"
	case flow.StageWait:
		return "the connection ended before the response began"
	case flow.StageReceive:
		return "the connection ended in the middle of the response"
	case flow.StageClient:
		return "the client disconnected, or rejected detour's certificate"
	case flow.StageProxy:
		return "ended by detour"
	}
	return string(s)
}

// failureSentence says where a flow failed, and what in the browser stopped it, if it was
// the browser. Only a proxy has a certificate that a client can reject.
func failureSentence(f *flow.Flow) string {
	switch who := diagnose.Blocker(f); {
	case who != "":
		return "blocked in the browser by " + who
	case f.Failure.Kind == flow.KindPending && f.Source != flow.SourceHAR:
		return "the run ended first: how the request would have ended isn't known"
	case f.Failure.Stage == flow.StageClient && f.Source == flow.SourceHAR:
		return "the browser canceled it: the page was left, or canceled it"
	}
	return stageSentence(f.Failure.Stage)
}

// stateSentence says how far a flow is.
func stateSentence(f *flow.Flow, now time.Time) string {
	took := table.Elapsed(f, now)
	switch f.State {
	case flow.StateDone:
		if took < 0 {
			return "done"
		}
		return "done after " + wording.Duration(took)
	case flow.StateBlocked:
		return "waiting for a connection, " + wording.Running(took) + " so far"
	case flow.StateResolving, flow.StateConnecting, flow.StateHandshaking, flow.StateReceiving:
		return string(f.State) + ", " + wording.Running(took) + " so far"
	case flow.StateWaiting:
		return "waiting for the response, " + wording.Running(took) + " so far"
	}
	return fmt.Sprintf("%s, %s so far", f.State, wording.Running(took))
}

// LevelWord is the level of a finding in words, with "so far" while it may change, and
// "resolved" when it no longer applies.
func LevelWord(f flow.Finding) string {
	word := "NOTICE"
	if f.Level == flow.LevelProblem {
		word = "PROBLEM"
	}
	switch {
	case f.Resolved:
		word += finding.Resolved(f)
	case f.Provisional:
		word += " so far"
	}
	return word
}
