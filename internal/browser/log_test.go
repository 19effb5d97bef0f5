package browser

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"detour/internal/fault"
)

func TestLogWriter_writesWholeLinesAndNoSecrets(t *testing.T) {
	var b bytes.Buffer
	o := newLogWriter(slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{Level: slog.LevelDebug})), func(s string) string { return strings.ReplaceAll(s, "c4n4ry", "redacted") }, nil)
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
	o := newLogWriter(slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{Level: slog.LevelDebug})), func(s string) string { return s }, nil)
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

// A line with which redaction panics is missing alone, and the browser's output is read on.
func TestLogWriter_goesOnAfterAPanic(t *testing.T) {
	var b bytes.Buffer
	log := slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var notices []string
	w := LogTo(log, func(s string) string {
		if s == "second" {
			panic(s)
		}
		return s
	}, fault.NewGuard(log, func(text string) { notices = append(notices, text) }))
	o, to, err := newOutput(w)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = to.WriteString("first\nsecond\nthird\n")
	_ = to.Close()
	<-o.done
	o.end()
	got := b.String()
	if !strings.Contains(got, "line=first") || strings.Contains(got, "line=second") || !strings.Contains(got, "line=third") || len(notices) != 1 {
		t.Errorf("notices %q, log:\n%s", notices, got)
	}
	if last := o.last(); last != "second; third" {
		t.Errorf("the last lines are %q", last)
	}
}
