// Package har reads and writes HTTP Archives (HAR 1.2,
// w3c.github.io/web-performance/specs/HAR): as browsers and proxies write them into
// flows, and flows into one that they all read.
//
// What a HAR doesn't say stays absent: it names no nameserver and one address at
// most, and of a connect that failed often not even that.
package har

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"detour/internal/flow"
)

// Info is what a HAR says of itself, and how it was read.
type Info struct {
	Version string
	Creator string // the program that wrote it: "WebInspector 537.36"
	Browser string
	Entries int // that were read
	Skipped int // entries that couldn't be read, or were too large
	// Notes say what was read otherwise than it is written, or not at all; 20 at most.
	Notes []string
	// Capture is what detour's own HAR says of the whole capture: findings, steps,
	// environment, counts; nil in others'. Flows are absent: they go to emit.
	Capture *flow.Capture
}

// An agent is a program and its version.
type agent struct{ Name, Version word }

func (a agent) String() string {
	if a.Version == "" {
		return string(a.Name)
	}
	return string(a.Name + " " + a.Version)
}

// maxEntry bounds an entry: one that is larger has a body that nobody looks through.
const maxEntry = 64 << 20

// Decode reads a HAR, in UTF-8 or UTF-16, and gives each entry to emit as a flow, in
// the file's order, with IDs from 1 on, or, in detour's own, with those that they had.
// It holds one entry at a time. An entry that can't be read is skipped and counted.
// What was read before an error was emitted: a file that was cut off gives what it
// has. An error of emit ends it.
func Decode(r io.Reader, emit func(*flow.Flow) error) (Info, error) {
	return decode(r, maxEntry, emit)
}

func decode(r io.Reader, limit int, emit func(*flow.Flow) error) (Info, error) {
	d := decoder{in: scanner{r: text(r)}, emit: emit, limit: limit, conns: make(map[string]flow.ID), noted: make(map[string]bool)}
	err := d.object(func(key string) error {
		if key == "log" {
			d.seen = true
			return d.object(d.log)
		}
		return d.skip()
	})
	d.capture()
	switch {
	case err != nil:
		return d.info, fmt.Errorf("HAR: after %d entries, at byte %d: %w", d.info.Entries, d.in.at, err)
	case !d.seen:
		return d.info, errors.New("HAR: there is no log in it")
	case d.info.Entries == 0 && d.info.Skipped > 0:
		return d.info, fmt.Errorf("HAR: none of its %d entries can be read: %s", d.info.Skipped, d.info.Notes[0])
	}
	return d.info, nil
}

type decoder struct {
	in      scanner
	emit    func(*flow.Flow) error
	limit   int // bytes of an entry
	info    Info
	seen    bool
	creator string          // its name
	run     json.RawMessage // the log's _detour
	at      time.Time       // when the last entry began
	last    flow.ID
	conns   map[string]flow.ID // connections by the name that the file has for them
	noted   map[string]bool    // subjects of notes
}

// note keeps what is worth saying; of each subject once, if it has one.
func (d *decoder) note(subject, format string, args ...any) {
	const most = 20
	if d.noted[subject] || len(d.info.Notes) >= most {
		return
	}
	d.noted[subject] = subject != ""
	d.info.Notes = append(d.info.Notes, flow.Printable(fmt.Sprintf(format, args...)))
}

// own says whether detour wrote the file, as far as it was read.
func (d *decoder) own() bool { return d.creator == own }

// log reads one member of the log.
func (d *decoder) log(key string) error {
	switch key {
	case "entries":
		return d.in.list(d.entry)
	case "version", "creator", "browser", "_detour":
	default:
		return d.skip()
	}
	raw, err := d.in.value(d.limit)
	if errors.Is(err, errTooLarge) {
		d.note("", "the log's %s is too large", key)
		return nil
	}
	if err != nil {
		return err
	}
	var a agent
	var v word
	switch key {
	case "version":
		err = json.Unmarshal(raw, &v)
		d.info.Version = string(v)
	case "creator":
		err = json.Unmarshal(raw, &a)
		d.info.Creator, d.creator = a.String(), string(a.Name)
	case "browser":
		err = json.Unmarshal(raw, &a)
		d.info.Browser = a.String()
	case "_detour":
		d.run = append(d.run[:0], raw...)
	}
	if err != nil {
		d.note("", "the log's %s can't be read: %v", key, err)
	}
	return nil
}

// capture reads what our own HAR says of the whole.
func (d *decoder) capture() {
	if !d.own() || d.run == nil {
		return
	}
	var r run
	if err := json.Unmarshal(d.run, &r); err != nil {
		d.note("", "the log's _detour can't be read: %v", err)
		return
	}
	d.info.Capture = r.capture()
}

// entry reads one entry.
func (d *decoder) entry() error {
	raw, err := d.in.value(d.limit)
	if err != nil && !errors.Is(err, errTooLarge) {
		return err
	}
	n := d.info.Entries + d.info.Skipped + 1
	if err != nil {
		return d.leave("entry %d has more than %d bytes", n, d.limit)
	}
	var e entry
	var typed *json.UnmarshalTypeError
	if err := json.Unmarshal(raw, &e); errors.As(err, &typed) && typed.Field != "" {
		d.note(typed.Field, "%s is a %s in some entries, from entry %d on: it is left out", typed.Field, typed.Value, n)
	} else if err != nil {
		return d.leave("entry %d can't be read: %v", n, err)
	}
	if e.Request.URL == "" {
		return d.leave("entry %d says of no request", n)
	}
	f := d.flow(&e, n)
	d.info.Entries++
	return d.emit(f)
}

// leave counts an entry that is skipped.
func (d *decoder) leave(format string, args ...any) error {
	d.info.Skipped++
	d.note("", format, args...)
	return nil
}

// flow makes a flow of the n-th entry.
func (d *decoder) flow(e *entry, n int) *flow.Flow {
	if e.began = instant(string(e.Started)); e.began.IsZero() {
		e.began = d.at // entries are in the order of their beginning
		d.note("startedDateTime", "entry %d doesn't say when it began: it is given the time of the one before, as others like it", n)
	}
	d.at = e.began
	e.settle(d.creator)
	f := e.flow(d.conn)
	if e.proxied {
		d.note("serverIPAddress", "the browser asked a proxy on its own machine: which addresses answered the HAR doesn't say")
	}
	if d.own() && e.Detour != nil {
		if known, err := whole(f, e.Detour); err == nil {
			f = known
		} else {
			d.note("", "the _detour of entry %d can't be read: %v", n, err)
		}
	}
	if f.ID <= d.last { // IDs rise, and only our own are known
		f.ID = d.last + 1
	}
	d.last = f.ID
	return f
}

// instant reads ISO 8601 as exporters write it: with and without a colon in the
// zone, and without a zone, which is taken for UTC. What is no time of HARs is zero.
func instant(s string) time.Time {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700", "2006-01-02T15:04:05.999999999"} {
		if t, err := time.Parse(layout, strings.TrimSpace(s)); err == nil && t.Year() >= 1970 && t.Year() < 2200 {
			return t.UTC()
		}
	}
	return time.Time{}
}

// maxConns bounds the connections that are told apart.
const maxConns = 1 << 16

// conn is the ID of a connection; 0 if the file doesn't name it.
func (d *decoder) conn(name string) (id flow.ID, known bool) {
	if name == "" || name == "0" {
		return 0, false
	}
	if id, known = d.conns[name]; known || len(d.conns) >= maxConns {
		return id, known
	}
	id = flow.ID(len(d.conns) + 1) //nolint:gosec // a count
	d.conns[name] = id
	return id, false
}

// object reads an object, member by member.
func (d *decoder) object(member func(key string) error) error {
	if err := d.in.expect('{'); err != nil {
		return err
	}
	for first := true; ; first = false {
		more, err := d.in.more(first, '}')
		if err != nil || !more {
			return err
		}
		raw, err := d.in.value(d.limit)
		if err != nil {
			return err
		}
		var key string
		if err := json.Unmarshal(raw, &key); err != nil {
			return err
		}
		if err := d.in.expect(':'); err != nil {
			return err
		}
		if err := member(key); err != nil {
			return err
		}
	}
}

// skip reads over a value.
func (d *decoder) skip() error {
	if _, err := d.in.value(0); !errors.Is(err, errTooLarge) {
		return err
	}
	return nil
}
