package har

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"detour/internal/flow"
)

// own is the creator that Encode writes. _detour is read only if the creator is own.
const own = "detour"

// Encode writes a capture as a HAR, one entry a line, in the order of its flows,
// including those that never reached a server. What HAR can't represent is in _detour, in
// the form of the flow record. Encode doesn't redact. The only errors are those of w.
func Encode(w io.Writer, c *flow.Capture) error { return EncodeOf(w, c, c.Reader()) }

// EncodeOf is [Encode] of flows that the capture doesn't need to have itself. They are read for their
// pages first. The errors are those of w and of the flows.
func EncodeOf(w io.Writer, c *flow.Capture, r flow.Reader) error {
	out := writer{w: bufio.NewWriterSize(w, 1<<16)}
	out.enc = json.NewEncoder(out.w)
	out.enc.SetEscapeHTML(false)
	out.text("{\"log\":{\n\"version\":\"1.2\",\n\"creator\":")
	out.json(tool{own, version(c.Environment)})
	if b := browser(c.Environment); b != nil {
		out.text(",\"browser\":")
		out.json(b)
	}
	switch {
	case c.RawSecrets:
		out.text(",\"comment\":")
		out.json("recorded with --keep-secrets: this file contains working credentials")
	case c.Simulated():
		out.text(",\"comment\":")
		out.json("a demo: the browser, the network and AWS were simulated")
	}
	out.text(",\"_detour\":")
	out.json(runOf(c))
	pages, err := pagesOf(r.Bodiless())
	if err != nil {
		return err
	}
	out.text(",\"pages\":[\n")
	for i, p := range pages.list {
		out.item(i, p)
	}
	out.text("],\"entries\":[\n")
	i := 0
	for f, err := range r.Flows() {
		if err != nil {
			return err
		}
		if out.item(i, entryOf(f, pages)); out.err != nil {
			break
		}
		i++
	}
	out.text("]}}\n")
	if out.err == nil {
		out.err = out.w.Flush()
	}
	if out.err != nil {
		return fmt.Errorf("HAR: %w", out.err)
	}
	return nil
}

// A writer writes JSON in parts and keeps the first error.
type writer struct {
	w   *bufio.Writer
	enc *json.Encoder
	err error
}

func (w *writer) text(s string) {
	if w.err == nil {
		_, w.err = w.w.WriteString(s)
	}
}

// json writes a value and a line end.
func (w *writer) json(v any) {
	if w.err == nil {
		w.err = w.enc.Encode(v)
	}
}

// item writes the i-th value of a list.
func (w *writer) item(i int, v any) {
	if i > 0 {
		w.text(",")
	}
	w.json(v)
}

// A tool is a creator or browser of a HAR.
type tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

func version(e *flow.Environment) string {
	if e == nil || e.Detour == "" {
		return "unknown"
	}
	return e.Detour
}

// browser splits "Chromium 156.0"; nil if there is none.
func browser(e *flow.Environment) *tool {
	if e == nil || e.Browser == "" {
		return nil
	}
	if i := strings.LastIndexByte(e.Browser, ' '); i > 0 {
		return &tool{e.Browser[:i], e.Browser[i+1:]}
	}
	return &tool{Name: e.Browser}
}
