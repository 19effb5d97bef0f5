package main

import (
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"detour/internal/helptext"
	"detour/internal/papers"
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
	"privacy":     "privacy.md",
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
		papers.Section(t, filepath.Join("..", "..", "docs", page), "topic "+topic.name, text, *update)
	}
}
