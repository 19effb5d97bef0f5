package report

import (
	"archive/zip"
	"bytes"
	"io"
	"testing"
	"time"

	"detour/internal/flow"
)

func TestBundle_hasTheTimeOfTheCaptureOrTheFirstThatZipCanSay(t *testing.T) {
	at := time.Date(2026, 11, 24, 9, 0, 1, 0, time.UTC)
	for start, want := range map[time.Time]time.Time{at: at, {}: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)} {
		var b bytes.Buffer
		part := Part{"a", func(w io.Writer) error { _, err := w.Write([]byte("a")); return err }}
		c := &flow.Capture{Flows: []*flow.Flow{{Times: flow.Times{Start: start}}}}
		if err := Bundle(&b, c, Of(c), "test", []Part{part}); err != nil {
			t.Fatal(err)
		}
		z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
		if err != nil {
			t.Fatal(err)
		}
		if got := z.File[0].Modified; !got.Equal(want) {
			t.Errorf("%v is given for %v", got, start)
		}
	}
}
