// Package har reads HTTP Archives (HAR 1.2, w3c.github.io/web-performance/specs/HAR)
// as browsers and proxies write them, into flows.
//
// What a HAR doesn't say stays absent: it names no nameserver and one address at
// most, and of a connect that failed not even that.
package har

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"detour/internal/flow"
)

// Info is what a HAR says of itself.
type Info struct {
	Version string
	Creator string // the program that wrote it: "WebInspector 537.36"
	Browser string
	Entries int // that were read
}

// An agent is a program and its version.
type agent struct{ Name, Version string }

func (a agent) String() string {
	if a.Version == "" {
		return a.Name
	}
	return a.Name + " " + a.Version
}

// Decode reads a HAR and gives each entry to emit as a flow, in the file's order,
// with IDs from 1 on. It holds one entry at a time. What was read before an error
// was emitted: a file that was cut off gives what it has. An error of emit ends it.
func Decode(r io.Reader, emit func(*flow.Flow) error) (Info, error) {
	d := decoder{dec: json.NewDecoder(r), emit: emit, conns: make(map[string]flow.ID)}
	err := d.object(func(key string) error {
		if key == "log" {
			d.seen = true
			return d.object(d.log)
		}
		return d.skip()
	})
	if err != nil {
		return d.info, fmt.Errorf("HAR: after %d entries, at byte %d: %w", d.info.Entries, d.dec.InputOffset(), err)
	}
	if !d.seen {
		return d.info, errors.New("HAR: there is no log in it")
	}
	return d.info, nil
}

type decoder struct {
	dec   *json.Decoder
	emit  func(*flow.Flow) error
	info  Info
	seen  bool
	conns map[string]flow.ID // connections by the name that the file has for them
}

// log reads one member of the log.
func (d *decoder) log(key string) error {
	var a agent
	switch key {
	case "version":
		return d.dec.Decode(&d.info.Version)
	case "creator", "browser":
		if err := d.dec.Decode(&a); err != nil {
			return err
		}
		if key == "creator" {
			d.info.Creator = a.String()
		} else {
			d.info.Browser = a.String()
		}
		return nil
	case "entries":
		return d.entries()
	}
	return d.skip()
}

func (d *decoder) entries() error {
	if err := d.delim('['); err != nil {
		return err
	}
	for d.dec.More() {
		var e entry
		if err := d.dec.Decode(&e); err != nil {
			return err
		}
		d.info.Entries++
		f := e.flow(d.conn)
		f.ID = flow.ID(d.info.Entries) //nolint:gosec // a count
		if err := d.emit(f); err != nil {
			return err
		}
	}
	return d.delim(']')
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
	if err := d.delim('{'); err != nil {
		return err
	}
	for d.dec.More() {
		t, err := d.dec.Token()
		if err != nil {
			return err
		}
		key, _ := t.(string)
		if err := member(key); err != nil {
			return err
		}
	}
	return d.delim('}')
}

func (d *decoder) delim(want json.Delim) error {
	t, err := d.dec.Token()
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	if err == nil && t != want {
		err = fmt.Errorf("%v where %v is expected", t, want)
	}
	return err
}

// skip reads a value, token by token, and forgets it.
func (d *decoder) skip() error {
	for depth := 0; ; {
		t, err := d.dec.Token()
		if err != nil {
			return err
		}
		switch t {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return nil
		}
	}
}

// milliseconds is a duration of a HAR; below 0 it doesn't apply. Some exporters
// write null, or leave it out.
func milliseconds(ms *float64) time.Duration {
	const year = 365 * 24 * time.Hour
	if ms == nil || *ms < 0 || *ms != *ms || *ms > float64(year/time.Millisecond) {
		return flow.NotApplicable
	}
	return time.Duration(*ms * float64(time.Millisecond))
}
