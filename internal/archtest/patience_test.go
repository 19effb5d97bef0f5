package archtest

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// hasty matches the deadline of a loop or of a select that is less than a minute away, and goleak's
// own check, which waits for half a second. A test that
// waits for what other goroutines and programs do has to allow for a machine on which they seldom
// get a turn. Where the time is what is tested, it is a synctest's.
var hasty = regexp.MustCompile(`goleak\.Verify|` +
	`((deadline|end|until) :?= time\.(Now\(\)\.Add|After)|case <-time\.After)\(([0-9]+ ?\* ?)?time\.(Second|Millisecond)\b`)

func TestTests_waitAMinute(t *testing.T) {
	top := root(t)
	err := filepath.WalkDir(top, func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && strings.HasPrefix(d.Name(), ".") && p != top:
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(p, "_test.go"):
			return nil
		}
		b, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		for line := range strings.Lines(string(b)) {
			if hasty.MatchString(line) {
				t.Errorf("%s: it may have to wait for a minute: %s", p, strings.TrimSpace(line))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
