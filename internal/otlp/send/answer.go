package send

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"detour/internal/flow"
	"detour/internal/otlp"
)

// An answer is what came of a request.
type answer struct {
	again    bool          // it is to be sent again
	after    time.Duration // as the collector asked; 0: it didn't
	refused  bool          // for good
	rejected int64         // of the records; the others were accepted
	why      string        // unless all were accepted
}

// accepted reads the response of a collector that has accepted a request, or a part of it.
func accepted(response []byte) answer {
	read := otlp.Rejected
	if bytes.HasPrefix(response, []byte("{")) { // against the protocol
		read = rejectedJSON
	}
	n, why, err := read(response)
	if err != nil {
		return answer{refused: true, why: "what responds there doesn't speak OTLP"}
	}
	return answer{rejected: n, why: why}
}

// rejectedJSON is [otlp.Rejected] for a response in JSON.
func rejectedJSON(response []byte) (n int64, why string, err error) {
	var r struct {
		PartialSuccess struct {
			RejectedLogRecords, RejectedSpans json.Number // the one of the signal
			ErrorMessage                      string
		}
	}
	err = json.Unmarshal(response, &r)
	p := r.PartialSuccess
	n, _ = cmp.Or(p.RejectedLogRecords, p.RejectedSpans).Int64() // none: 0
	return max(0, n), p.ErrorMessage, err
}

// retryAfter is how long the field Retry-After asks to wait (RFC 9110, 10.2.3), in seconds or until a date; 0
// if it doesn't.
func retryAfter(field string, now time.Time) time.Duration {
	if n, err := strconv.ParseUint(field, 10, 31); err == nil {
		return time.Duration(n) * time.Second //nolint:gosec // it has 31 bits
	}
	if at, err := http.ParseTime(field); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}

const lateResponse = "no response in time"

// reason is why a request had no response, without its URL.
func reason(err error) string {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) {
		return lateResponse
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		err = op.Err
		var call *os.SyscallError
		if errors.As(err, &call) {
			err = call.Err
		}
	}
	return short(err.Error(), maxReason)
}

// Limits of what is shown of a stranger's words, in bytes.
const (
	maxShown  = 200 // of a collector's own
	maxReason = 500 // of an error, which may quote a response that isn't HTTP, or all names of a certificate
)

// short is the beginning of a text, for a line on the screen.
func short(text string, most int) string {
	return flow.Printable(strings.ToValidUTF8(text[:min(len(text), most)], ""))
}

// shown is a collector's text for a line on the screen; "" if it repeats a header.
func (p *pipe) shown(text string) string {
	for _, h := range p.to.Headers {
		for word := range strings.FieldsSeq(h.Value) {
			if strings.Contains(text, word) {
				return ""
			}
		}
	}
	return short(text, maxShown)
}
