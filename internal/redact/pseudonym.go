package redact

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"strconv"
	"strings"
	"sync"
)

// A pseudonym is prefix, kind, ':' and the digits of a hash of 40 bits, which makes equal
// pseudonyms of different values unlikely and doesn't reveal the value.
const (
	prefix  = "redacted:"
	digits  = 10
	maxKind = 10
)

// mark replaces a value where a pseudonym would be too long. It needs no escaping in any
// syntax.
const mark = "-"

// isPseudonym reports whether s is exactly a pseudonym or a mark.
func isPseudonym(s string) bool { return s == mark || s != "" && pseudonymAt(s) == len(s) }

// pseudonymAt returns the length of the pseudonym that s begins with; 0 if there is none.
func pseudonymAt(s string) int {
	rest, ok := strings.CutPrefix(s, prefix)
	if !ok {
		return 0
	}
	colon := strings.IndexByte(rest[:min(len(rest), maxKind+1)], ':')
	if colon < 1 || strings.Trim(rest[:colon], lower) != "" {
		return 0
	}
	end := len(prefix) + colon + 1 + digits
	if len(s) < end || strings.Trim(s[end-digits:end], "0123456789abcdef") != "" {
		return 0
	}
	return end
}

// digests computes the digits. It may be used concurrently.
type digests struct{ pool *sync.Pool }

// A digest is the buffers of one computation.
type digest struct {
	mac hash.Hash
	in  []byte
	sum [sha256.Size]byte
	out []byte
}

func newDigests(key []byte) digests {
	if len(key) == 0 {
		return digests{}
	}
	return digests{&sync.Pool{New: func() any { return &digest{mac: hmac.New(sha256.New, key)} }}}
}

// maxDigestSpace limits the buffer that is kept.
const maxDigestSpace = 8 << 10

// number returns a digest of v as a number; 0 without a key.
func (d digests) number(v string) uint64 {
	n, _ := strconv.ParseUint(d.append("", v), 16, 64) // ten digits
	return n
}

// append returns begin and the digits for v, the first ones of HMAC-SHA256 (RFC 2104).
// Without a key they are all 0, because a plain hash could be guessed.
func (d digests) append(begin, v string) string {
	if d.pool == nil {
		return begin + strings.Repeat("0", digits)
	}
	w := d.pool.Get().(*digest)
	w.in = append(w.in[:0], v...)
	w.mac.Reset()
	w.mac.Write(w.in) // it never fails
	w.out = hex.AppendEncode(append(w.out[:0], begin...), w.mac.Sum(w.sum[:0])[:digits/2])
	out := string(w.out)
	clear(w.in)
	if cap(w.in) <= maxDigestSpace {
		d.pool.Put(w)
	}
	return out
}
