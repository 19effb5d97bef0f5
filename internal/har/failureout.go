package har

import (
	"slices"
	"strings"

	"detour/internal/flow"
)

// netError returns Chromium's name for a flow's failure (net/base/net_error_list.h),
// which readers of HARs know; "" if there is none. A failure that was read from a
// browser's HAR keeps its name.
func netError(f *flow.Flow) string {
	if f.Failure == nil {
		return ""
	}
	if strings.HasPrefix(f.Failure.Message, "net::ERR_") {
		return f.Failure.Message
	}
	return "net::" + errorName(f)
}

func errorName(f *flow.Flow) string {
	c := f.Conn
	if c == nil {
		c = &flow.Conn{}
	}
	switch f.Failure.Stage {
	case flow.StageDNS:
		return dnsError(c.Resolution)
	case flow.StageDial:
		return dialError(c.Attempts)
	case flow.StageTLS:
		return tlsError(c.TLS)
	case flow.StageUpstreamProxy:
		if c.Via != nil && c.Via.Status != 0 {
			return "ERR_TUNNEL_CONNECTION_FAILED"
		}
		return "ERR_PROXY_CONNECTION_FAILED"
	case flow.StageSend:
		return "ERR_CONNECTION_CLOSED"
	case flow.StageWait:
		if f.Failure.Reset {
			return "ERR_CONNECTION_RESET"
		}
		if f.Failure.Kind == flow.KindResponseTimeout {
			return "ERR_TIMED_OUT"
		}
		return "ERR_EMPTY_RESPONSE"
	case flow.StageReceive:
		if f.Failure.Reset {
			return "ERR_CONNECTION_RESET"
		}
		return "ERR_CONNECTION_CLOSED"
	case flow.StageClient:
		return "ERR_ABORTED"
	case flow.StageProxy:
	}
	return "ERR_FAILED"
}

func dnsError(r *flow.Resolution) string {
	if r == nil {
		return "ERR_NAME_NOT_RESOLVED"
	}
	switch r.Outcome {
	case flow.DNSTimeout:
		return "ERR_DNS_TIMED_OUT"
	case flow.DNSServFail, flow.DNSRefused:
		return "ERR_DNS_SERVER_FAILED"
	case flow.DNSPending, flow.DNSOK, flow.DNSNXDomain, flow.DNSNoData, flow.DNSError:
	}
	return "ERR_NAME_NOT_RESOLVED"
}

// dialError returns the error of the last attempt that wasn't canceled, as in Chromium.
func dialError(attempts []flow.DialAttempt) string {
	for _, a := range slices.Backward(attempts) {
		switch a.Outcome {
		case flow.DialTimeout, flow.DialPending:
			return "ERR_CONNECTION_TIMED_OUT"
		case flow.DialRefused:
			return "ERR_CONNECTION_REFUSED"
		case flow.DialUnreachable:
			return "ERR_ADDRESS_UNREACHABLE"
		case flow.DialReset:
			return "ERR_CONNECTION_RESET"
		case flow.DialError:
			return "ERR_CONNECTION_FAILED"
		case flow.DialConnected, flow.DialLost, flow.DialCanceled:
		}
	}
	return "ERR_CONNECTION_FAILED"
}

func tlsError(t *flow.TLSInfo) string {
	if t == nil {
		return "ERR_SSL_PROTOCOL_ERROR"
	}
	switch t.Outcome {
	case flow.TLSUntrusted:
		return "ERR_CERT_AUTHORITY_INVALID"
	case flow.TLSExpired:
		return "ERR_CERT_DATE_INVALID"
	case flow.TLSNameMismatch:
		return "ERR_CERT_COMMON_NAME_INVALID"
	case flow.TLSTimeout:
		return "ERR_TIMED_OUT"
	case flow.TLSReset:
		return "ERR_CONNECTION_RESET"
	case flow.TLSPending, flow.TLSOK, flow.TLSAlert, flow.TLSError:
	}
	return "ERR_SSL_PROTOCOL_ERROR"
}
