package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"detour/internal/aws"
	"detour/internal/flow"
	"detour/internal/intake"
)

// maxClassifyLine bounds a line of `detour classify`: a URL, headers, a body of a
// few megabytes in base64. What is longer is an error of that line alone.
const maxClassifyLine = 16 << 20

func classifyCommand() *cobra.Command {
	o := &knowledgeOptions{}
	c := &cobra.Command{
		Use:   "classify",
		Short: "What AWS requests are: JSON Lines in, JSON Lines out",
		Long: `Reads requests from stdin, one JSON object a line, and writes what each one is,
one a line, in the same order: which road it takes and why, and of an AWS call
partition, Region, service and operation. Nothing is sent anywhere.

  in   {"method":…,"url":…,"headers":{…} or [[name,value]…],"body_base64":…,
        "response":{"status":…,"headers":…,"body_base64":…}}
  out  {"origin":…,"why":[…],"page":…,"aws":{…},"credential_vend":true}

All but url may be absent; bodies are taken without content coding. A line that
can't be read gives {"line":…,"error":…,"hint":…}; the others go on, and the exit
code is 1.`,
		Example: `  echo '{"method":"GET","url":"https://b.s3.amazonaws.com/k"}' | detour classify`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage("detour classify <requests.jsonl", "it reads from stdin, got %q", args[0])
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error {
			tables, err := o.tables()
			if err != nil {
				return err
			}
			return classify(c.InOrStdin(), c.OutOrStdout(), classifier(tables))
		},
	}
	o.registerKnowledge(c.Flags())
	return c
}

// classifier takes requests in of which names alone are of interest.
func classifier(tables *aws.Tables) *intake.Intake {
	return intake.New(intake.Config{Tables: tables, KeepBodies: func(*flow.Flow) bool { return false }, DropHeaders: true})
}

// classify answers each line of in. It holds one line at a time, and what it has
// written is out before it waits for more.
func classify(in io.Reader, out io.Writer, took *intake.Intake) error {
	r, w := bufio.NewReaderSize(in, 1<<16), bufio.NewWriter(out)
	enc := newEncoder(w)
	lines, bad := 0, 0
	var line []byte
	for {
		var long bool
		var err error
		line, long, err = readLine(r, line[:0], maxClassifyLine)
		if err != nil && !errors.Is(err, io.EOF) {
			return errors.Join(failed("", "stdin: %w", err), w.Flush())
		}
		end := err != nil
		if !end || len(line) > 0 || long {
			lines++
		}
		if len(bytes.TrimSpace(line)) > 0 || long {
			answer, err := classifyLine(line, long, took)
			if err != nil {
				bad++
				answer = lineError{lines, err.Error(), `one JSON object a line: {"method":"GET","url":"https://…","headers":{}}`}
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
		return failed("their records say why", "%d of %d lines can't be read", bad, lines)
	}
	return nil
}

// readLine appends the next line to b, without its end. Of one that is longer
// than limit, long is true and the rest is passed over. err is io.EOF at the end,
// with the last line if it has no end.
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

// A classifyRequest is a line of input.
type classifyRequest struct {
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

// A classified is a line of output.
type classified struct {
	Origin flow.Origin     `json:"origin"`
	Why    []flow.Evidence `json:"why"`
	Page   string          `json:"page,omitempty"`
	AWS    *flow.RecordAWS `json:"aws,omitempty"`
	Vends  bool            `json:"credential_vend,omitempty"`
}

// A lineError stands for a line that couldn't be read.
type lineError struct {
	Line  int    `json:"line"`
	Error string `json:"error"`
	Hint  string `json:"hint"`
}

// jsonPrefix is what most errors of encoding/json begin with.
const jsonPrefix = "json: "

func classifyLine(line []byte, long bool, took *intake.Intake) (any, error) {
	if long {
		return nil, fmt.Errorf("the line is longer than %d MiB", maxClassifyLine>>20)
	}
	var q classifyRequest
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
	took.Take(&f)
	c := classified{Origin: f.Origin, Why: append([]flow.Evidence{}, f.Why...), Page: f.Page, Vends: f.CredentialVend}
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
			return errors.New("headers: a list of [name, value] is wanted")
		}
		for _, p := range pairs {
			if len(p) != 2 {
				return errors.New("headers: a list of [name, value] is wanted")
			}
			*h = append(*h, flow.Header{Name: p[0], Value: p[1]})
		}
		return nil
	}
	var object map[string]any
	if err := json.Unmarshal(b, &object); err != nil {
		return errors.New("headers: an object or a list is wanted")
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
