package disk

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"detour/internal/capture"
)

// niceValues are those of all threads (proc_pid_stat(5), 19).
func niceValues(t *testing.T) (all []int) {
	t.Helper()
	files, err := filepath.Glob("/proc/self/task/*/stat")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			continue // it ended
		}
		n, err := strconv.Atoi(string(bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:])[16]))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, n)
	}
	return all
}

func TestRecorder_writesOnAThreadThatOthersGoBefore(t *testing.T) {
	normal := slices.Min(niceValues(t))
	if normal+behind > 19 {
		t.Skip("the tests have the lowest priority")
	}
	await := func(what string, n int) {
		t.Helper()
		for end := time.Now().Add(time.Minute); ; {
			lower := 0
			for _, nice := range niceValues(t) {
				if nice == normal+behind {
					lower++
				}
			}
			if lower == n {
				return
			}
			if time.Now().After(end) {
				t.Fatalf("%s: %d threads have a lower priority", what, lower)
			}
		}
	}
	r := Record(capture.New(capture.Options{}), create(t), RecorderOptions{})
	await("while it records", 1)
	r.Close()
	await("when it has ended", 0)
}
