package intake_test

import (
	"path/filepath"
	"testing"

	"detour/internal/aws"
)

// judgement holds the HARs of which the tests know what is found in them.
var judgement = filepath.Join("testdata", "judgement")

// recordedHARs returns the paths of the HARs in a directory, of which there is at least one.
func recordedHARs(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.har"))
	if err != nil || len(files) == 0 {
		t.Fatal(err, "no files")
	}
	return files
}

func loadTables(t *testing.T) *aws.Tables {
	t.Helper()
	tables, err := aws.Load()
	if err != nil {
		t.Fatal(err)
	}
	return tables
}
