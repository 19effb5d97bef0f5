package disk

import (
	"bytes"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"detour/internal/capture"
)

// niceValues are those of all threads, by ID (proc_pid_stat(5), 19).
func niceValues(t *testing.T) map[int]int {
	t.Helper()
	files, err := filepath.Glob("/proc/self/task/*/stat")
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[int]int)
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			continue // it ended
		}
		id, idErr := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		nice, err := strconv.Atoi(string(bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:])[16]))
		if err := errors.Join(idErr, err); err != nil {
			t.Fatal(err)
		}
		all[id] = nice
	}
	return all
}

func TestRecorder_writesOnAThreadThatOthersGoBefore(t *testing.T) {
	before := niceValues(t)
	normal := slices.Min(slices.Collect(maps.Values(before)))
	if normal+behind > 19 {
		t.Skip("the tests have the lowest priority")
	}
	// changed are the threads with the writer's priority that didn't have it before.
	changed := func() (ids []int) {
		for id, nice := range niceValues(t) {
			if nice == normal+behind && before[id] != nice {
				ids = append(ids, id)
			}
		}
		return ids
	}
	await := func(what string, want func(ids []int) bool) {
		t.Helper()
		for end := time.Now().Add(time.Minute); ; {
			ids := changed()
			if want(ids) {
				return
			}
			if time.Now().After(end) {
				t.Fatalf("%s: threads %v have a lower priority", what, ids)
			}
		}
	}
	r := Record(capture.New(capture.Options{}), create(t), RecorderOptions{})
	await("while it records", func(ids []int) bool { return len(ids) == 1 })
	r.Close()
	await("when it has ended", func(ids []int) bool {
		// The process's first thread can't end: Go's runtime parks it for good.
		return !slices.ContainsFunc(ids, func(id int) bool { return id != os.Getpid() })
	})
}
