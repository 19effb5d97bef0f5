package h2client

import (
	"errors"
	"io"
	"net/http"
	"net/textproto"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// gotHead takes the head of a response, or that of an interim one.
func (s *stream) gotHead(f *http2.MetaHeadersFrame) error {
	resp, err := newResponse(f, s.isHEAD) //nolint:bodyclose // it has none yet
	if err != nil {
		return s.malformed(err)
	}
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	s.c.confirmed = max(s.c.confirmed, s.sentAt)
	if resp.StatusCode < http.StatusOK && resp.StatusCode >= http.StatusContinue {
		return s.gotInterim(resp, f.RegularFields(), f.StreamEnded())
	}
	s.hasHead = true
	s.resp, s.length = resp, resp.ContentLength
	resp.Request, resp.Body = s.req, &s.body
	if !f.StreamEnded() {
		s.wakeSoon()
		return nil
	}
	s.whole()
	if s.up == nil && errors.Is(s.readError(), io.EOF) {
		resp.Body = http.NoBody
	}
	return nil
}

// An interim is an interim response.
type interim struct {
	code   int
	header textproto.MIMEHeader
}

// maxInterim is how many interim responses may come while the request's goroutine passes on others.
const maxInterim = 100

var (
	errInterim    = errors.New("the server sent too many interim responses")
	errInterimEnd = errors.New("an interim response ended the stream")
	errLongHead   = errors.New("the head of the response is longer than allowed")
	errStatus     = errors.New("malformed response from server: no status, or no number")
	errTrailer    = errors.New("malformed trailer")
	errSwitch     = errors.New("the server sent 101 (Switching Protocols), which HTTP/2 doesn't have") // RFC 9113, 8.6
	errLengths    = errors.New("Content-Length isn't one number")                                      // RFC 9110, 8.6
)

// gotInterim takes an interim response. mu is held.
func (s *stream) gotInterim(resp *http.Response, fields []hpack.HeaderField, end bool) error {
	switch {
	case end:
		return s.malformed(errInterimEnd)
	case len(s.interim) >= maxInterim || s.interimSize > int(s.c.cfg.MaxHeaderBytes):
		return s.malformed(errInterim)
	}
	for _, field := range fields {
		s.interimSize += int(field.Size())
	}
	s.interim = append(s.interim, interim{resp.StatusCode, textproto.MIMEHeader(resp.Header)})
	s.wakeSoon()
	return nil
}

// gotTrailer takes the trailer of a response, which ends it.
func (s *stream) gotTrailer(f *http2.MetaHeadersFrame) error {
	if !f.StreamEnded() || len(f.PseudoFields()) > 0 || f.Truncated {
		return s.malformed(errTrailer)
	}
	trailer := make(http.Header)
	for _, field := range f.RegularFields() {
		name := http.CanonicalHeaderKey(field.Name)
		trailer[name] = append(trailer[name], field.Value)
	}
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	if s.ended {
		return s.malformed(errTrailer)
	}
	if !s.isHEAD {
		s.trailer = trailer
	}
	s.whole()
	return nil
}

// newResponse returns the response of a head, without its body. ContentLength is 0 if there is
// none and the head ends the response, as with net/http.
func newResponse(f *http2.MetaHeadersFrame, isHEAD bool) (*http.Response, error) {
	if f.Truncated {
		return nil, errLongHead
	}
	status := f.PseudoValue("status")
	code, err := strconv.Atoi(status)
	switch {
	case err != nil:
		return nil, errStatus
	case code == http.StatusSwitchingProtocols:
		return nil, errSwitch
	}
	fields := f.RegularFields()
	r := &http.Response{
		Proto: "HTTP/2.0", ProtoMajor: 2, StatusCode: code, Status: status + " " + http.StatusText(code),
		Header: make(http.Header, len(fields)), ContentLength: -1,
	}
	values := make([]string, len(fields)) // of all fields that occur once
	for i, field := range fields {
		name := http.CanonicalHeaderKey(field.Name)
		if name == "Trailer" {
			announce(r, field.Value)
			continue
		}
		if old, ok := r.Header[name]; ok {
			r.Header[name] = append(old, field.Value)
			continue
		}
		values[i] = field.Value
		r.Header[name] = values[i : i+1 : i+1]
	}
	lengths := slices.Compact(r.Header["Content-Length"])
	switch {
	case len(lengths) > 0:
		n, err := strconv.ParseUint(lengths[0], 10, 63)
		if err != nil || len(lengths) > 1 {
			return nil, errLengths
		}
		r.Header["Content-Length"], r.ContentLength = lengths, int64(n)
	case f.StreamEnded() && !isHEAD:
		r.ContentLength = 0
	}
	return r, nil
}

// announce notes the fields that the trailer is to have.
func announce(r *http.Response, value string) {
	if r.Trailer == nil {
		r.Trailer = make(http.Header)
	}
	for name := range strings.SplitSeq(value, ",") {
		if name = textproto.TrimString(name); name != "" {
			r.Trailer[http.CanonicalHeaderKey(name)] = nil
		}
	}
}
