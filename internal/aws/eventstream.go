package aws

import "encoding/binary"

// Sizes of a message of an event stream (AWS documentation, "Event stream
// encoding"): two lengths and their checksum before its headers, a checksum after
// its payload.
const (
	eventPrelude = 12
	eventTrailer = 4
)

// eventString is the type of a header's value that is text.
const eventString = 7

// readEvents looks for the exception that ends an event stream. Checksums are
// left to those who need the data.
func readEvents(b []byte, r *report) {
	for len(b) >= eventPrelude+eventTrailer {
		total, headers := binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:])
		if total < eventPrelude+eventTrailer || uint64(total) > uint64(len(b)) || headers > total-eventPrelude-eventTrailer {
			return
		}
		end := eventPrelude + headers
		if readEvent(b[eventPrelude:end], r) {
			readJSON(b[end:total-eventTrailer], r, 0)
			return
		}
		b = b[total:]
	}
}

// readEvent reads a message's headers. It reports whether they are an error's.
func readEvent(b []byte, r *report) bool {
	failed := false
	for len(b) > 0 {
		n := int(b[0])
		if len(b) < 1+n+3 || b[1+n] != eventString {
			return failed
		}
		name, size := string(b[1:1+n]), int(binary.BigEndian.Uint16(b[2+n:]))
		if b = b[n+4:]; len(b) < size {
			return failed
		}
		value := string(b[:size])
		b = b[size:]
		switch name {
		case ":message-type":
			failed = failed || value == "exception" || value == "error"
		case ":exception-type", ":error-code":
			failed, r.code = true, value
		case ":error-message":
			r.message = value
		}
	}
	return failed
}
