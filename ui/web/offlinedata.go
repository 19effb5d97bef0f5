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
func (x *offline) writeDetails(w io.Writer, flows []*flow.Flow) (written int, err error) {
	var block bytes.Buffer
	for left := x.max.details; len(flows) > 0; {
		var ids []string
		var data bytes.Buffer
		for _, f := range flows {
			if len(ids) > 0 && data.Len() >= x.max.chunk {
				break
			}
			id := strconv.FormatUint(uint64(f.ID), 10)
			fmt.Fprintf(&data, "%c\"%s\":%s", "{,"[min(len(ids), 1)], id, x.Detail(f, x.about(f.ID), x.d.Last))
			ids = append(ids, id)
		}
		data.WriteByte('}')
		block.Reset()
		attributes := fmt.Sprintf("class=\"details\" data-ids=\"%s\"", strings.Join(ids, " "))
		err := pack(&block, attributes, func(w io.Writer) error {
			_, err := data.WriteTo(w)
			return err
		})
		if left -= block.Len(); err != nil || left < 0 {
			return written, err
		}
		if _, err := block.WriteTo(w); err != nil {
			return written, err
		}
		flows, written = flows[len(ids):], written+len(ids)
	}
	return written, nil
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
func (x *offline) writeEvents(w io.Writer, rows []*flow.Flow, details int) error {
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
		for _, f := range rows {
			if err := event("row", x.Row(f, x.d.Last)); err != nil {
				return err
			}
		}
		if err := event("findings", x.Findings(*x.c, x.d.Last)); err != nil {
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
	s := stateEvent{Facts: []string{}, Flows: len(x.c.Flows), Recorded: true, Now: x.d.Last}
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
