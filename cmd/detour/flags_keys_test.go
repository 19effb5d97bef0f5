package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"detour/internal/usererr"
)

func TestKeys_areSettings(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config")
	for _, c := range []struct{ text, want, hint string }{
		{"keys.mark = M\nkeys.note = Ctrl-N\n", "stdout isn't a terminal", ""},
		{"keys.mark = M\nkeys.mrak = N\n", `:2: keys: there is no action "mrak"; did you mean mark?`, "--keys"},
		{"keys.mark = y\n", "--keys: y can't be the key of mark: it is the key of copy (set by " + path + ":1)", "bind the other action to another key"},
		{"keys = mark\n", `"mark" is not ACTION=KEY`, ""},
		{"key.mark = M\n", `"key.mark" isn't a flag`, "lists the flags"},
		{"theme.mark = M\n", `"theme.mark" isn't a flag`, ""},
	} {
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		root := rootCommand(io.Discard, io.Discard)
		root.SetArgs([]string{"open", "--config", path, "../../internal/har/testdata/chrome-story.har"})
		err := root.Execute()
		if ue := usererr.As(err); ue == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(ue.Hint, c.hint) {
			t.Errorf("%q: %v (hint %v), want %s", c.text, err, ue, c.want)
		}
	}
}
