// Package onwine lets tests of the Windows build skip what Wine can't do, which isn't Windows.
package onwine

import "testing"

// Skip skips a test on Wine, with what Wine lacks as the reason.
func Skip(t testing.TB, lacks string) {
	t.Helper()
	if is() {
		t.Skip("Wine " + lacks)
	}
}
