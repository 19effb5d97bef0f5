package main

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"detour/internal/intake"
)

func TestOutputLog_writesWholeLinesAndNoSecrets(t *testing.T) {
	var b bytes.Buffer
	o := newOutputLog(slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{Level: slog.LevelDebug})), intake.New(intake.Config{}).Text)
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

func TestOutputLog_isBounded(t *testing.T) {
	var b bytes.Buffer
	o := newOutputLog(slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{Level: slog.LevelDebug})), func(s string) string { return s })
	long := []byte(strings.Repeat("x", 10*maxOutputLine) + "\n")
	for range 2 * maxOutput / maxOutputLine {
		_, _ = o.Write(long)
	}
	if n := b.Len(); n > maxOutput+maxOutput/4 || len(o.line) > maxOutputLine {
		t.Errorf("%d bytes are written", n)
	}
	if n := strings.Count(b.String(), "more, which isn't written"); n != 1 {
		t.Errorf("that is said %d times", n)
	}
}

// TestLog_hasNoSecret: neither in what is said nor in the errors that go with it.
func TestLog_hasNoSecret(t *testing.T) {
	var b bytes.Buffer
	const secret = "hunter2hunter2"
	log := slog.New(redactingHandler(&b))
	log.Error("can't get https://u:"+secret+"@h/", "error", errors.New(`Get "https://h/?X-Amz-Signature=`+secret+`": refused`), "line", "password="+secret, "n", 7)
	if got := b.String(); strings.Contains(got, secret) || strings.Count(got, "redacted:") != 3 || !strings.Contains(got, "level=ERROR") || !strings.Contains(got, "n=7") {
		t.Errorf("the log has %s", got)
	}
}
