package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"detour/internal/capture/disk"
	"detour/internal/flow"
	replay "detour/internal/recorded" // a function of this package has the name
)

// TestOpen_whatIsNotedHasNoSecret: neither on the screen nor in the file that is edited.
func TestOpen_whatIsNotedHasNoSecret(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.detour")
	made, err := disk.Create(path, disk.Header{})
	if err != nil {
		t.Fatal(err)
	}
	f := &flow.Flow{ID: 7, Rev: 1, State: flow.StateDone, Request: flow.Request{Method: "GET", URL: "https://h.example/"}, Times: flow.Times{Start: time.Now(), Done: time.Now()}}
	if err := made.Write(disk.Batch{Flows: []*flow.Flow{f}}); err != nil {
		t.Fatal(err)
	}
	if err := made.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := disk.Edit(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	store := replay.Of(replay.Config{}, &flow.Capture{Flows: []*flow.Flow{f}}).Store()
	_, note := replay.Edits(store, file)
	const secret = "IQoJb3JpZ2luX2VjEXAMPLEEXAMPLEEXAMPLEEXAMPLEEXAMPLEEXAMPLEEXAMPLE"
	if err := note(7, "with "+secret); err != nil {
		t.Fatal(err)
	}
	kept, err := file.Get(t.Context(), 7)
	if err != nil {
		t.Fatal(err)
	}
	for where, text := range map[string]string{"the screen": store.Get(7).Note, "the file": kept.Note} {
		if strings.Contains(text, secret) || !strings.HasPrefix(text, "with redacted:token:") {
			t.Errorf("%s has %q", where, text)
		}
	}
}
