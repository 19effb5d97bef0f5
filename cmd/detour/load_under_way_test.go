package main

import (
	"bytes"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"detour/internal/capture/disk"
	"detour/internal/flow"
)

// TestExport_filtersWhatWasInProgressAsTheTableShowsIt: as pending, in a run and in its file. The
// record says that it was still in progress when the recording ended.
func TestExport_filtersWhatWasInProgressAsTheTableShowsIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "killed.detour")
	f, err := disk.Create(path, disk.Header{})
	if err != nil {
		t.Fatal(err)
	}
	open := &flow.Flow{ID: 1, Rev: 1, State: flow.StateConnecting, Conn: &flow.Conn{Attempts: []flow.DialAttempt{{}}}, Origin: flow.OriginDirect, Request: flow.Request{Method: "POST", URL: "https://logs.eu-central-1.amazonaws.com/"}}
	if err := errors.Join(f.Write(disk.Batch{Flows: []*flow.Flow{open}}), f.Close()); err != nil {
		t.Fatal(err)
	}
	for expr, rows := range map[string]int{"is:pending": 1, "tcp:pending": 1, "failure:dial": 0, "is:failed": 0} {
		var out, said bytes.Buffer
		code := run([]string{"export", path, "--format", "csv", "--filter", expr}, &out, &said)
		if code != exitDone || strings.Count(out.String(), "\n") != 1+rows || strings.Count(out.String(), "dial: still in progress") != rows {
			t.Errorf("%s: %d, %s%s", expr, code, out.String(), said.String())
		}
	}
}
