package report

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"io"
	"testing"
	"time"

	"detour/internal/flow"
)

func TestCSV_tamesCellsAndMarksSecrets(t *testing.T) {
	f := &flow.Flow{ID: 1, Request: flow.Request{Method: "\tGET", URL: "\x1b]0;x"}, Page: "@SUM(1)", Note: "=1+1"}
	for _, raw := range []bool{false, true} {
		var b bytes.Buffer
		if err := CSV(&b, &flow.Capture{Flows: []*flow.Flow{f}, RawSecrets: raw}); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(&b).ReadAll()
		if err != nil || len(rows) != 2 {
			t.Fatalf("%v, %v", rows, err)
		}
		got := make(map[string]string)
		for i, name := range rows[0] {
			got[name] = rows[1][i]
		}
		want := map[string]string{"method": "�GET", "url": "�]0;x", "page": "'@SUM(1)", "note": "'=1+1",
			"secrets": map[bool]string{false: "redacted", true: "kept"}[raw]}
		for name, v := range want {
			if got[name] != v {
				t.Errorf("%s is %q, want %q", name, got[name], v)
			}
		}
	}
}

func TestBundle_hasTheTimeOfTheCaptureOrTheFirstThatZipCanSay(t *testing.T) {
	at := time.Date(2026, 11, 24, 9, 0, 1, 0, time.UTC)
	for start, want := range map[time.Time]time.Time{at: at, {}: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)} {
		var b bytes.Buffer
		part := Part{"a", func(w io.Writer) error { _, err := w.Write([]byte("a")); return err }}
		if err := Bundle(&b, &flow.Capture{Flows: []*flow.Flow{{Times: flow.Times{Start: start}}}}, "test", []Part{part}); err != nil {
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
