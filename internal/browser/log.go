package browser

import (
	"bytes"
	"io"
	"log/slog"

	"detour/internal/fault"
)

const (
	maxLogLine = 1 << 10 // bytes of one line that a browser writes
	maxLog     = 1 << 20 // bytes of all its lines, in a run
)

// A logWriter writes a browser's output to a log, line by line, up to a limit. It is
// written to by one goroutine at a time.
type logWriter struct {
	log    *slog.Logger
	redact func(string) string
	faults *fault.Guard
	line   []byte // the beginning of the current line
	left   int    // bytes that may still be written
}

// LogTo returns a writer for Options.Log that writes the browser's output to a log, in
// whole lines and up to 1 MiB. redact takes secrets out of each line. A line with which that panics is
// left out; if faults is nil, the process ends.
func LogTo(log *slog.Logger, redact func(string) string, faults *fault.Guard) io.Writer {
	return newLogWriter(log, redact, faults)
}

func newLogWriter(log *slog.Logger, redact func(string) string, faults *fault.Guard) *logWriter {
	return &logWriter{log: log, redact: redact, faults: faults, left: maxLog}
}

// Write implements io.Writer. It never fails: the browser has to go on.
func (w *logWriter) Write(b []byte) (int, error) {
	n := len(b)
	for {
		line, rest, whole := bytes.Cut(b, []byte("\n"))
		w.line = append(w.line, line[:min(len(line), maxLogLine-len(w.line))]...)
		if !whole {
			return n, nil
		}
		w.flush()
		b = rest
	}
}

// flush writes a line that has ended.
func (w *logWriter) flush() {
	line := bytes.TrimSpace(w.line)
	w.line = w.line[:0]
	if len(line) == 0 || w.left <= 0 {
		return
	}
	text := string(bytes.ToValidUTF8(line, []byte("\uFFFD")))
	if !w.faults.Do("a line of the browser's output isn't logged", func() { text = w.redact(text) }) {
		return
	}
	w.left -= len(text)
	w.log.Debug("browser output", "line", text)
	if w.left <= 0 {
		w.log.Debug("browser output: the limit is reached, the rest is not logged")
	}
}
