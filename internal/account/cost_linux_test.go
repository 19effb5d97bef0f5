package account

import (
	"encoding/json"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// cpu is the least time of the processor that f takes on one thread, of three tries.
func cpu(t *testing.T, f func()) (least time.Duration) {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	now := func() time.Duration {
		var u unix.Rusage
		if err := unix.Getrusage(unix.RUSAGE_THREAD, &u); err != nil {
			t.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	for i := range 3 {
		began := now()
		f()
		if took := now() - began; i == 0 || took < least {
			least = took
		}
	}
	return least
}

// A large account and a long capture cost a small multiple of parsing the files: at 10 ms for
// that, as of 2026, less than a second.
func TestStudy_ofALargeAccountIsFast(t *testing.T) {
	files, flows := large(1_000, 50_000)
	reference := cpu(t, func() {
		for _, f := range files {
			var v any
			if err := json.Unmarshal(f.Data, &v); err != nil {
				t.Fatal(err)
			}
		}
	})
	var c *Config
	read := cpu(t, func() { c = Read(files) })
	study := cpu(t, func() { c.Study(flows, began.Add(time.Minute), Client{}) })
	t.Logf("parse %v, read %v, study %v", reference, read, study)
	if read > 10*reference {
		t.Errorf("reading takes %v, and parsing %v", read, reference)
	}
	if study > 60*reference {
		t.Errorf("50,000 flows take %v, and parsing %v", study, reference)
	}
}
