package curl

import (
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"detour/internal/flow"
	"detour/internal/shellenv"
	"detour/ui/flowtest"
)

func asked(method, url, body string, hs ...flow.Header) *flow.Flow {
	f := &flow.Flow{ID: 1, Request: flow.Request{Method: method, URL: url, Headers: hs, BodySize: int64(len(body))}}
	if body != "" {
		f.Request.Body = []byte(body)
	}
	return f
}

func TestCommand_isWhatAPersonWouldWrite(t *testing.T) {
	f := asked("POST", "https://logs.us-east-1.amazonaws.com/", `{"a":"it's"}`,
		flow.Header{Name: ":authority", Value: "logs"}, flow.Header{Name: "Host", Value: "logs"}, flow.Header{
			Name:  "Content-Length",
			Value: "9",
		},
		flow.Header{Name: "content-type", Value: "application/json"}, flow.Header{Name: "accept-encoding", Value: "gzip, br"},
		flow.Header{Name: "authorization", Value: "(redacted)"}, flow.Header{Name: "x-empty", Value: ""})
	got, lacks, err := Command(f, shellenv.Sh)
	want := `curl --url 'https://logs.us-east-1.amazonaws.com/' \
  -X 'POST' \
  -H 'content-type: application/json' \
  --compressed \
  -H 'authorization: (redacted)' \
  -H 'x-empty;' \
  --data-raw '{"a":"it'\''s"}'
`
	if diff := cmp.Diff(want, got); diff != "" || lacks != "" || err != nil {
		t.Errorf("lacks %q, error %v, (-want +got)\n%s", lacks, err, diff)
	}
}

func TestCommand_saysWhatItLacks(t *testing.T) {
	vend, cut, gone, head := asked("POST", "https://h/", "x"), asked("POST", "https://h/", "x"), asked("POST", "https://h/",
		"x"), asked("HEAD", "https://h/", "x")
	vend.CredentialVend, cut.Request.BodyTruncated, gone.Request.Body = true, true, nil
	for name, c := range map[string]struct {
		f    *flow.Flow
		want string
	}{
		"credentials": {vend, "not stored"}, "cut": {cut, "stored in part"}, "not stored": {gone, "not stored"},
		"binary": {asked("PUT", "https://h/", "a\x00b"), "curl can't send it"}, "long": {asked("PUT", "https://h/",
			strings.Repeat("x", maxArgument+1)), "too long for a command line"}, "a body of HEAD": {head, "curl can't send it"},
	} {
		got, lacks, err := Command(c.f, shellenv.Sh)
		if !strings.Contains(lacks, c.want) || strings.Contains(got, "--data") || err != nil {
			t.Errorf("%s: %q, lacks %q, %v", name, got, lacks, err)
		}
	}
	for _, f := range []*flow.Flow{
		asked("GET", "file:///etc/passwd", ""), asked("GET", "-oX", ""),
		{Request: flow.Request{Method: "CONNECT", URL: "h:443"}, Tunnel: &flow.Tunnel{}},
	} {
		if got, _, err := Command(f, shellenv.Sh); err == nil {
			t.Errorf("%s became %q", f.Request.URL, got)
		}
	}
}

// evil are texts that try to end a quotation, to run something, or to be an option or a file.
func evil() []string {
	return append(flowtest.HostileTexts()[:10:10],
		"'; touch /tmp/owned; '", "$(id)", "`id`", `\'; id #`, "\n; id\n", "a\rb", "${IFS}", "-oX", "@/etc/passwd", "!!", `\`, `'\''`, "\x1b[201~id\n", "\\x41\x01"+"7", "*", "~", "a\tb", "é'\x01")
}

// shells are the installed ones, each with what makes curl print its arguments.
func shells(t *testing.T) map[string]string {
	t.Helper()
	out := make(map[string]string)
	for _, name := range []string{"dash", "bash", "zsh", "ksh", "mksh", "busybox", "fish"} {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		out[path] = `curl() { printf '%s\0' "$@"; }; `
		if name == "fish" {
			out[path] = `function curl; printf '%s\0' $argv; end; `
		}
	}
	if len(out) == 0 {
		t.Skip("no shell is installed")
	}
	return out
}

// words returns the words that a shell makes of a command line.
func words(t *testing.T, shell, prelude, line string) []string {
	t.Helper()
	args := []string{"-c", prelude + line}
	if strings.HasSuffix(shell, "busybox") {
		args = append([]string{"sh"}, args...)
	}
	cmd := exec.CommandContext(t.Context(), shell, args...) //nolint:gosec // that is the test
	cmd.Dir = t.TempDir()
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %q: %v", shell, line, err)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
}

// TestCommand_shellsTakeItAsItIs runs the command line with shells in which curl prints its
// arguments.
func TestCommand_shellsTakeItAsItIs(t *testing.T) {
	for shell, prelude := range shells(t) {
		for _, s := range evil() {
			s = strings.ReplaceAll(s, "\x00", "")
			f := asked(s, "https://h/"+s, s, flow.Header{Name: "x", Value: s}, flow.Header{Name: s, Value: "v"},
				flow.Header{Name: "content-type", Value: "t"})
			if s == "" || len(s) > 4096 {
				continue
			}
			line, _, err := Command(f, shellenv.Sh)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range line {
				if r != '\n' && !unicode.IsPrint(r) {
					t.Errorf("%q has %U", line, r)
				}
			}
			var got []string
			for _, a := range words(t, shell, prelude, line) {
				if a != "--globoff" && a != "--path-as-is" {
					got = append(got, a)
				}
			}
			want := []string{"--url", "https://h/" + s, "-X", s, "-H", "x: " + s}
			if isToken(s) {
				want = append(want, "-H", s+": v")
			}
			want = append(want, "-H", "content-type: t", "--data-raw", s)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: %q (-want +got)\n%s", shell, line, diff)
			}
		}
	}
}

// TestQuote_anyTextIsOneWord checks random texts of what has a meaning in some shell.
func TestQuote_anyTextIsOneWord(t *testing.T) {
	parts := []string{
		"'", `\`, "$", "`", "\"", "!", "%", "\n", "\r", "\t", "\x1b", "\x7f", "\x9b", "\xff", "é", "\u202e", "\ufffd", "$'", "$(", ")", "{a,b}", "*", "~", "#",
		"&", ";", "|", "<", ">", "=", "a", "0", "7", " ", "-", "@", "\\047", "%s", "\\c", "\\n",
	}
	random := rand.New(rand.NewPCG(1, 2))
	for shell, prelude := range shells(t) {
		for range 20 {
			var want []string
			line := "curl"
			for range 150 {
				s := ""
				for range 1 + random.IntN(8) {
					s += parts[random.IntN(len(parts))]
				}
				want = append(want, s)
				line += " " + quote(s)
			}
			if diff := cmp.Diff(want, words(t, shell, prelude, line)); diff != "" {
				t.Fatalf("%s (-want +got)\n%s", shell, diff)
			}
		}
	}
}
