package heldtext_test

import (
	"bytes"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"detour/internal/heldtext"
)

// A text is read again as often as wanted, from anywhere, with the error at its end.
func TestText_isWhatWasRead(t *testing.T) {
	torn := errors.New("torn")
	for _, size := range []int{0, 1, 1<<20 - 1, 1 << 20, 1<<20 + 1, 3<<20 + 5} {
		want := make([]byte, size)
		for i := range want {
			want[i] = byte('a' + rand.IntN(i%20+1))
		}
		for _, end := range []error{io.EOF, torn} {
			x, err := heldtext.Read(io.MultiReader(bytes.NewReader(want), iotest.ErrReader(end)))
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				got, err := io.ReadAll(io.NewSectionReader(x, 0, math.MaxInt64))
				if !bytes.Equal(got, want) || errors.Is(end, torn) != errors.Is(err, torn) {
					t.Errorf("%d of %d bytes, %v", len(got), size, err)
				}
			}
			for range 20 {
				at := rand.IntN(size + 1)
				p := make([]byte, rand.IntN(1+size-at))
				if n, err := x.ReadAt(p, int64(at)); err != nil || !bytes.Equal(p[:n], want[at:at+len(p)]) {
					t.Errorf("%d of %d bytes at %d of %d: %v", n, len(p), at, size, err)
				}
			}
		}
	}
}

// What repeats itself takes little memory.
func TestText_isCompressed(t *testing.T) {
	const size = 16 << 20
	heap := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc) //nolint:gosec // a size
	}
	text := strings.Repeat(`{"name":"x-amz-date","value":"20261124T090000Z"},`, size/50)
	before := heap()
	x, err := heldtext.Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if took := heap() - before; took > size/4 {
		t.Errorf("%d bytes of %d are in memory", took, size)
	}
	if _, err := x.ReadAt(make([]byte, 1), int64(len(text)-1)); err != nil {
		t.Error(err)
	}
}
