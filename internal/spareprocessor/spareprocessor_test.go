package spareprocessor

import (
	"runtime"
	"testing"
)

func TestAdd_addsOne(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(before)
	Add()
	if now := runtime.GOMAXPROCS(0); now != before+1 {
		t.Errorf("there are %d after %d", now, before)
	}
}
