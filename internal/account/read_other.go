package account

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"detour/internal/account/awscli"
)

var (
	errOther     = errors.New("not the output of a command that detour knows")
	errTwice     = errors.New("a member is there twice")
	errPages     = fmt.Errorf("it has more than %d objects, one after the other", maxPages)
	errNotObject = errors.New("not an object")
)

// documents are the JSON objects of a file, one after the other: pages may be written to one
// file.
func documents(data []byte) (all []map[string]json.RawMessage, err error) {
	d := json.NewDecoder(bytes.NewReader(data))
	for {
		top, err := document(d)
		if errors.Is(err, io.EOF) && len(all) > 0 {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		if all = append(all, top); len(all) > maxPages {
			return nil, errPages
		}
	}
}

func document(d *json.Decoder) (map[string]json.RawMessage, error) {
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	if t != json.Delim('{') {
		return nil, errNotObject
	}
	top := make(map[string]json.RawMessage)
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, inside(err)
		}
		key, _ := name.(string)
		if _, twice := top[key]; twice {
			return nil, fmt.Errorf("%w: %s", errTwice, short(key))
		}
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return nil, inside(err)
		}
		top[key] = raw
	}
	_, err = d.Token()
	return top, inside(err)
}

// inside is an error within an object: its end isn't that of the file.
func inside(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// notOutput notes a file that is something else than an output. Its text may have keys, so it
// isn't quoted.
func (r *reader) notOutput(f File, data []byte, err error) {
	head := string(data[:min(len(data), maxHead)])
	if fail, told := awscli.FailureIn(head); told && (data[0] != '{' || errors.Is(err, errOther)) {
		r.failed(f.Name, fail, r.candidates(f, nil), "")
		return
	}
	switch {
	case errors.Is(err, errOther):
		r.problem(f.Name, err.Error())
	case bytes.HasPrefix(data, []byte("\x1f\x8b")):
		r.unread(f, "compressed: decompress it with gunzip")
	case data[0] == '[':
		r.unread(f, "a list, as --query makes: run the command without --query")
	case data[0] == '{':
		r.unread(f, "not a whole JSON object, as aws --output json writes: "+err.Error())
	default:
		r.unread(f, "not JSON, as aws --output json writes")
	}
}

// unread notes a file that can't be read: what it may have is unknown.
func (r *reader) unread(f File, why string) {
	r.problem(f.Name, "not read: "+why)
	of := r.candidates(f, f.Data)
	begin := bytes.TrimSpace(f.Data[:min(len(f.Data), maxHead)])
	begins := len(begin) > 0 && (begin[0] == '{' || begin[0] == '[')
	if len(of) > 0 || begins || strings.EqualFold(path.Ext(f.Name), ".json") {
		r.miss(f.Name, of)
	}
}

// candidates are the sets that a file may have: by the command in the index, by its name, or by
// what its text names.
func (r *reader) candidates(f File, data []byte) []shape {
	if e, known := r.indexed[f.Name]; known && len(e.sets) > 0 {
		return e.sets
	}
	only := func(is func(shape) bool) []shape {
		return slices.DeleteFunc(slices.Clone(shapes), func(s shape) bool { return !is(s) })
	}
	base := path.Base(f.Name)
	if out := only(func(s shape) bool { return strings.Contains(base, s.operation()) }); len(out) > 0 {
		return out
	}
	return only(func(s shape) bool { return bytes.Contains(data, []byte(`"`+string(s.set)+`"`)) })
}
