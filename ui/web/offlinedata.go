package web

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"detour/internal/flow"
)

// pack writes an element with data for the script: what write writes, in gzip, in base64, so that
// nothing in it can end the element.
func pack(w io.Writer, attributes string, write func(io.Writer) error) error {
	if _, err := fmt.Fprintf(w, "<script type=\"text/plain\" %s>", attributes); err != nil {
		return err
	}
	text := base64.NewEncoder(base64.StdEncoding, w)
	z := gzip.NewWriter(text)
	if err := cmp.Or(write(z), z.Close(), text.Close()); err != nil {
		return err
	}
	_, err := io.WriteString(w, "</script>\n")
	return err
}

// writeDetails writes the details of flows, in this order and as many as there is room for, and
// returns how many. Some are packed together: a JSON object by ID.
func (x *offline) writeDetails(w io.Writer, flows []flow.ID) (written int, err error) {
	c := chunk{left: x.max.details}
	for f, err := range x.flows.Some(flows, true) {
		if err != nil {
			return written, err
		}
		if len(c.ids) > 0 && c.data.Len() >= x.max.chunk {
			n, err := c.write(w)
			if written += n; n == 0 || err != nil {
				return written, err
			}
		}
		c.add(f.ID, x.Detail(f, x.about(f.ID), x.d.Last))
	}
	n, err := c.write(w)
	return written + n, err
}

// A chunk is the details of flows that are packed together.
type chunk struct {
	left  int // bytes of the document that may be written
	ids   []string
	data  bytes.Buffer
	block bytes.Buffer
}

func (c *chunk) add(id flow.ID, detail []byte) {
	text := strconv.FormatUint(uint64(id), 10)
	fmt.Fprintf(&c.data, "%c\"%s\":%s", "{,"[min(len(c.ids), 1)], text, detail)
	c.ids = append(c.ids, text)
}

// write writes the chunk and begins another one. It returns how many details it has written: none if
// there is no room for them.
func (c *chunk) write(w io.Writer) (n int, err error) {
	if n = len(c.ids); n == 0 {
		return 0, nil
	}
	c.data.WriteByte('}')
	c.block.Reset()
	attributes := fmt.Sprintf("class=\"details\" data-ids=\"%s\"", strings.Join(c.ids, " "))
	err = pack(&c.block, attributes, func(w io.Writer) error {
		_, err := c.data.WriteTo(w)
		return err
	})
	if c.left -= c.block.Len(); err != nil || c.left < 0 {
		return 0, err
	}
	c.ids = c.ids[:0]
	c.data.Reset()
	_, err = c.block.WriteTo(w)
	return n, err
}

// about returns the findings that list a flow.
func (x *offline) about(id flow.ID) (out []flow.Finding) {
	for i := range x.c.Findings {
		if _, listed := slices.BinarySearch(x.c.Findings[i].Flows, id); listed {
			out = append(out, x.c.Findings[i])
		}
	}
	return out
}

// The events that are in every document: see events.js.
type (
	helloEvent struct {
		Version int       `json:"version"`
		Detour  string    `json:"detour"`
		Title   string    `json:"title"`
		Kind    string    `json:"kind"`
		Now     time.Time `json:"now"`
		Privacy string    `json:"privacy"`
		Reset   bool      `json:"reset"`
	}
	stateEvent struct {
		Facts    []string  `json:"facts"`
		Badge    string    `json:"badge,omitempty"`
		Flows    int       `json:"flows"`
		Recorded bool      `json:"recorded"`
		Now      time.Time `json:"now"`
	}
	stepsEvent struct {
		Steps []step `json:"steps"`
	}
	step struct {
		At   time.Time `json:"at"`
		Text string    `json:"text"`
	}
)

// writeEvents writes what a live page would receive: an array of names and objects.
func (x *offline) writeEvents(w io.Writer, rows []flow.ID, details int) error {
	return pack(w, `id="events"`, func(w io.Writer) error {
		sign := "["
		event := func(name string, data []byte) error {
			_, err := fmt.Fprintf(w, "%s[%q,%s]", sign, name, data)
			sign = ",\n"
			return err
		}
		if err := cmp.Or(
			event("hello", encode(x.hello())), event("state", encode(x.state())), event("omitted", encode(x.omission(len(rows), details))),
			event("steps", encode(x.steps())),
		); err != nil {
			return err
		}
		for f, err := range x.flows.Some(rows, false) {
			if err != nil {
				return err
			}
			if err := event("row", x.Row(f, x.d.Last)); err != nil {
				return err
			}
		}
		if err := event("findings", x.panel(x.c, x.found)); err != nil {
			return err
		}
		_, err := io.WriteString(w, "]\n")
		return err
	})
}

func (x *offline) hello() helloEvent {
	h := helloEvent{
		Version: 1, Detour: clean(x.name(x.c.Creator), maxNote), Title: x.title(), Kind: "file", Now: x.d.Last, Privacy: "normal", Reset: true,
	}
	if x.c.Strict {
		h.Privacy = flow.PrivacyStrict
	}
	if x.c.RawSecrets {
		h.Privacy = "none"
	}
	return h
}

func (x *offline) state() stateEvent {
	s := stateEvent{Facts: []string{}, Flows: x.d.Flows, Recorded: true, Now: x.d.Last}
	if x.c.Simulated() {
		s.Badge = "DEMO"
	}
	return s
}

func (x *offline) steps() stepsEvent {
	out := make([]step, len(x.c.Steps))
	for i, s := range x.c.Steps {
		out[i] = step{s.At.UTC(), flow.Printable(x.name(s.Text))}
	}
	return stepsEvent{out}
}
