package feed

import (
	"bytes"
	"testing"
	"time"

	"detour/internal/capture"
	"detour/internal/flow"
	"detour/ui/flowtest"
)

// TestStrict_recordsSayThatAddressesAreReplaced: somebody could take them for servers otherwise.
func TestStrict_recordsSayThatAddressesAreReplaced(t *testing.T) {
	for _, strict := range []bool{false, true} {
		f := call(1, "a.amazonaws.com", 0)
		file, run := newBackend(t), newBackend(t)
		o := Options{To: file.URL, Choice: "all"}
		cfg, err := o.Config()
		if err != nil {
			t.Fatal(err)
		}
		c := &flow.Capture{Flows: []*flow.Flow{&f}, Last: flowtest.At(0).Add(time.Hour), Strict: strict}
		if _, err := o.File(t.Context(), c, c.Reader(), asIs{}, "v1", cfg); err != nil {
			t.Fatal(err)
		}
		r, err := Options{To: run.URL, Choice: "all"}.Run(strict)
		if err != nil {
			t.Fatal(err)
		}
		store := capture.New(capture.Options{})
		r.Begin(store, asIs{}, "v1", "", nil)
		store.Put(f)
		r.End()
		for name, b := range map[string]*backend{"file": file, "run": run} {
			if said := bytes.Contains(b.bytes, []byte("detour.privacy")); said != strict || len(b.logs) == 0 {
				t.Errorf("%s, strict %v: %d records, which say so: %v", name, strict, len(b.logs), said)
			}
		}
	}
}
