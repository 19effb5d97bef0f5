package har

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"time"
)

// documents reads the HARs of a file: one, several in an array, or one after the other, as
// when files are appended to each other.
func (d *decoder) documents() error {
	for first := true; ; first = false {
		c, err := d.in.next()
		switch {
		case errors.Is(err, io.ErrUnexpectedEOF) && !first:
			return nil
		case err != nil:
			return err
		case !first && (c == ',' || c == separator):
			d.in.discard(1)
			continue
		case c == '[':
			err = d.in.list(d.document)
		case c == '{' || first:
			err = d.document()
		case strings.IndexByte(byteOrderMark, c) >= 0:
			d.in.discard(1)
			continue
		default:
			d.note("", "what follows the HAR at byte %d isn't one: skipped", d.in.at)
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// separator precedes each text of a JSON text sequence (RFC 7464).
const separator = 0x1e

// byteOrderMark is that of UTF-8; it may precede each of several files that are now one.
const byteOrderMark = "\uFEFF"

// document reads one HAR.
func (d *decoder) document() error {
	d.creator, d.run, d.at = "", nil, time.Time{}
	clear(d.conns)
	clear(d.met)
	logs := 0
	err := d.object(func(key string) error {
		if key != "log" {
			return d.skip()
		}
		if logs++; d.info.HARs > 0 || logs > 1 {
			d.note("several", "the file has several HARs: all of them are read")
		}
		d.seen = true
		d.info.HARs++
		return d.object(d.log)
	})
	d.capture()
	return err
}

// capture reads what a HAR written by detour says about the capture.
func (d *decoder) capture() {
	if !d.own() || d.run == nil {
		return
	}
	if d.info.HARs > 1 { // its findings and steps name flows that have other numbers now
		d.note("capture", "the environment, steps and findings of the HARs after the first are left out")
		return
	}
	var r run
	if err := json.Unmarshal(d.run, &r); err != nil {
		d.note("", "the log's _detour is invalid: %v", err)
		return
	}
	d.info.Capture = r.capture()
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
