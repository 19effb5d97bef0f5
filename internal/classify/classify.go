// Package classify identifies AWS requests in JSON Lines: for each, [Lines] writes its
// origin and, for an AWS call, its partition, Region, service and operation.
package classify

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"detour/internal/aws"
	"detour/internal/charset"
	"detour/internal/flow"
	"detour/internal/intake"
	"detour/internal/usererr"
)

// maxLine is how long a line may be, in bytes: a URL, headers, and a body of a few
// megabytes in base64. A longer one is an error of that line alone.
const maxLine = 16 << 20

// Lines answers each line of in with a line of out. It holds one line at a time, and its
// answers are written before it waits for more. The error is a [usererr.Error] if some
// lines can't be read; the others are answered all the same.
func Lines(in io.Reader, out io.Writer, tables *aws.Tables) error {
	names := intake.New(intake.Config{Tables: tables, KeepBodies: func(*flow.Flow) bool { return false }, DropHeaders: true})
	r, w := charset.UTF8(in), bufio.NewWriter(out)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false) // outside HTML, & and < need no escapes
	lines, bad := 0, 0
	var line []byte
	for {
		var long bool
		var err error
		line, long, err = readLine(r, line[:0], maxLine)
		if err != nil && !errors.Is(err, io.EOF) {
			return errors.Join(usererr.Failf("", "stdin: %w", err), w.Flush())
		}
		end := err != nil
		if !end || len(line) > 0 || long {
			lines++
		}
		if len(bytes.TrimSpace(line)) > 0 || long {
			answer, err := answerTo(line, long, names)
			if err != nil {
				bad++
				answer = lineError{lines, err.Error(), `one JSON object per line: {"method":"GET","url":"https://…","headers":{}}`}
			}
			if err := enc.Encode(answer); err != nil {
				return err
			}
		}
		if end || r.Buffered() == 0 {
			if err := w.Flush(); err != nil {
				return err
			}
		}
		if end {
			break
		}
	}
	if bad > 0 {
		return usererr.Failf("the output says why for each of them", "%d of %d lines can't be read", bad, lines)
	}
	return nil
}

// readLine appends the next line to b, without its end. If it is longer than limit, long
// is true and the rest of it is skipped. err is io.EOF at the end, with the last line if
// that has no end.
func readLine(r *bufio.Reader, b []byte, limit int) (line []byte, long bool, err error) {
	for {
		part, err := r.ReadSlice('\n')
		if !long && len(b)+len(part) > limit {
			long, b = true, b[:0]
		}
		if !long {
			b = append(b, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return bytes.TrimSuffix(b, []byte("\n")), long, err
		}
	}
}

// A request is a line of input.
type request struct {
	Method   string     `json:"method"`
	URL      string     `json:"url"`
	Headers  headerList `json:"headers"`
	Body     []byte     `json:"body_base64"`
	Response *struct {
		Status  int        `json:"status"`
		Headers headerList `json:"headers"`
		Body    []byte     `json:"body_base64"`
	} `json:"response"`
}

// An answer is a line of output.
type answer struct {
	Origin flow.Origin     `json:"origin"`
	Why    []flow.Evidence `json:"why"`
	Page   string          `json:"page,omitempty"`
	AWS    *flow.RecordAWS `json:"aws,omitempty"`
	Vends  bool            `json:"credential_vend,omitempty"`
}

// A lineError is the answer to a line that can't be read.
type lineError struct {
	Line  int    `json:"line"`
	Error string `json:"error"`
	Hint  string `json:"hint"`
}

// jsonPrefix is what most errors of encoding/json begin with.
const jsonPrefix = "json: "

func answerTo(line []byte, long bool, names *intake.Intake) (any, error) {
	if long {
		return nil, fmt.Errorf("the line is longer than %d MiB", maxLine>>20)
	}
	var q request
	if err := json.Unmarshal(line, &q); err != nil {
		return nil, errors.New(strings.TrimPrefix(err.Error(), jsonPrefix))
	}
	if q.URL == "" {
		return nil, errors.New("there is no url in it")
	}
	if q.Method == "" {
		q.Method = "GET"
	}
	f := flow.Flow{Request: flow.Request{
		Method: q.Method, URL: q.URL, Headers: q.Headers, Body: q.Body, BodySize: int64(len(q.Body)),
	}}
	if p := q.Response; p != nil {
		f.Response = &flow.Response{Status: p.Status, Headers: p.Headers, Body: p.Body, BodySize: int64(len(p.Body))}
	}
	names.Take(&f)
	c := answer{Origin: f.Origin, Why: append([]flow.Evidence{}, f.Why...), Page: f.Page, Vends: f.CredentialVend}
	if f.AWS != nil {
		c.AWS = f.AWS.Record()
	}
	return c, nil
}

// A headerList reads headers as an object, with a value or several for each name,
// or as a list of pairs, as a flow record has them.
type headerList []flow.Header

// UnmarshalJSON implements json.Unmarshaler.
func (h *headerList) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '[' {
		var pairs [][]string
		if err := json.Unmarshal(b, &pairs); err != nil {
			return errors.New("headers: expected a list of [name, value] pairs")
		}
		for _, p := range pairs {
			if len(p) != 2 {
				return errors.New("headers: expected a list of [name, value] pairs")
			}
			*h = append(*h, flow.Header{Name: p[0], Value: p[1]})
		}
		return nil
	}
	var object map[string]any
	if err := json.Unmarshal(b, &object); err != nil {
		return errors.New("headers: expected an object or a list")
	}
	fields := make(map[string][]string, len(object))
	for name, value := range object {
		values, several := value.([]any)
		if !several {
			values = []any{value}
		}
		for _, v := range values {
			text, ok := v.(string)
			if !ok {
				return fmt.Errorf("headers: the value of %q isn't text", name)
			}
			fields[name] = append(fields[name], text)
		}
	}
	*h = flow.Fields(fields)
	return nil
}
