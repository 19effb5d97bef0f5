package otlp

import (
	"cmp"
	"strconv"
	"strings"

	"detour/internal/diagnose/ending"
	"detour/internal/flow"
	"detour/internal/proxystatus"
)

// errorOther is the error.type of a failure that no word says.
const errorOther = "_OTHER"

// errorType is the error.type of a flow: the status of an HTTP error, or how a flow without a response ended,
// in the words of RFC 9209, 2.3. An ending that isn't one of the network has detour's own word: "cors",
// "aborted". "" if it is no error, or there is none yet.
func errorType(f *flow.Flow) string {
	switch {
	case f.Response != nil && f.Response.Status >= 400:
		return strconv.Itoa(f.Response.Status)
	case f.Failure == nil || !f.Final():
		return ""
	case f.Response != nil && f.Failure.Stage != flow.StageReceive:
		return ""
	case f.Response != nil:
		return "http_response_incomplete"
	}
	if f.Conn != nil && ending.ClientLeft(f) { // before that, something was silent
		if word := silence(f); word != "" {
			return word
		}
	}
	return cmp.Or(proxystatus.Of(f), errorWord(ending.Kind(f)))
}

// silence is what was silent for as long as [ending.Patience] when the client left; "" if nothing was.
func silence(f *flow.Flow) string {
	last := ending.LastInstant(f, f.Times.Done)
	switch {
	case ending.DNS(f, last) == flow.DNSTimeout:
		return "dns_timeout"
	case !f.Reused && ending.Unanswered(f.Conn, last):
		return "connection_timeout"
	}
	if outcome, _ := ending.TLS(f, last); outcome == flow.TLSTimeout {
		return "connection_read_timeout"
	}
	return ""
}

// errorWord is the word for a kind of failure.
func errorWord(kind flow.FailureKind) string {
	if word := proxystatus.Kind(kind); word != "" {
		return word
	}
	switch kind { //nolint:exhaustive // the rest has its own words
	case "", flow.KindUnknown, flow.KindNoConnection, flow.KindNoResponse:
		return errorOther
	}
	return strings.ReplaceAll(string(kind), "-", "_")
}

// connectError is the error.type of a connect that has ended; "" if it connected, or lost to another one
// before it was silent for long.
func connectError(a flow.DialAttempt) string {
	if a.Unanswered(a.Start, ending.Patience) {
		return proxystatus.Connect(flow.DialTimeout)
	}
	if a.Outcome == flow.DialCanceled {
		return "aborted"
	}
	return proxystatus.Connect(a.Outcome)
}
