package aws

import "encoding/binary"

// Sizes of an event stream message (AWS documentation, "Event stream encoding"): two
// lengths and their checksum before the headers, a checksum after the payload.
const (
	eventPrelude = 12
	eventTrailer = 4
)

// eventString is the type of a header with a string value.
const eventString = 7

// readEvents looks for the exception that ends an event stream. It doesn't verify
// checksums.
func readEvents(b []byte, r *errorBody) {
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

// readEvent reads the headers of a message, and reports whether it is an error.
func readEvent(b []byte, r *errorBody) bool {
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
