package disk

import (
	"path/filepath"
	"testing"
	"time"

	"detour/internal/flow"
)

func TestAddStep_ofAnyTimeIsReadByTime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.detour")
	f, err := Create(path, Header{Creator: "test"})
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	if err := f.Write(Batch{Steps: []flow.Step{{At: at, Text: "second"}}}); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if f, err = Edit(path); err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.AddStep(flow.Step{At: at.Add(-time.Second), Text: "first"}); err != nil {
		t.Fatal(err)
	}
	c, err := f.About(t.Context())
	if err != nil || len(c.Steps) != 2 || c.Steps[0].Text != "first" || !c.Steps[0].At.Equal(at.Add(-time.Second)) || c.Steps[1].Text != "second" {
		t.Errorf("%v: %+v", err, c.Steps)
	}
}
