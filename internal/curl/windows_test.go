package curl

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"detour/internal/flow"
	"detour/internal/shellenv"
)

func TestCommand_forPowerShell(t *testing.T) {
	f := asked("POST", "https://logs.us-east-1.amazonaws.com/", `{"a":"it's"}`,
		flow.Header{Name: "content-type", Value: "application/json"}, flow.Header{Name: "accept-encoding", Value: "gzip"},
		flow.Header{Name: "x-empty", Value: ""}, flow.Header{Name: "x-name", Value: "J\u00f6rg"})
	got, lacks, err := Command(f, shellenv.PowerShell)
	want := `& { $OutputEncoding = New-Object Text.UTF8Encoding $false
'url = "https://logs.us-east-1.amazonaws.com/"',
'request = "POST"',
'header = "content-type: application/json"',
'compressed',
'header = "x-empty;"',
('header = "x-name: J' + [char]0x00f6 + 'rg"'),
'data-raw = "{\"a\":\"it''s\"}"' |
curl.exe --config - }
`
	if diff := cmp.Diff(want, got); diff != "" || lacks != "" || err != nil {
		t.Errorf("lacks %q, error %v, (-want +got)\n%s", lacks, err, diff)
	}
}

// No text ends a value, or is another option. curl itself reads them.
func TestLine_curlReadsItAsItIs(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("needs curl")
	}
	got := make(chan string, 1)
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- string(body)
	}))
	defer srv.Close()
	for _, s := range append(evil(), "\"\noutput = \"/tmp/owned", `\"`, `a\`, "\v\r\n", "# no comment") {
		if !takes(shellenv.PowerShell, s) || len(s) > 4096 || s == "" {
			continue
		}
		all := []option{{name: "url", value: srv.URL}, {name: "request", value: "POST"}, {name: "data-raw", value: s}}
		var lines strings.Builder
		for _, o := range all {
			lines.WriteString(line(o) + "\r\n") // as PowerShell ends them
		}
		c := exec.CommandContext(t.Context(), "curl", "-q", "-s", "--noproxy", "*", "--config", "-")
		c.Stdin = strings.NewReader(lines.String())
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%q: %v, %s", lines.String(), err, out)
		}
		if body := <-got; body != s {
			t.Errorf("%q was sent as %q", s, body)
		}
	}
}

func TestCommand_forCmd(t *testing.T) {
	f := asked("POST", "https://h.example/?a=1&b=%41", `{"a":"x\"&calc"}`, flow.Header{Name: "content-type", Value: "t"})
	got, lacks, err := Command(f, shellenv.Cmd)
	want := `curl.exe --url ^"https://h.example/?a^=1^&b^=^%^41^" -X ^"POST^" -H ^"content-type: t^" ` +
		`--data-raw ^"{\^"a\^":\^"x\\\^"^&calc\^"}^"` + "\n"
	if diff := cmp.Diff(want, got); diff != "" || lacks != "" || err != nil {
		t.Errorf("lacks %q, error %v, (-want +got)\n%s", lacks, err, diff)
	}
}

// What cmd and then the program make of a word is the text: to cmd, no character of it means anything.
func TestCmdWord_anyTextIsOneWord(t *testing.T) {
	parts := []string{`"`, `\`, "%", "^", "&", "|", "<", ">", "(", ")", "!", " ", "a", "é", "PATH", "'", "@", "=", ","}
	random := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		s := ""
		for range 1 + random.IntN(8) {
			s += parts[random.IntN(len(parts))]
		}
		word := cmdWord(s)
		if got, err := argument(unescaped(word)); err != nil || got != s {
			t.Fatalf("%q: %s is %q, %v", s, word, got, err)
		}
	}
}

// unescaped is what cmd passes on: it removes each caret, and keeps what follows it. What has a meaning
// without a caret is replaced.
func unescaped(s string) string {
	var b strings.Builder
	escaped, name := false, false // name: since a percent sign, no caret came
	for _, r := range s {
		switch {
		case escaped:
			b.WriteRune(r)
			escaped = false
			if r == '%' {
				name = true
			}
			continue
		case r == '^':
			escaped, name = true, false
			continue
		case strings.ContainsRune(special, r) || name:
			b.WriteString("<MEANS SOMETHING>")
		}
		b.WriteRune(r)
	}
	return b.String()
}

// argument is what a C program makes of a word in quotes.
func argument(s string) (string, error) {
	if len(s) < 2 || s[0] != '"' {
		return "", fmt.Errorf("no quote: %s", s)
	}
	var b strings.Builder
	slashes := 0
	for i, r := range s[1:] {
		switch r {
		case '\\':
			slashes++
			continue
		case '"':
			b.WriteString(strings.Repeat(`\`, slashes/2))
			if slashes%2 == 0 {
				if i != len(s)-2 {
					return "", fmt.Errorf("it ends at %d", i)
				}
				return b.String(), nil
			}
		default:
			b.WriteString(strings.Repeat(`\`, slashes))
		}
		slashes = 0
		b.WriteRune(r)
	}
	return "", errors.New("it doesn't end")
}

func TestCommand_onWindowsSaysWhatItCannotTake(t *testing.T) {
	for name, c := range map[string]struct {
		shell shellenv.Shell
		f     *flow.Flow
		lacks string
		err   bool
	}{
		"a line end for cmd":        {shell: shellenv.Cmd, f: asked("POST", "https://h/", "a\nb"), lacks: "curl can't send it"},
		"a line end in a field":     {shell: shellenv.Cmd, f: asked("GET", "https://h/", "", flow.Header{Name: "a", Value: "b\nc"}), err: true},
		"a long field for cmd":      {shell: shellenv.Cmd, f: asked("GET", "https://h/", "", flow.Header{Name: "a", Value: strings.Repeat("b", 9000)}), err: true},
		"a long body for cmd":       {shell: shellenv.Cmd, f: asked("POST", "https://h/", strings.Repeat("=", 5000)), lacks: "too long"},
		"bytes for PowerShell":      {shell: shellenv.PowerShell, f: asked("POST", "https://h/", "\xff"), lacks: "curl can't send it"},
		"a long body of PowerShell": {shell: shellenv.PowerShell, f: asked("POST", "https://h/", strings.Repeat(`"`, 60_000)), lacks: "too long"},
		"a line end in PowerShell":  {shell: shellenv.PowerShell, f: asked("POST", "https://h/", "a\nb")},
	} {
		got, lacks, err := Command(c.f, c.shell)
		if !strings.Contains(lacks, c.lacks) || (lacks != "") != (c.lacks != "") || (err != nil) != c.err || c.lacks != "" && strings.Contains(got, "data-raw") {
			t.Errorf("%s: %q, lacks %q, %v", name, got, lacks, err)
		}
	}
}

// PowerShell itself, where it is installed, gives a program the lines that curl reads.
func TestCommand_powerShellPassesItOn(t *testing.T) {
	shell := ""
	for _, name := range []string{"pwsh", "powershell"} {
		if path, err := exec.LookPath(name); err == nil {
			shell = path
		}
	}
	if shell == "" {
		t.Skip("needs PowerShell")
	}
	f := asked("POST", "https://h/", "\x1b[31m\"é\u202e' $(x) `id`\\")
	command, _, err := Command(f, shellenv.PowerShell)
	if err != nil {
		t.Fatal(err)
	}
	script := "function curl.exe { $input | ForEach-Object { [Console]::Out.Write([Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($_)) + ' ') } }\n" + command
	out, err := exec.CommandContext(t.Context(), shell, "-NoProfile", "-Command", script).Output()
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, o := range append(head(f.Request), data(f.Request)...) {
		want = append(want, base64.StdEncoding.EncodeToString([]byte(line(o))))
	}
	if diff := cmp.Diff(want, strings.Fields(string(out))); diff != "" {
		t.Error(diff)
	}
}
