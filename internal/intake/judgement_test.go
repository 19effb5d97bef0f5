package intake

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"detour/internal/flow"
)

// codesOf are the codes of findings.
func codesOf(found []flow.Finding) (out []string) {
	for _, f := range found {
		out = append(out, f.Code)
	}
	return out
}

// TestReader_findsTheSameWithAndWithoutHeaders: diagnose reads without headers and bodies,
// export and open with them.
func TestReader_findsTheSameWithAndWithoutHeaders(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "judgement", "*.har"))
	if err != nil || len(files) == 0 {
		t.Fatal(err, "no files")
	}
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".har"), func(t *testing.T) {
			read := func(whole bool) []flow.Finding {
				t.Helper()
				got, err := Reader{Tables: load(t), Whole: whole}.Read(t.Context(), path)
				if err != nil {
					t.Fatal(err)
				}
				return got.Findings
			}
			bare, whole := read(false), read(true)
			if !reflect.DeepEqual(bare, whole) {
				t.Errorf("without headers: %v\nwith them: %v", codesOf(bare), codesOf(whole))
			}
		})
	}
}
