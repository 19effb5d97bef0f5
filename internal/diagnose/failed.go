package diagnose

import (
	"slices"

	"detour/internal/flow"
)

// pending reports whether a flow had no response yet when its file was saved, or its
// recording ended.
func pending(f *flow.Flow) bool {
	return f.Failure != nil && f.Failure.Kind == flow.KindPending && f.Response == nil
}

// ended reports whether a flow is final and its end is known.
func ended(f *flow.Flow) bool { return f.Final() && !pending(f) }

// failed reports whether a request counts as failed for exit codes: for AWS, without an HTTP
// status, not telemetry, and not merely cancelled.
func failed(f *flow.Flow) bool {
	if !ended(f) || f.Response != nil || f.Failure == nil || f.Failure.Stage == flow.StageProxy ||
		!concerns(f) || f.Origin == flow.OriginTelemetry {
		return false
	}
	return !gaveUp(f) || f.Elapsed(f.Times.Done) >= Patience
}

// gaveUp reports whether the client ended a flow without a response: its page, its user, or
// a program.
func gaveUp(f *flow.Flow) bool {
	if !ended(f) || f.Response != nil || f.Failure == nil || refusedUs(f) {
		return false
	}
	k := kindOf(f)
	return k == flow.KindAborted || k == flow.KindPageLeft
}

// kindOf is what ended a flow without a response: what the exporter says, or else what the
// connection shows. "" if there is a response, or if neither says.
func kindOf(f *flow.Flow) flow.FailureKind {
	switch {
	case f.Failure == nil || f.Response != nil:
		return ""
	case f.Failure.Kind != "":
		return f.Failure.Kind
	}
	switch f.Failure.Stage {
	case flow.StageDNS:
		return dnsKind(f)
	case flow.StageDial:
		return dialKind(f)
	case flow.StageTLS:
		return tlsKind(f)
	case flow.StageUpstreamProxy:
		return flow.KindProxyFailed
	case flow.StageSend, flow.StageWait:
		if f.Source == flow.SourceHAR {
			return flow.KindUnknown
		}
		if f.Failure.Reset {
			return flow.KindReset
		}
		return flow.KindEmptyResponse
	case flow.StageReceive:
		return flow.KindIncompleteResponse
	case flow.StageClient:
		return flow.KindAborted
	case flow.StageProxy:
	}
	return ""
}

func dnsKind(f *flow.Flow) flow.FailureKind {
	if f.Conn == nil || f.Conn.Resolution == nil {
		return flow.KindNameserverFailed
	}
	switch f.Conn.Resolution.Outcome { //nolint:exhaustive // the rest is of one kind
	case flow.DNSNXDomain, flow.DNSNoData:
		return flow.KindNameNotResolved
	case flow.DNSTimeout:
		return flow.KindDNSTimeout
	}
	return flow.KindNameserverFailed
}

func dialKind(f *flow.Flow) flow.FailureKind {
	switch {
	case f.Conn == nil:
		return flow.KindConnectFailed
	case allAttempts(f.Conn, flow.DialRefused):
		return flow.KindRefused
	case allAttempts(f.Conn, flow.DialUnreachable):
		return flow.KindUnreachable
	case unanswered(f.Conn, f.Times.Done):
		return flow.KindTimeout
	case allAttempts(f.Conn, flow.DialCanceled):
		return flow.KindAborted
	}
	return flow.KindConnectFailed
}

func tlsKind(f *flow.Flow) flow.FailureKind {
	if f.Conn == nil || f.Conn.TLS == nil {
		return flow.KindHandshakeFailed
	}
	switch f.Conn.TLS.Outcome { //nolint:exhaustive // the rest is of one kind
	case flow.TLSUntrusted:
		return flow.KindCertUntrusted
	case flow.TLSExpired:
		return flow.KindCertExpired
	case flow.TLSNameMismatch:
		return flow.KindCertNameMismatch
	case flow.TLSReset:
		return flow.KindTLSCut
	case flow.TLSTimeout:
		return flow.KindTLSSilent
	}
	return flow.KindHandshakeFailed
}

// isKind reports whether a flow failed in one of these ways.
func isKind(f *flow.Flow, of ...flow.FailureKind) bool {
	return failed(f) && slices.Contains(of, kindOf(f))
}

// fromHAR reports whether a flow was read from a browser's HAR, which has no addresses of
// failed calls and no more of a failure than one word.
func fromHAR(f *flow.Flow) bool { return f.Source == flow.SourceHAR }
