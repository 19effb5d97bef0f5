package har

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"detour/internal/charset"
	"detour/internal/flow"
	"detour/internal/wording"
)

// Info describes a HAR, and how it was read.
type Info struct {
	Version string
	Creator string // the program that wrote it, or the first of several: "WebInspector 537.36"
	Browser string
	HARs    int // that were read, of one file or several
	Entries int // that were read
	Skipped int // entries that couldn't be read, or were too large
	// Notes are sentences about what wasn't read, or not as written; at most 20.
	Notes []string
	// Late is how much longer than written a request of Firefox took, according to the Date of
	// its response; see [Prolonged].
	Late map[flow.ID]time.Duration
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

// maxEntries limits the entries of a file: a few bytes of a compressed file can be millions.
const maxEntries = 1 << 20

// Decode reads a HAR in UTF-8 or UTF-16 and calls emit with each entry as a flow, in the
// order of the file. IDs begin with 1; a HAR written by detour keeps its own. Decode
// holds one entry at a time. It skips and counts entries that it can't read. The entries
// before an error are emitted, so a truncated file yields what it has. An error of emit
// ends Decode. A file may have several HARs, one after the other or in an array.
func Decode(r io.Reader, emit func(*flow.Flow) error) (Info, error) {
	d := NewDecoder(emit)
	err := d.Read(r)
	return d.Info(), err
}

// A Decoder reads several HARs as one capture: the IDs of their flows and connections rise
// from file to file.
type Decoder struct{ d decoder }

// NewDecoder returns a Decoder that calls emit with each flow. It isn't safe for concurrent
// use.
func NewDecoder(emit func(*flow.Flow) error) *Decoder {
	return &Decoder{newDecoder(maxEntry, emit)}
}

// Read reads a file, as Decode does.
func (d *Decoder) Read(r io.Reader) error { return d.d.read(r) }

// Info describes what was read so far.
func (d *Decoder) Info() Info {
	info := d.d.info
	info.Late = d.d.dates.late()
	return info
}

func newDecoder(limit int, emit func(*flow.Flow) error) decoder {
	return decoder{
		emit: emit, limit: limit, quick: new(quick), errors: newDictionary(), conns: make(map[string]flow.ID),
		noted: make(map[string]bool), met: make(map[string]bool),
	}
}

func decode(r io.Reader, limit int, emit func(*flow.Flow) error) (Info, error) {
	d := newDecoder(limit, emit)
	err := d.read(r)
	return d.info, err
}

// read reads a file.
func (d *decoder) read(r io.Reader) error {
	d.in, d.seen, d.inFile = scanner{r: charset.UTF8(r)}, false, 0
	entries, skipped := d.info.Entries, d.info.Skipped
	err := d.documents()
	entries, skipped = d.info.Entries-entries, d.info.Skipped-skipped
	switch {
	case err != nil:
		return fmt.Errorf("HAR: after %s, at byte %d: %w", wording.Count(entries, "entry"), d.in.at, err)
	case !d.seen:
		return errors.New("HAR: the file has no log")
	case entries == 0 && skipped > 0:
		return fmt.Errorf("HAR: no entry of %d can be read: %s", skipped, d.info.Notes[len(d.info.Notes)-1])
	}
	return nil
}

type decoder struct {
	in             scanner
	quick          *quick
	emit           func(*flow.Flow) error
	limit          int // bytes of an entry
	errors         *dictionary
	info           Info
	seen           bool
	inFile         int                // HARs of the file
	creator        string             // its name
	run            json.RawMessage    // the log's _detour
	at             time.Time          // the start of the last entry
	last, lastConn flow.ID            // that were given
	conns          map[string]flow.ID // connections by their name in the file
	noted          map[string]bool    // subjects of notes
	met            map[string]bool    // authorities that a connection was made to
	dates          dates
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
		return d.entries()
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
		d.creator = string(a.Name)
		d.info.Creator = cmp.Or(d.info.Creator, a.String())
	case "browser":
		err = json.Unmarshal(raw, &a)
		d.info.Browser = cmp.Or(d.info.Browser, a.String())
	case "_detour":
		d.run = append(d.run[:0], raw...)
	}
	if err != nil {
		d.note("", "the log's %s is invalid: %v", key, err)
	}
	return nil
}

// entry takes one entry.
func (d *decoder) entry(x *parsed) error {
	n := d.info.Entries + d.info.Skipped + 1
	if errors.Is(x.err, errTooLarge) {
		return d.leave("entry %d is larger than %d bytes: skipped", n, d.limit)
	}
	if d.info.Entries >= maxEntries {
		d.info.Skipped++
		d.note("entries", "entry %d and those after it are skipped: only %d are read", n, maxEntries)
		return nil
	}
	var typed *json.UnmarshalTypeError
	if errors.As(x.err, &typed) && typed.Field != "" {
		d.note(typed.Field, "%s is a %s in some entries, first in entry %d: ignored", typed.Field, typed.Value, n)
	} else if x.err != nil {
		return d.leave("entry %d is invalid: %v", n, x.err)
	}
	if x.Request.URL == "" {
		return d.leave("entry %d has no request URL: skipped", n)
	}
	f := d.flow(&x.entry, n)
	d.info.Entries++
	return d.emit(f)
}

// lenient reads an entry that any program may have written.
func lenient(raw []byte, e *entry) error {
	err := json.Unmarshal(raw, e)
	if syntax := new(json.SyntaxError); errors.As(err, &syntax) {
		*e = entry{}
		return json.Unmarshal(repaired(raw), e)
	}
	return err
}

// leave skips an entry.
func (d *decoder) leave(format string, args ...any) error {
	d.info.Skipped++
	d.note("", format, args...)
	return nil
}

// flow returns the n-th entry as a flow.
func (d *decoder) flow(e *entry, n int) *flow.Flow {
	d.start(e, n)
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
	d.dates.add(f)
	return f
}
