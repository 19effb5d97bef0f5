// Package leaktest fails tests that leave goroutines behind. It waits for them longer than
// goleak does, whose half a second is too short for a machine that is busy.
package leaktest

import (
	"fmt"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// patience is how long a goroutine may take to end.
const patience = time.Minute

// Main runs the tests of a package, and fails if goroutines are left. It doesn't return.
func Main(m *testing.M) {
	code := m.Run()
	if code == 0 {
		if err := Find(); err != nil {
			fmt.Fprintln(os.Stderr, "the tests passed, but", err)
			code = 1
		}
	}
	os.Exit(code)
}

// Find waits until no goroutines are left but those that the options are for, and returns an error
// with the others if they don't end.
func Find(options ...goleak.Option) error { return find(patience, options...) }

func find(patience time.Duration, options ...goleak.Option) (err error) {
	for end := time.Now().Add(patience); ; {
		if err = goleak.Find(options...); err == nil || time.Now().After(end) {
			return err
		}
	}
}
