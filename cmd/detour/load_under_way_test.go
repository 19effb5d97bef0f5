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

// TestExport_filtersWhatWasInProgressByHowItEnds: that is known once it is read.
func TestExport_filtersWhatWasInProgressByHowItEnds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "killed.detour")
	f, err := disk.Create(path, disk.Header{})
	if err != nil {
		t.Fatal(err)
	}
	open := &flow.Flow{ID: 1, Rev: 1, State: flow.StateConnecting, Origin: flow.OriginDirect, Request: flow.Request{Method: "POST", URL: "https://logs.eu-central-1.amazonaws.com/"}}
	if err := errors.Join(f.Write(disk.Batch{Flows: []*flow.Flow{open}}), f.Close()); err != nil {
		t.Fatal(err)
	}
	var out, said bytes.Buffer
	if code := run([]string{"export", path, "--format", "csv", "--filter", "failure:dial"}, &out, &said); code != exitDone || strings.Count(out.String(), "\n") != 2 {
		t.Errorf("%d, %s%s", code, out.String(), said.String())
	}
}
