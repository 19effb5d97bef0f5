package aws

// readCBOR reads the text values of a CBOR map (RFC 8949), even if it is truncated.
// Nested maps are skipped.
func readCBOR(b []byte, r *errorBody) {
	major, n, b, ok := cborHead(b)
	if !ok || major != cborMap {
		return
	}
	for i := uint64(0); i < n; i++ {
		var key, value string
		if key, b, ok = cborText(b); !ok {
			return
		}
		if value, b, ok = cborText(b); !ok {
			return
		}
		r.take(key, value)
	}
}

// Major types of CBOR.
const (
	cborUint, cborNegative, cborBytes, cborString = 0, 1, 2, 3
	cborArray, cborMap, cborTag, cborSimple       = 4, 5, 6, 7
)

// cborIndefinite is the count of an item of indefinite length.
const cborIndefinite = 1<<64 - 1

// cborHead reads the head of an item: its major type, and its value or count.
func cborHead(b []byte) (major byte, n uint64, rest []byte, ok bool) {
	if len(b) == 0 {
		return 0, 0, nil, false
	}
	major, n, rest = b[0]>>5, uint64(b[0]&31), b[1:]
	switch {
	case n < 24:
		return major, n, rest, true
	case n == 31:
		return major, cborIndefinite, rest, true
	case n > 27:
		return 0, 0, nil, false
	}
	size := 1 << (n - 24)
	if len(rest) < size {
		return 0, 0, nil, false
	}
	n = 0
	for _, c := range rest[:size] {
		n = n<<8 | uint64(c)
	}
	return major, n, rest[size:], true
}

// cborText reads one item and returns its value if it is a text string of definite
// length. ok is false at the end of the bytes or of the collection.
func cborText(b []byte) (s string, rest []byte, ok bool) {
	major, n, rest, ok := cborHead(b)
	if ok && major == cborString && n <= uint64(len(rest)) {
		return string(rest[:n]), rest[n:], true
	}
	rest, ok = cborSkip(b)
	return "", rest, ok
}

// cborSkip skips one item with everything in it. It isn't recursive, so depth costs no
// stack.
func cborSkip(b []byte) (rest []byte, ok bool) {
	due := []uint64{1} // remaining items of each open collection
	for len(due) > 0 {
		top := len(due) - 1
		if due[top] == 0 {
			due = due[:top]
			continue
		}
		if len(b) > 0 && b[0] == 0xff { // the end of an item of indefinite length
			if due[top] < cborIndefinite/2 {
				return nil, false
			}
			b, due = b[1:], due[:top]
			continue
		}
		major, n, after, ok := cborHead(b)
		if !ok {
			return nil, false
		}
		b = after
		due[top]--
		switch major {
		case cborUint, cborNegative, cborSimple:
		case cborBytes, cborString:
			if n == cborIndefinite {
				due = append(due, cborIndefinite)
				continue
			}
			if n > uint64(len(b)) {
				return nil, false
			}
			b = b[n:]
		case cborTag:
			due = append(due, 1)
		case cborArray, cborMap:
			switch {
			case n == cborIndefinite:
				due = append(due, cborIndefinite)
			case n > uint64(len(b)): // each item has at least one byte
				return nil, false
			case major == cborMap:
				due = append(due, 2*n)
			default:
				due = append(due, n)
			}
		}
	}
	return b, true
}
