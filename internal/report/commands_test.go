package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// commands are those of a capture's findings, as they are.
func commands() []string {
	var out []string
	for _, f := range story().Findings {
		for _, s := range f.Try {
			if s.Command != "" {
				out = append(out, s.Command)
			}
		}
	}
	return out
}

// TestReport_commandsCanBeCopied: what stands in a fence of the ticket, or in a box of
// the page, is byte for byte what a shell takes.
func TestReport_commandsCanBeCopied(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("testdata", "story.md"))
	page, perr := os.ReadFile(filepath.Join("testdata", "story.html"))
	if err := errors.Join(err, perr); err != nil {
		t.Fatal(err)
	}
	want := commands()
	for name, got := range map[string][]string{"Markdown": fences(string(b)), "HTML": boxes(page)} {
		if len(got) != len(want) {
			t.Errorf("%s has %d commands, want each of %d once", name, len(got), len(want))
		}
		for _, c := range got {
			if !slices.Contains(want, c) {
				t.Errorf("%s has %q, which is no command of a finding", name, c)
			}
			if out, err := exec.Command("sh", "-n", "-c", c).CombinedOutput(); err != nil {
				t.Errorf("%s: %s: %v %s", name, c, err, out)
			}
		}
	}
}

func fences(md string) (out []string) {
	for _, part := range strings.Split(md, "\n```sh\n")[1:] {
		command, _, _ := strings.Cut(part, "\n```\n")
		out = append(out, command)
	}
	return out
}

func boxes(page []byte) (out []string) {
	in := ""
	for z := html.NewTokenizer(bytes.NewReader(page)); ; {
		switch z.Next() { //nolint:exhaustive // the rest isn't of interest
		case html.ErrorToken:
			return out
		case html.StartTagToken:
			name, _ := z.TagName()
			in += "<" + string(name) + ">"
		case html.TextToken:
			if strings.HasSuffix(in, "<pre><code>") {
				out = append(out, string(z.Text()))
			}
			in = ""
		default:
			in = ""
		}
	}
}

// TestHTML_runsOneScript: the page's policy permits the script that copies commands, by
// its hash, and no other.
func TestHTML_runsOneScript(t *testing.T) {
	var b bytes.Buffer
	if err := HTML(&b, story()); err != nil {
		t.Fatal(err)
	}
	_, script, ok := strings.Cut(b.String(), "<script>")
	script, _, closed := strings.Cut(script, "</script>")
	if !ok || !closed {
		t.Fatal("no script")
	}
	sum := sha256.Sum256([]byte(script))
	want := "script-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	z := html.NewTokenizer(&b)
	for z.Next() != html.ErrorToken {
		tok := z.Token()
		if tok.Data == "meta" && slices.ContainsFunc(tok.Attr,
			func(a html.Attribute) bool { return a.Key == "content" && strings.HasSuffix(a.Val, want) }) {
			return
		}
	}
	t.Errorf("the policy doesn't say %s", want)
}
