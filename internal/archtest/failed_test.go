package archtest

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
)

// failedRuns are outputs of go test -v, and what .ci/failed says of them.
var failedRuns = map[string]struct{ output, want string }{
	"an error in a subtest, after others": {
		"=== RUN   TestA\n=== RUN   TestA/one\n    a_test.go:3: fine\n=== RUN   TestA/two\n    a_test.go:4: wrong\n" +
			"--- FAIL: TestA (0.00s)\n    --- PASS: TestA/one (0.00s)\n    --- FAIL: TestA/two (0.00s)\nFAIL\nFAIL\tx\t0.1s\nFAIL\n",
		"failed: x TestA/two\n      a_test.go:4: wrong\npackages that failed:\nx\t0.1s\nfailed: x TestA/two\n",
	},
	"a race": {
		"=== RUN   TestB\n==================\nWARNING: DATA RACE\nWrite at 0x1 by goroutine 8:\n" +
			"    testing.go:1712: race detected during execution of test\n--- FAIL: TestB (0.00s)\nFAIL\nFAIL\tx\t0.1s\n",
		"failed: x TestB\n  ==================\n  WARNING: DATA RACE\n  Write at 0x1 by goroutine 8:\n" +
			"      testing.go:1712: race detected during execution of test\n" +
			"races and panics:\n  WARNING: DATA RACE\n  Write at 0x1 by goroutine 8:\n" +
			"      testing.go:1712: race detected during execution of test\n  --- FAIL: TestB (0.00s)\n  FAIL\n  FAIL\tx\t0.1s\n" +
			"packages that failed:\nx\t0.1s\nfailed: x TestB\n",
	},
	"a test that never ends": {
		"=== RUN   TestC\n=== RUN   TestC/sub\n    a_test.go:3: before\npanic: test timed out after 8s\n\n" +
			"goroutine 9 [running]:\nFAIL\tx\t8.0s\n",
		"didn't end: x TestC/sub\n      a_test.go:3: before\nraces and panics:\n  panic: test timed out after 8s\n  \n" +
			"  goroutine 9 [running]:\n  FAIL\tx\t8.0s\npackages that failed:\nx\t8.0s\ndidn't end: x TestC/sub\n",
	},
	"a program that exits": {
		"=== RUN   TestD\nFAIL\tx\t0.1s\n",
		"didn't end: x TestD\npackages that failed:\nx\t0.1s\ndidn't end: x TestD\n",
	},
	"what TestMain says": {
		"=== RUN   TestE\n--- PASS: TestE (0.00s)\nPASS\ngoroutines are left\nFAIL\tx\t0.1s\n",
		"failed: x\n  goroutines are left\npackages that failed:\nx\t0.1s\nfailed: x\n",
	},
	"a package that doesn't build": {
		"# x [x.test]\n./a_test.go:3:27: undefined: y\nok  \tz\t0.1s\nFAIL\tx [build failed]\n",
		"doesn't build:\n  # x [x.test]\n  ./a_test.go:3:27: undefined: y\npackages that failed:\nx [build failed]\n",
	},
	"a long message": {
		"=== RUN   TestG\n    a_test.go:5: doesn't come:\n" + strings.Repeat("        row\n", 20) + "--- FAIL: TestG (0.00s)\nFAIL\nFAIL\tx\t0.1s\n",
		"failed: x TestG\n      a_test.go:5: doesn't come:\n" + strings.Repeat("          row\n", 12) +
			"packages that failed:\nx\t0.1s\nfailed: x TestG\n",
	},
	"nothing": {"=== RUN   TestF\n--- PASS: TestF (0.00s)\nPASS\nok  \tx\t0.1s\n", ""},
}

func failedOf(t *testing.T, output string) string {
	t.Helper()
	awk, err := exec.LookPath("awk")
	if err != nil {
		t.Skip("awk isn't installed")
	}
	cmd := exec.CommandContext(t.Context(), awk, "-f", "../../.ci/failed")
	cmd.Stdin = strings.NewReader(output)
	got, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, got)
	}
	return string(got)
}

func TestFailed_saysWhatFailed(t *testing.T) {
	for name, c := range failedRuns {
		if got := failedOf(t, c.output); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

// TestFailed_endsWithTheNames: whoever has the last 4 KB of the output of CI reads names.
func TestFailed_endsWithTheNames(t *testing.T) {
	var output strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&output, "=== RUN   TestA%d\n    a_test.go:3: %s\n--- FAIL: TestA%d (0.00s)\n", i, strings.Repeat("long ", 100), i)
	}
	got := failedOf(t, output.String()+"FAIL\nFAIL\tx\t0.1s\n")
	end := got[len(got)-4000:]
	if !strings.Contains(end, "\nfailed: x TestA0\n") || !strings.HasSuffix(end, " more\n") || len(got) > 150_000 {
		t.Errorf("%d bytes that end with\n%s", len(got), end)
	}
}
