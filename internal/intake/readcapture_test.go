package intake

import (
	"path/filepath"
	"testing"

	"detour/internal/capture/disk"
	"detour/internal/flow"
)

// TestRead_redactsACaptureAgain: an earlier version, or another program, may have written
// secrets into it.
func TestRead_redactsACaptureAgain(t *testing.T) {
	for kind, secret := range kinds {
		for _, raw := range []bool{false, true} {
			path := filepath.Join(t.TempDir(), "x.detour")
			f, err := disk.Create(path, disk.Header{Creator: secret(0), RawSecrets: raw})
			if err != nil {
				t.Fatal(err)
			}
			x := filled(secret)
			x.Findings, x.Why, x.Origin = nil, nil, flow.OriginDirect
			if err := f.Write(disk.Batch{Flows: []*flow.Flow{x}, Steps: []flow.Step{{Text: secret(1)}}}); err != nil {
				t.Fatal(err)
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
			got, err := Reader{Tables: load(t), Whole: true}.Read(t.Context(), path)
			if err != nil || len(got.Flows) != 1 {
				t.Fatalf("%s: %d flows: %v", kind, len(got.Flows), err)
			}
			if raw {
				if got.Flows[0].Note != x.Note {
					t.Errorf("%s: with --keep-secrets the note is %q", kind, got.Flows[0].Note)
				}
				continue
			}
			got.File = ""
			checkNoCanary(t, kind, got)
		}
	}
}
