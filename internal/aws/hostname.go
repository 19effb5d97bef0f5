package aws

import "strings"

// normalize returns a host in lower case without user information, port and final dot.
// It returns "" for what can't be a DNS name of AWS's: an address, an empty or overlong
// label, anything but ASCII letters, digits, hyphens and underscores (in buckets).
func normalize(h string) string {
	if i := strings.LastIndexByte(h, '@'); i >= 0 {
		h = h[i+1:]
	}
	if i := strings.LastIndexByte(h, ':'); i >= 0 {
		for _, c := range []byte(h[i+1:]) {
			if c < '0' || '9' < c {
				return ""
			}
		}
		h = h[:i]
	}
	h = strings.TrimSuffix(h, ".")
	if h == "" || len(h) > 253 {
		return ""
	}
	length, numeric, upper := 0, true, false // of the current label
	for i := range len(h) {
		switch c := h[i]; {
		case c == '.':
			if length == 0 {
				return ""
			}
			length, numeric = 0, true
			continue
		case '0' <= c && c <= '9':
		case 'a' <= c && c <= 'z', c == '-', c == '_':
			numeric = false
		case 'A' <= c && c <= 'Z':
			numeric, upper = false, true
		default:
			return ""
		}
		if length++; length > 63 {
			return ""
		}
	}
	if length == 0 || numeric { // the last label of an IPv4 address is a number
		return ""
	}
	if upper {
		return strings.ToLower(h)
	}
	return h
}

// cutLast splits the last label off a name.
func cutLast(name string) (rest, label string) {
	i := strings.LastIndexByte(name, '.')
	if i < 0 {
		return "", name
	}
	return name[:i], name[i+1:]
}

// cutFirst splits the first label off a name.
func cutFirst(name string) (label, rest string) {
	label, rest, _ = strings.Cut(name, ".")
	return label, rest
}

// lastTwo returns the last two labels of a name. In every family they are literal, so
// they serve as its key.
func lastTwo(name string) string {
	i := strings.LastIndexByte(name, '.')
	if i < 0 {
		return name
	}
	return name[strings.LastIndexByte(name[:i], '.')+1:]
}
