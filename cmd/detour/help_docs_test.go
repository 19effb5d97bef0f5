package main

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"detour/internal/docgen"
	"detour/internal/helptext"
)

// topicPages are the pages of docs that a topic is on. That of filters is made by
// internal/filter.
var topicPages = map[string]string{
	"browsers":    "browsers.md",
	"capture":     "capture.md",
	"concepts":    "concepts.md",
	"config":      "settings.md",
	"environment": "settings.md",
	"exit-codes":  "scripting.md",
	"findings":    "findings.md",
	"licences":    "internals/dependencies.md",
	"privacy":     "privacy.md",
	"sharing":     "sharing.md",
	"table":       "table.md",
	"upstream":    "corporate-networks.md",
}

func TestDocs_topicsAreOnTheirPages(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the pages show Linux's paths")
	}
	const home = "/~" // as long as what the pages have in its place
	t.Setenv("HOME", home)
	for _, name := range []string{"XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"} {
		t.Setenv(name, "")
	}
	root := rootCommand(nil, nil)
	for _, topic := range topics() {
		page, ok := topicPages[topic.name]
		if !ok {
			if topic.source() != "" {
				t.Errorf("the topic %s is on no page", topic.name)
			}
			continue
		}
		text := helptext.Markdown(topic.source(), fillOf(root, browserPlaces))
		text = strings.ReplaceAll(text, home+"/", "~/")
		docgen.Section(t, filepath.Join("..", "..", "docs", page), "topic "+topic.name, text, *update)
	}
}

var (
	fenceOfShell = regexp.MustCompile("(?s)```sh\n(.*?)```")
	// commandOfOurs is detour where a command begins, up to where the shell goes on.
	commandOfOurs = regexp.MustCompile(`(?m)(?:^|[|;(] *|if )detour\b([^\n|;)>]*)`)
	comment       = regexp.MustCompile(`(^| )#.*`)
	quoted        = regexp.MustCompile(`'[^']*'`)
)

// TestDocs_commandsAreThere: what the pages tell people to type has commands and flags
// that there are.
func TestDocs_commandsAreThere(t *testing.T) {
	pages := []string{filepath.Join("..", "..", "README.md")}
	err := filepath.WalkDir(filepath.Join("..", "..", "docs"), func(path string, _ fs.DirEntry, err error) error {
		if filepath.Ext(path) == ".md" {
			pages = append(pages, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, page := range pages {
		b, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, fence := range fenceOfShell.FindAllStringSubmatch(string(b), -1) {
			for _, m := range commandOfOurs.FindAllStringSubmatch(quoted.ReplaceAllString(fence[1], "X"), -1) {
				n++
				root := rootCommand(io.Discard, io.Discard)
				args := strings.Fields(comment.ReplaceAllString(m[1], ""))
				c, rest, err := root.Find(args)
				if err == nil {
					err = c.ParseFlags(rest)
				}
				if err == nil && c.Args != nil {
					err = c.ValidateArgs(c.Flags().Args())
				}
				if err != nil {
					t.Errorf("%s: detour %s: %v", page, strings.Join(args, " "), err)
				}
			}
		}
	}
	if n < 30 {
		t.Errorf("only %d commands were looked at", n)
	}
}
