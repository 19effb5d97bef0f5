package har

import (
	"strings"
	"time"

	"detour/internal/flow"
)

// Firefox writes no error and no address with a failed request. What an entry says
// nevertheless was read off the files that version 153 saved of known faults.

// firefoxGiveUp is how long Firefox waits for a connect before it tries again: the default of
// network.http.connection-timeout.
const firefoxGiveUp = 90 * time.Second

// firefox interprets an entry of Firefox's: its phases, and why there is no response.
func (e *entry) firefox() {
	t := &e.Timings
	asWritten := *t
	for _, p := range []*number{&t.DNS, &t.Connect, &t.SSL} {
		if p.v <= 0 { // rounded from -1 µs: it doesn't apply
			*p = number{}
		}
	}
	if t.SSL.is { // HAR 1.2 has it within connect
		t.Connect = number{t.Connect.v + t.SSL.v, true}
	}
	if e.status == 0 && e.words == "" {
		e.reason, e.words = e.firefoxReason(&asWritten)
		e.notSent = e.reason.kind == flow.KindNeverSent
	}
}

// firefoxReason returns why there was no response, and a message. t are the phases as they
// are written.
func (e *entry) firefoxReason(t *timings) (reason, string) {
	content := e.Response.Content
	state := string(e.Security)
	switch {
	case state == "" && e.Response.BodySize.v == -1 && !content.Size.is:
		return reasonOf(flow.KindPending), "no response yet when the HAR was saved"
	case state == "" && e.Response.BodySize.v == -1 && content.MIMEType == "":
		return reasonOf(flow.KindPageLeft), "no response when the page was left or reloaded, or cancelled the request"
	case *t == (timings{}) && e.Request.HeadersSize.is && e.Request.HeadersSize.v == 0 && e.Request.PostData == nil:
		return reasonOf(flow.KindNeverSent), "never sent (its preflight failed, or the browser refused to send it)"
	case state == "broken":
		return reasonOf(flow.KindTLSRefused), "TLS refused by the browser (the HAR doesn't say why)"
	case strings.HasPrefix(state, "secure"), state == "weak":
		return reasonOf(flow.KindNoResponse), "no response after the TLS handshake (the HAR doesn't say why)"
	case state != "insecure":
		return unknown(), silent
	case t.SSL.v > 0:
		return reasonOf(flow.KindTLSCut), "the connection ended during the TLS handshake (the HAR doesn't say why)"
	case t.Connect.v > 0 && e.plain():
		return reasonOf(flow.KindNoResponse), silent
	case t.Connect.v > 0:
		return reasonOf(flow.KindTLSSilent), "connected, but no TLS handshake (the HAR doesn't say why)"
	case t.Blocked.duration() >= firefoxGiveUp:
		return reasonOf(flow.KindTimeout), "gave up without a connection (Firefox's limit is 90 s)"
	case t.Blocked.is && t.Blocked.v != 0 || t.DNS.v > 0: // the name was resolved
		return reasonOf(flow.KindConnectFailed), "no connection in the HAR (it doesn't say why)"
	}
	return reasonOf(flow.KindNoConnection), "no connection in the HAR (it doesn't say why)"
}

// plain reports whether the request wasn't for TLS.
func (e *entry) plain() bool {
	scheme, _, _ := strings.Cut(string(e.Request.URL), ":")
	return strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "ws")
}
