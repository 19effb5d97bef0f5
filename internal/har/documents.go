package har

import (
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"detour/internal/flow"
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
		if logs++; d.inFile > 0 || logs > 1 {
			d.note("several", "the file has several HARs: all of them are read")
		}
		d.seen = true
		d.info.HARs++
		d.inFile++
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
	var r run
	if err := json.Unmarshal(d.run, &r); err != nil {
		d.note("", "the log's _detour is invalid: %v", err)
		return
	}
	c := r.capture()
	if d.info.Capture == nil && d.info.HARs == 1 {
		d.info.Capture = c
		return
	}
	if d.info.Capture == nil { // those before weren't detour's
		d.info.Capture = &flow.Capture{}
	}
	d.join(c)
}

// join adds what another HAR says about its capture. Its findings name flows that have other
// numbers now.
func (d *decoder) join(c *flow.Capture) {
	all := d.info.Capture
	all.Findings = nil
	all.Steps = append(all.Steps, c.Steps...)
	slices.SortStableFunc(all.Steps, func(a, b flow.Step) int { return a.At.Compare(b.At) })
	if all.Redacted == nil {
		all.Redacted = make(map[string]int)
	}
	for kind, n := range c.Redacted {
		all.Redacted[kind] += n
	}
	all.RawSecrets = all.RawSecrets || c.RawSecrets
	all.Strict = all.Strict && c.Strict
	all.Omitted.Flows += c.Omitted.Flows
	all.Omitted.Bodies += c.Omitted.Bodies
	all.Omitted.Unread += c.Omitted.Unread
	if !sameMachine(all.Environment, c.Environment) {
		all.Environment = nil
		d.note("environment", "the HARs are of several machines: what they say of the machine is left out")
	}
}

// sameMachine reports whether two environments describe one machine, maybe at different times.
func sameMachine(a, b *flow.Environment) bool {
	if a == nil || b == nil {
		return a == b
	}
	same := func(x, y flow.Interface) bool { return x.Name == y.Name && slices.Equal(x.Addresses, y.Addresses) }
	return a.OS == b.OS && a.Arch == b.Arch && a.System == b.System && a.Kernel == b.Kernel && a.Simulated == b.Simulated &&
		slices.EqualFunc(a.Interfaces, b.Interfaces, same)
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
