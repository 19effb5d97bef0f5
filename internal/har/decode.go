package har

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"detour/internal/charset"
	"detour/internal/flow"
	"detour/internal/wording"
)

// Info describes a HAR, and how it was read.
type Info struct {
	Version string
	Creator string // the program that wrote it: "WebInspector 537.36"
	Browser string
	Entries int // that were read
	Skipped int // entries that couldn't be read, or were too large
	// Notes are sentences about what wasn't read, or not as written; at most 20.
	Notes []string
	// Capture is what a HAR written by detour says about the capture: findings, steps,
	// environment, counts; nil for other HARs. It has no flows: they go to emit.
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

// maxEntry limits the size of an entry.
const maxEntry = 64 << 20

// Decode reads a HAR in UTF-8 or UTF-16 and calls emit with each entry as a flow, in the
// order of the file. IDs begin with 1; a HAR written by detour keeps its own. Decode
// holds one entry at a time. It skips and counts entries that it can't read. The entries
// before an error are emitted, so a truncated file yields what it has. An error of emit
// ends Decode.
func Decode(r io.Reader, emit func(*flow.Flow) error) (Info, error) {
	return decode(r, maxEntry, emit)
}

func decode(r io.Reader, limit int, emit func(*flow.Flow) error) (Info, error) {
	d := decoder{
		in: scanner{r: charset.UTF8(r)}, emit: emit, limit: limit, errors: newDictionary(),
		conns: make(map[string]flow.ID), noted: make(map[string]bool), met: make(map[string]bool),
	}
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
		return d.info, fmt.Errorf("HAR: after %s, at byte %d: %w", wording.Count(d.info.Entries, "entry"), d.in.at, err)
	case !d.seen:
		return d.info, errors.New("HAR: the file has no log")
	case d.info.Entries == 0 && d.info.Skipped > 0:
		return d.info, fmt.Errorf("HAR: no entry of %d can be read: %s", d.info.Skipped, d.info.Notes[0])
	}
	return d.info, nil
}

type decoder struct {
	in      scanner
	emit    func(*flow.Flow) error
	limit   int // bytes of an entry
	errors  *dictionary
	info    Info
	seen    bool
	creator string          // its name
	run     json.RawMessage // the log's _detour
	at      time.Time       // the start of the last entry
	last    flow.ID
	conns   map[string]flow.ID // connections by their name in the file
	noted   map[string]bool    // subjects of notes
	met     map[string]bool    // authorities that a connection was made to
}

// note adds a note, unless there was one with the same subject.
func (d *decoder) note(subject, format string, args ...any) {
	const most = 20
	if d.noted[subject] || len(d.info.Notes) >= most {
		return
	}
	d.noted[subject] = subject != ""
	d.info.Notes = append(d.info.Notes, flow.Printable(fmt.Sprintf(format, args...)))
}

// own reports whether detour wrote the file, as far as that is known yet.
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
		d.note("", "the log's %s is too large: skipped", key)
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
		d.note("", "the log's %s is invalid: %v", key, err)
	}
	return nil
}

// capture reads what a HAR written by detour says about the capture.
func (d *decoder) capture() {
	if !d.own() || d.run == nil {
		return
	}
	var r run
	if err := json.Unmarshal(d.run, &r); err != nil {
		d.note("", "the log's _detour is invalid: %v", err)
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
		return d.leave("entry %d is larger than %d bytes: skipped", n, d.limit)
	}
	var e entry
	var typed *json.UnmarshalTypeError
	if err := json.Unmarshal(raw, &e); errors.As(err, &typed) && typed.Field != "" {
		d.note(typed.Field, "%s is a %s in some entries, first in entry %d: ignored", typed.Field, typed.Value, n)
	} else if err != nil {
		return d.leave("entry %d is invalid: %v", n, err)
	}
	if e.Request.URL == "" {
		return d.leave("entry %d has no request URL: skipped", n)
	}
	f := d.flow(&e, n)
	d.info.Entries++
	return d.emit(f)
}

// leave skips an entry.
func (d *decoder) leave(format string, args ...any) error {
	d.info.Skipped++
	d.note("", format, args...)
	return nil
}

// flow returns the n-th entry as a flow.
func (d *decoder) flow(e *entry, n int) *flow.Flow {
	if e.began = instant(string(e.Started)); e.began.IsZero() {
		e.began = d.at // entries are in order of their start
		d.note("startedDateTime", "entry %d and maybe others have no start time: they get that of the entry before", n)
	}
	d.at = e.began
	e.settle(d.creator, d.errors)
	f := e.flow(d.conn)
	d.reuse(f)
	if e.proxy != "" && !d.own() {
		d.note("serverIPAddress", "the browser was connected to a proxy, %s, so the HAR doesn't have the servers' addresses", e.proxy)
	}
	if d.own() && e.Detour != nil {
		if known, err := withRecord(f, e.Detour); err == nil {
			f = known
		} else {
			d.note("", "the _detour of entry %d is invalid: %v", n, err)
		}
	}
	if f.ID <= d.last { // IDs rise
		f.ID = d.last + 1
	}
	d.last = f.ID
	return f
}

// reuse notes whether a connection was made for f. Firefox doesn't name connections: f has
// used an earlier one if it made none, and there is one to its host.
func (d *decoder) reuse(f *flow.Flow) {
	at := f.Conn.Authority
	if f.Response == nil || at == "" {
		return
	}
	if f.Exporter == flow.ExporterFirefox {
		f.Reused = d.met[at] && f.Phases.Connect == flow.NotApplicable
	}
	if len(d.met) < maxConns {
		d.met[at] = true
	}
}

// instant parses ISO 8601 as exporters write it: with or without a colon in the zone, or
// without a zone, which is read as UTC. The result is zero for an implausible time.
func instant(s string) time.Time {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700", "2006-01-02T15:04:05.999999999"} {
		if t, err := time.Parse(layout, strings.TrimSpace(s)); err == nil && t.Year() >= 1970 && t.Year() < 2200 {
			return t.UTC()
		}
	}
	return time.Time{}
}

// maxConns limits the connections that are distinguished.
const maxConns = 1 << 16

// conn returns the ID of a connection; 0 if the file doesn't name it. known says that an
// earlier entry had it.
func (d *decoder) conn(name string) (id flow.ID, known bool) {
	if name == "" {
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

// skip skips a value.
func (d *decoder) skip() error {
	if _, err := d.in.value(0); !errors.Is(err, errTooLarge) {
		return err
	}
	return nil
}
