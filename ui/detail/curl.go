package detail

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"detour/internal/flow"
	"detour/internal/wording"
)

// maxArgument is the longest body in a command line: Linux accepts no argument of 128 KiB
// or more (execve(2), MAX_ARG_STRLEN), and quoting makes it longer.
const maxArgument = 64 << 10

// Curl returns the request as a command line for a shell, and what the command line lacks;
// "" is nothing. What was redacted stays redacted.
//
// Nothing in a request ends the quoting, controls the terminal that it is pasted into, or
// makes curl read a file: --data-raw and --url take @ and - literally, and anything that
// isn't an HTTP field name is omitted.
func Curl(f *flow.Flow) (command, lacks string, err error) {
	r := f.Request
	if f.Tunnel != nil || !strings.HasPrefix(r.URL, "https://") && !strings.HasPrefix(r.URL, "http://") {
		return "", "", errors.New("curl can't make this request")
	}
	args := []string{"curl --url " + quote(r.URL)}
	if strings.ContainsAny(r.URL, "[]{}") {
		args = append(args, "--globoff")
	}
	if strings.Contains(r.URL, "/.") {
		args = append(args, "--path-as-is")
	}
	carries := r.BodySize > 0 || len(r.Body) > 0
	switch {
	case r.Method == "HEAD":
		args = append(args, "--head")
	case r.Method != "GET" || carries:
		args = append(args, "-X "+quote(r.Method))
	}
	for _, h := range r.Headers {
		if a := curlField(h); a != "" {
			args = append(args, a)
		}
	}
	switch {
	case !carries:
	case r.Body == nil || f.CredentialVend:
		lacks = fmt.Sprintf("its body (%s, not stored)", wording.Bytes(r.BodySize))
	case r.BodyTruncated:
		lacks = fmt.Sprintf("its body (%s, stored in part)", wording.Bytes(r.BodySize))
	case len(r.Body) > maxArgument:
		lacks = fmt.Sprintf("its body (%s, too long for a command line)", wording.Bytes(r.BodySize))
	case bytes.IndexByte(r.Body, 0) >= 0, r.Method == "HEAD":
		lacks = "its body (curl can't send it from a command line)"
	default:
		if !flow.Has(r.Headers, "content-type") {
			args = append(args, "-H 'content-type:'") // else curl sends the type of a form
		}
		args = append(args, "--data-raw "+quote(string(r.Body)))
	}
	return strings.Join(args, " \\\n  ") + "\n", lacks, nil
}

// curlField is a header field as curl takes it; "" if curl sends its own.
func curlField(h flow.Header) string {
	if !isToken(h.Name) {
		return "" // HTTP/2's pseudo-headers, and invalid names in files
	}
	switch strings.ToLower(h.Name) {
	case "host", "content-length", "connection", "transfer-encoding", "te", "upgrade", "keep-alive":
		return ""
	case "accept-encoding":
		return "--compressed"
	}
	if h.Value == "" {
		return "-H " + quote(h.Name+";") // curl(1): a field without content
	}
	return "-H " + quote(h.Name+": "+h.Value)
}

// isToken reports whether s is a field name (RFC 9110, 5.6.2).
func isToken(s string) bool {
	for _, c := range []byte(s) {
		if c >= utf8.RuneSelf || !unicode.IsLetter(rune(c)) && !unicode.IsDigit(rune(c)) && strings.IndexByte("!#$%&'*+-.^_`|~", c) < 0 {
			return false
		}
	}
	return s != ""
}

// quote makes s one word of a shell: of dash, bash, zsh and ksh, and of fish, which also has
// backslashes in single quotes. Unprintable characters, which a terminal would act on, are
// what printf prints for octal escapes; not all shells have dollar-single-quotes. A line end
// stays, because a shell removes those at the end of what a command prints. A NUL ends the
// word, as it would end the argument.
func quote(s string) string {
	s, _, _ = strings.Cut(s, "\x00")
	if s == "" {
		return "''"
	}
	w := shellWord{}
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '\'':
			w.bare(`\'`)
		case r == '\\' && !followedByPlain(s[i+1:]):
			w.bare(`\\`)
		case r == '\n' || isPlain(r):
			w.quoted(s[i : i+n])
		default:
			w.escaped(s[i : i+n])
		}
		i += n
	}
	return w.String()
}

func isPlain(r rune) bool { return r != utf8.RuneError && unicode.IsPrint(r) }

// followedByPlain reports whether s begins with a character before which a backslash in
// single quotes is itself in every shell.
func followedByPlain(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return isPlain(r) && r != '\'' && r != '\\'
}

// A shellWord is a word in parts, each in its own kind of quotes.
type shellWord struct {
	b    strings.Builder
	open string // what ends the current part
}

func (w *shellWord) part(begin, end string) {
	if w.open != end {
		w.b.WriteString(w.open)
		w.b.WriteString(begin)
		w.open = end
	}
}

func (w *shellWord) bare(s string) {
	w.part("", "")
	w.b.WriteString(s)
}

func (w *shellWord) quoted(s string) {
	w.part("'", "'")
	w.b.WriteString(s)
}

func (w *shellWord) escaped(s string) {
	w.part(`"$(printf '`, `')"`)
	for _, c := range []byte(s) {
		fmt.Fprintf(&w.b, `\%03o`, c)
	}
}

func (w *shellWord) String() string {
	w.part("", "")
	return w.b.String()
}
