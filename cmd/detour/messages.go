package main

import (
	"io"
	"strings"
	"sync"

	"detour/internal/flow"
	"detour/internal/intake"
)

// messages is stderr. It redacts what is written and replaces control characters: an error, a
// notice or a hint may quote what somebody typed, a file, or a server's words. Each Write is
// of whole texts.
type messages struct {
	to     io.Writer
	redact func() func(string) string
}

func newMessages(to io.Writer) *messages {
	return &messages{to, sync.OnceValue(func() func(string) string { return intake.New(intake.Config{}).Text })}
}

// Write implements io.Writer.
func (m *messages) Write(b []byte) (int, error) {
	var out strings.Builder
	for line := range strings.Lines(m.redact()(string(b))) {
		text, ended := strings.CutSuffix(line, "\n")
		for i, cell := range strings.Split(text, "\t") {
			if i > 0 {
				out.WriteByte('\t')
			}
			out.WriteString(flow.Printable(cell))
		}
		if ended {
			out.WriteByte('\n')
		}
	}
	if _, err := io.WriteString(m.to, out.String()); err != nil {
		return 0, err
	}
	return len(b), nil
}

// terminalOf returns what w writes to, for text that moves the cursor.
func terminalOf(w io.Writer) io.Writer {
	if m, ok := w.(*messages); ok {
		return m.to
	}
	return w
}
