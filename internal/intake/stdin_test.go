package intake_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/cryptotest"

	"detour/internal/aws"
	"detour/internal/export"
	"detour/internal/intake"
	"detour/ui/web"
)

// An export of what is held of stdin has the bytes of one whose flows are in memory. What isn't one HAR or
// JSON Lines isn't held, and read as ever.
func TestReader_holdsStdin(t *testing.T) {
	tables, err := aws.Load()
	if err != nil {
		t.Fatal(err)
	}
	of := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join("testdata", "judgement", name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	pairs := linesOf(t, tables, filepath.Join("testdata", "judgement", "preflight-beacon.har"))
	var har []byte
	if har, err = os.ReadFile(harOf(t, 60)); err != nil {
		t.Fatal(err)
	}
	lines := strings.Join(pairs, "") + strings.Repeat(" ", 1<<16) + "\n"
	as := export.Writer{Version: "test", HTML: web.New(web.Options{}).Report}
	for what, tc := range map[string]struct {
		in      []byte
		streams bool
	}{
		"a HAR":            {har, true},
		"a cut HAR":        {har[:len(har)*2/3], true},
		"JSON Lines":       {[]byte(lines), true},
		"a compressed HAR": {compressed(har), false},
		"a small HAR":      {of("preflight-beacon.har")[:2000], false},
		"several HARs":     {bytes.Repeat(har, 2), false},
	} {
		var want, got bytes.Buffer
		r := intake.Reader{Tables: tables, Whole: true, Stdin: bytes.NewReader(tc.in)}
		cryptotest.SetGlobalRandom(t, 1) // the keys of pseudonyms
		c, wantErr := r.Read(t.Context(), "-")
		r.Stdin = bytes.NewReader(tc.in)
		cryptotest.SetGlobalRandom(t, 1)
		r.Hold(t.Context(), "-")
		s := r.Stream(t.Context(), "-")
		if tc.streams != (s != nil) {
			t.Fatalf("%s is streamed: %v", what, s != nil)
		}
		if wantErr == nil {
			wantErr = as.Write(&want, "bundle", c)
		}
		var gotErr error
		if s != nil {
			gotErr = as.WriteOf(&got, "bundle", s.Capture, s)
			s.Close()
		} else {
			cryptotest.SetGlobalRandom(t, 1)
			if c, gotErr = r.Read(t.Context(), "-"); gotErr == nil {
				gotErr = as.Write(&got, "bundle", c)
			}
		}
		if !bytes.Equal(got.Bytes(), want.Bytes()) || (gotErr == nil) != (wantErr == nil) || wantErr == nil && got.Len() == 0 {
			t.Errorf("%s: %d bytes, %v, want %d, %v", what, got.Len(), gotErr, want.Len(), wantErr)
		}
	}
}

// Whoever interrupts detour while it waits for stdin needn't wait for that, and what comes of an error isn't lost.
func TestReader_holdsNoStdinThatEnds(t *testing.T) {
	in, w := io.Pipe()
	defer w.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := intake.Reader{Stdin: in}
	r.Hold(ctx, "-")
	if _, err := r.Read(ctx, "-"); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	r = intake.Reader{Stdin: strings.NewReader("x")}
	for range 2 {
		r.Hold(t.Context(), "-")
	}
	if b, err := io.ReadAll(r.Stdin); string(b) != "x" || err != nil {
		t.Errorf("%q, %v", b, err)
	}
}
