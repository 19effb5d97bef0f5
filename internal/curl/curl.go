// Package curl writes a request as a curl command line for a shell: [Command].
//
// It is pure, and may be called concurrently.
package curl

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"detour/internal/flow"
	"detour/internal/shellenv"
	"detour/internal/wording"
)

// maxArgument is the longest body in a command line: Linux accepts no argument of 128 KiB
// or more (execve(2), MAX_ARG_STRLEN), and quoting makes it longer.
const maxArgument = 64 << 10

// An option is one of curl's.
type option struct {
	name  string // the long name, without dashes, as a file of options has it
	short string // "-H"; "": the long one is usual
	value string
	bare  bool // it has no value
}

// arguments returns the options as words of a command line, their values in a shell's quotes.
func arguments(all []option, quote func(string) string) []string {
	out := make([]string, 0, len(all))
	for _, o := range all {
		switch {
		case o.bare:
			out = append(out, "--"+o.name)
		case o.short != "":
			out = append(out, o.short+" "+quote(o.value))
		default:
			out = append(out, "--"+o.name+" "+quote(o.value))
		}
	}
	return out
}

// Command returns the request as a command line for a shell, and what the command line lacks;
// "" is nothing. What was redacted stays redacted.
//
// Nothing in a request ends the quoting, controls the terminal that it is pasted into, or
// makes curl read a file: --data-raw and --url take @ and - literally, and anything that
// isn't an HTTP field name is omitted.
func Command(f *flow.Flow, shell shellenv.Shell) (command, lacks string, err error) {
	r := f.Request
	if f.Tunnel != nil || !strings.HasPrefix(r.URL, "https://") && !strings.HasPrefix(r.URL, "http://") {
		return "", "", errors.New("curl can't make this request")
	}
	all := head(r)
	if !takesAll(shell, all) || shell == shellenv.Cmd && len(cmd(all)) > maxCmd {
		return "", "", fmt.Errorf("a command line of %s can't make this request", shell)
	}
	if r.BodySize > 0 || len(r.Body) > 0 {
		if lacks = lacking(f, shell, all); lacks != "" {
			lacks = "its body (" + lacks + ")"
		} else {
			all = append(all, data(r)...)
		}
	}
	switch shell {
	case shellenv.PowerShell:
		return powerShell(all), lacks, nil
	case shellenv.Cmd:
		return cmd(all), lacks, nil
	case shellenv.Sh, shellenv.Fish, "":
	}
	return posix(all), lacks, nil
}

// head are the options of all but the body.
func head(r flow.Request) []option {
	all := []option{{name: "url", value: r.URL}}
	if strings.ContainsAny(r.URL, "[]{}") {
		all = append(all, option{name: "globoff", bare: true})
	}
	if strings.Contains(r.URL, "/.") {
		all = append(all, option{name: "path-as-is", bare: true})
	}
	switch {
	case r.Method == "HEAD":
		all = append(all, option{name: "head", bare: true})
	case r.Method != "GET" || r.BodySize > 0 || len(r.Body) > 0:
		all = append(all, option{name: "request", short: "-X", value: r.Method})
	}
	for _, h := range r.Headers {
		if o := field(h); o.name != "" {
			all = append(all, o)
		}
	}
	return all
}

// lacking says why the body can't be in the command line with these options; "" if it can.
func lacking(f *flow.Flow, shell shellenv.Shell, all []option) string {
	r := f.Request
	switch size := wording.Bytes(r.BodySize); {
	case r.Body == nil || f.CredentialVend:
		return size + ", not stored"
	case r.BodyTruncated:
		return size + ", stored in part"
	case len(r.Body) > maxArgument, shell == shellenv.PowerShell && len(escapes.Replace(string(r.Body))) > maxLine,
		shell == shellenv.Cmd && len(cmd(all))+len(cmd(data(r))) > maxCmd:
		return size + ", too long for a command line"
	case bytes.IndexByte(r.Body, 0) >= 0, r.Method == "HEAD", !takes(shell, string(r.Body)):
		return "curl can't send it from a command line"
	}
	return ""
}

// data are the options of the body.
func data(r flow.Request) (all []option) {
	if !flow.Has(r.Headers, "content-type") {
		all = append(all, option{name: "header", short: "-H", value: "content-type:"}) // else curl sends the type of a form
	}
	return append(all, option{name: "data-raw", value: string(r.Body)})
}

// takesAll reports whether a command line of the shell can have all these options.
func takesAll(shell shellenv.Shell, all []option) bool {
	for _, o := range all {
		if !takes(shell, o.value) {
			return false
		}
	}
	return true
}

// takes reports whether a command line of the shell can have a text. On Windows it is UTF-16, and has no
// bytes; cmd has no escape for a line end either.
func takes(shell shellenv.Shell, text string) bool {
	switch shell {
	case shellenv.PowerShell:
		return utf8.ValidString(text) && !strings.Contains(text, "\x00")
	case shellenv.Cmd:
		return utf8.ValidString(text) && strings.IndexFunc(text, func(r rune) bool { return !isPlain(r) }) < 0
	case shellenv.Sh, shellenv.Fish, "":
	}
	return true
}

// field is a header field as curl takes it; the zero option if curl sends its own.
func field(h flow.Header) option {
	if !isToken(h.Name) {
		return option{} // HTTP/2's pseudo-headers, and invalid names in files
	}
	switch strings.ToLower(h.Name) {
	case "host", "content-length", "connection", "transfer-encoding", "te", "upgrade", "keep-alive":
		return option{}
	case "accept-encoding":
		return option{name: "compressed", bare: true}
	}
	o := option{name: "header", short: "-H", value: h.Name + ": " + h.Value}
	if h.Value == "" {
		o.value = h.Name + ";" // curl(1): a field without content
	}
	return o
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

// isPlain reports whether a character can be shown as it is.
func isPlain(r rune) bool { return r != utf8.RuneError && unicode.IsPrint(r) }
