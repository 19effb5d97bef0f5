package main

import (
	"bytes"
	"log/slog"
)

const (
	maxOutputLine = 1 << 10 // of one line that a browser writes
	maxOutput     = 1 << 20 // of all its lines, in a run
)

// An outputLog writes what a browser says, line by line, to detour's own log, as far
// as that isn't much. It is written to by one goroutine at a time.
type outputLog struct {
	log   *slog.Logger
	words func(string) string // takes out what is secret
	line  []byte              // what has come of a line, as much of it as is wanted
	left  int                 // how much may still be written
}

func newOutputLog(log *slog.Logger, words func(string) string) *outputLog {
	return &outputLog{log: log, words: words, left: maxOutput}
}

// Write implements io.Writer. It never fails: a browser has to go on.
func (o *outputLog) Write(b []byte) (int, error) {
	n := len(b)
	for {
		line, rest, whole := bytes.Cut(b, []byte("\n"))
		o.line = append(o.line, line[:min(len(line), maxOutputLine-len(o.line))]...)
		if !whole {
			return n, nil
		}
		o.flush()
		b = rest
	}
}

// flush writes a line that has ended.
func (o *outputLog) flush() {
	line := bytes.TrimSpace(o.line)
	o.line = o.line[:0]
	if len(line) == 0 || o.left <= 0 {
		return
	}
	text := o.words(string(bytes.ToValidUTF8(line, []byte("\uFFFD"))))
	o.left -= len(text)
	o.log.Debug("the browser says", "line", text)
	if o.left <= 0 {
		o.log.Debug("the browser says more, which isn't written")
	}
}
