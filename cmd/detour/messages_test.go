package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"detour/internal/flow"
)

// TestErrors_escapeWhatTheyQuote checks errors and hints about paths, hosts, URLs and values
// of flags: each is one line without control characters.
func TestErrors_escapeWhatTheyQuote(t *testing.T) {
	const odd = "a\x1b]0;owned\a\x9b31m\u202eb\nhint: rm -rf\rc"
	dir := t.TempDir()
	broken := filepath.Join(dir, "x\x1b[2Jy\nz.har")
	if err := os.WriteFile(broken, []byte("{\"log\":\x1b[31m"), 0o600); err != nil {
		t.Skip("no such names here: ", err)
	}
	for _, args := range [][]string{
		{"diagnose", odd},
		{"diagnose", broken},
		{"open", odd},
		{"export", odd, "-o", odd},
		{"export", broken},
		{"diff", odd, broken},
		{"probe", odd},
		{"probe", "h", "--resolver", odd},
		{"probe", "h", "--map", odd},
		{"probe", "h", "--upstream-proxy", odd},
		{"run", "--browser", odd},
		{"run", "--listen", odd},
		{"run", "--decrypt", odd},
		{"run", "--log", dir + "/no/" + odd},
		{"run", "--" + odd},
		{"run", "--filter", odd},
		{"run", "--ca-dir", "/dev/null/" + odd},
		{"ca", "status", "--ca-dir", "/dev/null/" + odd},
		{"ca", odd},
		{odd},
		{"scan", "--region", odd},
		{"help", odd},
		{"completion", odd},
		{"captures", "--older-than", odd},
		{"demo", "--theme", odd},
		{"doctor", "--config", odd},
		{"run", "--client-cert", odd},
		{"env", "--shell", odd},
	} {
		var out, said bytes.Buffer
		code := run(args, &out, &said)
		lines := strings.Split(strings.TrimSuffix(said.String(), "\n"), "\n")
		if code == exitDone || len(lines) < 2 {
			t.Errorf("%q: exit code %d, %q", args, code, said.String())
		}
		for _, line := range lines {
			if line != flow.Printable(line) && !strings.Contains(line, "\ufffd") || strings.ContainsAny(line, "\x1b\a\r\u009b\u202e") || strings.HasPrefix(line, "hint: rm") {
				t.Errorf("%q prints the line %q", args, line)
			}
		}
	}
}

func TestMessages_keepTextAndMoveNoCursor(t *testing.T) {
	var b bytes.Buffer
	m := newMessages(&b)
	in := "detour: a\tb é 😀\n  c token=CANARYCANARY\x1b[2J\r\nlast"
	if n, err := m.Write([]byte(in)); n != len(in) || err != nil {
		t.Errorf("%d bytes: %v", n, err)
	}
	got := b.String()
	if !strings.HasPrefix(got, "detour: a\tb é 😀\n  c token=redacted:token:") || !strings.HasSuffix(got, "\nlast") || strings.ContainsAny(got, "\x1b\r") || strings.Contains(got, "CANARY") {
		t.Errorf("%q", got)
	}
}
