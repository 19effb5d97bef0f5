package browser

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
)

func TestLogWriter_writesWholeLinesAndNoSecrets(t *testing.T) {
	var b bytes.Buffer
	o := newLogWriter(slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{Level: slog.LevelDebug})), func(s string) string { return strings.ReplaceAll(s, "c4n4ry", "redacted") })
	for _, s := range []string{"fir", "st\n\n\x1b[31msec", "ond https://x.test/?X-Amz-Signature=c4n4ry", "\nunfinished"} {
		if n, err := o.Write([]byte(s)); n != len(s) || err != nil {
			t.Errorf("%d %v", n, err)
		}
	}
	got := b.String()
	if n := strings.Count(got, "\n"); n != 2 || !strings.Contains(got, "line=first\n") || !strings.Contains(got, "sec") {
		t.Errorf("%d lines:\n%s", n, got)
	}
	for _, x := range []string{"c4n4ry", "\x1b"} {
		if strings.Contains(got, x) {
			t.Errorf("%q is in\n%s", x, got)
		}
	}
}

func TestLogWriter_isBounded(t *testing.T) {
	var b bytes.Buffer
	o := newLogWriter(slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{Level: slog.LevelDebug})), func(s string) string { return s })
	long := []byte(strings.Repeat("x", 10*maxLogLine) + "\n")
	for range 2 * maxLog / maxLogLine {
		_, _ = o.Write(long)
	}
	if n := b.Len(); n > maxLog+maxLog/4 || len(o.line) > maxLogLine {
		t.Errorf("%d bytes are written", n)
	}
	if n := strings.Count(b.String(), "the rest is not logged"); n != 1 {
		t.Errorf("that is said %d times", n)
	}
}
