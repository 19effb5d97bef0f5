package detail

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"detour/internal/flow"
	"detour/ui/flowtest"
)

func asked(method, url, body string, hs ...flow.Header) *flow.Flow {
	f := &flow.Flow{ID: 1, Request: flow.Request{Method: method, URL: url, Headers: hs, BodySize: int64(len(body))}}
	if body != "" {
		f.Request.Body = []byte(body)
	}
	return f
}

func TestCurl_isWhatAPersonWouldWrite(t *testing.T) {
	f := asked("POST", "https://logs.us-east-1.amazonaws.com/", `{"a":"it's"}`,
		flow.Header{Name: ":authority", Value: "logs"}, flow.Header{Name: "Host", Value: "logs"}, flow.Header{
			Name:  "Content-Length",
			Value: "9",
		},
		flow.Header{Name: "content-type", Value: "application/json"}, flow.Header{Name: "accept-encoding", Value: "gzip, br"},
		flow.Header{Name: "authorization", Value: "(redacted)"}, flow.Header{Name: "x-empty", Value: ""})
	got, lacks, err := Curl(f)
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

func TestCurl_saysWhatItLacks(t *testing.T) {
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
		got, lacks, err := Curl(c.f)
		if !strings.Contains(lacks, c.want) || strings.Contains(got, "--data") || err != nil {
			t.Errorf("%s: %q, lacks %q, %v", name, got, lacks, err)
		}
	}
	for _, f := range []*flow.Flow{
		asked("GET", "file:///etc/passwd", ""), asked("GET", "-oX", ""),
		{Request: flow.Request{Method: "CONNECT", URL: "h:443"}, Tunnel: &flow.Tunnel{}},
	} {
		if got, _, err := Curl(f); err == nil {
			t.Errorf("%s became %q", f.Request.URL, got)
		}
	}
}

// evil are texts that try to end a quotation, to run something, or to be an option or a file.
func evil() []string {
	return append(flowtest.HostileTexts()[:10:10],
		"'; touch /tmp/owned; '", "$(id)", "`id`", `\'; id #`, "\n; id\n", "a\rb", "${IFS}", "-oX", "@/etc/passwd", "!!", `\`, `'\''`, "\x1b[201~id\n", "\\x41\x01"+"7", "*", "~", "a\tb", "é'\x01")
}

// TestCurl_shellsTakeItAsItIs runs the command line with a shell in which curl
// prints its arguments.
func TestCurl_shellsTakeItAsItIs(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("bash is not installed")
	}
	for _, s := range evil() {
		s = strings.ReplaceAll(s, "\x00", "")
		f := asked(s, "https://h/"+s, s, flow.Header{Name: "x", Value: s}, flow.Header{Name: s, Value: "v"},
			flow.Header{Name: "content-type", Value: "t"})
		if s == "" || len(s) > 4096 {
			continue
		}
		line, _, err := Curl(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range line {
			if r != '\n' && !unicode.IsPrint(r) {
				t.Errorf("%q has %U", line, r)
			}
		}
		out, err := exec.CommandContext(t.Context(), bash, "-c", `curl() { printf '%s\0' "$@"; }; `+line).Output()
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		var got []string
		for _, a := range bytes.Split(bytes.TrimSuffix(out, []byte{0}), []byte{0}) {
			if a := string(a); a != "--globoff" && a != "--path-as-is" {
				got = append(got, a)
			}
		}
		want := []string{"--url", "https://h/" + s, "-X", s, "-H", "x: " + s}
		if isToken(s) {
			want = append(want, "-H", s+": v")
		}
		want = append(want, "-H", "content-type: t", "--data-raw", s)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got)\n%s", line, diff)
		}
	}
}

func TestIndented_isSafeToPasteAndTheSame(t *testing.T) {
	for _, s := range evil() {
		got := JSON(map[string]string{"a": s})
		for _, r := range got {
			if r != '\n' && !unicode.IsPrint(r) {
				t.Errorf("%q has %U", got, r)
			}
		}
	}
	if got := JSON("\U000e0067\u202e"); got != `"\udb40\udc67\u202e"`+"\n" {
		t.Errorf("got %s", got)
	}
}
