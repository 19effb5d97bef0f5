package ending

import (
	"slices"

	"detour/internal/flow"
)

// Pending reports whether a flow had no response yet when its file was saved, or its
// recording ended.
func Pending(f *flow.Flow) bool {
	return f.Failure != nil && f.Failure.Kind == flow.KindPending && f.Response == nil
}

// Known reports whether a flow is final and its end is known.
func Known(f *flow.Flow) bool { return f.Final() && !Pending(f) }

// Failed reports whether a request counts as failed for exit codes: for AWS, without an HTTP
// status, not telemetry, and not merely cancelled.
func Failed(f *flow.Flow) bool {
	if !Known(f) || f.Response != nil || f.Failure == nil || f.Failure.Stage == flow.StageProxy ||
		!Concerns(f) || f.Origin == flow.OriginTelemetry {
		return false
	}
	return !GaveUp(f) || f.Elapsed(f.Times.Done) >= Patience
}

// GaveUp reports whether the client ended a flow without a response: its page, its user, or
// a program.
func GaveUp(f *flow.Flow) bool {
	if !Known(f) || f.Response != nil || f.Failure == nil || RefusedUs(f) {
		return false
	}
	k := Kind(f)
	return k == flow.KindAborted || k == flow.KindPageLeft
}

// Kind is what ended a flow without a response: what the exporter says, or else what the
// connection shows. "" if there is a response, or if neither says.
func Kind(f *flow.Flow) flow.FailureKind {
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
	case All(f.Conn, flow.DialRefused):
		return flow.KindRefused
	case All(f.Conn, flow.DialUnreachable):
		return flow.KindUnreachable
	case Unanswered(f.Conn, f.Times.Done):
		return flow.KindTimeout
	case All(f.Conn, flow.DialCanceled):
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

// Is reports whether a flow failed in one of these ways.
func Is(f *flow.Flow, of ...flow.FailureKind) bool {
	return Failed(f) && slices.Contains(of, Kind(f))
}

// FromHAR reports whether a flow was read from a browser's HAR, which has no addresses of
// failed calls and no more of a failure than one word.
func FromHAR(f *flow.Flow) bool { return f.Source == flow.SourceHAR }
