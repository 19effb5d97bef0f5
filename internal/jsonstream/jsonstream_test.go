package jsonstream

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
)

// read returns the objects of a text as "line: object", compact, and what isn't one as
// "line! error".
func read(t testing.TB, text string, limit int) (out []string) {
	t.Helper()
	err := NewReader(bufio.NewReaderSize(strings.NewReader(text), 16), limit).All(
		func(o []byte, line int) error {
			var v map[string]any
			if err := json.Unmarshal(o, &v); err != nil {
				out = append(out, fmt.Sprintf("%d? %s", line, o))
				return nil //nolint:nilerr // it is in out
			}
			b, _ := json.Marshal(v)
			out = append(out, fmt.Sprintf("%d: %s", line, b))
			return nil
		},
		func(b *BadError) {
			last := ""
			if b.Last {
				last = ", last"
			}
			out = append(out, fmt.Sprintf("%d! %v%s", b.Line, b, last))
		})
	if err != nil {
		t.Errorf("%q: %v", text, err)
	}
	return out
}

func TestReader_readsObjectsHoweverTheyAreLaidOut(t *testing.T) {
	for name, text := range map[string]string{
		"one a line":            `{"a":1}` + "\n" + `{"b":[{"c":2}]}` + "\n",
		"no last line end":      `{"a":1}` + "\n" + `{"b":[{"c":2}]}`,
		"carriage returns":      `{"a":1}` + "\r\n" + `{"b":[{"c":2}]}` + "\r\n",
		"blank lines":           "\n\n" + `{"a":1}` + "\n \n" + `{"b":[{"c":2}]}` + "\n\n",
		"spaces, as Python":     `{"a": 1}` + "\n" + `{"b": [{"c": 2}]}` + "\n",
		"indented":              "{\n  \"a\": 1\n}\n{\n  \"b\": [\n    {\n      \"c\": 2\n    }\n  ]\n}\n",
		"indented by nothing":   "{\n\"a\": 1\n}\n{\n\"b\": [\n{\n\"c\": 2\n}\n]\n}\n",
		"an array":              `[{"a":1},{"b":[{"c":2}]}]`,
		"an array over lines":   "[\n" + `{"a":1},` + "\n" + `{"b":[{"c":2}]}` + "\n]\n",
		"an indented array":     "[\n  {\n    \"a\": 1\n  },\n  {\n    \"b\": [\n      {\"c\":2}\n    ]\n  }\n]\n",
		"without space between": `{"a":1}{"b":[{"c":2}]}`,
		"a text sequence":       "\x1e{\"a\":1}\n\x1e{\"b\":[{\"c\":2}]}\n",
		"appended with a mark":  "{\"a\":1}\n\ufeff{\"b\":[{\"c\":2}]}\n",
	} {
		got := read(t, text, 100)
		for i := range got {
			_, got[i], _ = strings.Cut(got[i], ": ")
		}
		if want := []string{`{"a":1}`, `{"b":[{"c":2}]}`}; !slices.Equal(got, want) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestReader_goesOnAfterWhatIsNotAnObject(t *testing.T) {
	long := strings.Repeat("x", 200)
	for name, tc := range map[string]struct {
		text string
		want []string
	}{
		"empty":                      {"", nil},
		"an end that is cut off":     {"{\"a\":1}\n{\"b\":", []string{`1: {"a":1}`, "2! it ends in the middle of an object, last"}},
		"cut off in a string":        {"{\"a\":1}\n{\"b\":\"https://x", []string{`1: {"a":1}`, "2! it ends in the middle of an object, last"}},
		"cut off, and a line end":    {"{\"a\":1}\n{\"b\":\"x\n", []string{`1: {"a":1}`, "2! it ends in the middle of an object, last"}},
		"another file after it":      {"{\"a\":[1\n{\"a\":2}\n", []string{"1! it ends in the middle of an object", `2: {"a":2}`}},
		"after a string":             {"{\"a\":\"1\n{\"a\":2}\n", []string{"1! it ends in the middle of an object", `2: {"a":2}`}},
		"in the same line":           {"{\"a\":12}\n{\"a\":13,\"u\":\"https://{\"a\":14}\n{\"a\":5}\n", []string{`1: {"a":12}`, "2! it ends in the middle of an object", `2: {"a":14}`, `3: {"a":5}`}},
		"indented, another after it": {"{\n  \"a\": [\n    1,\n{\n  \"b\": 2\n}\n", []string{"1! it ends in the middle of an object", `4: {"b":2}`}},
		"text":                       {"hello\n{\"a\":1}\nnull\n", []string{"1! not a JSON object", `2: {"a":1}`, "3! not a JSON object, last"}},
		"the end of an object":       {"1}}\n{\"a\":1}\n", []string{"1! not a JSON object", `2: {"a":1}`}},
		"too long":                   {`{"a":"` + long + "\"}\n{\"b\":1}\n", []string{"1! the object is too long", `2: {"b":1}`}},
		"a long line of text":        {long + "\n{\"b\":1}", []string{"1! not a JSON object", `2: {"b":1}`}},
		"escapes":                    {`{"a":"\"}{\\"}` + "\n", []string{`1: {"a":"\"}{\\"}`}},
		"invalid, but balanced":      {"{a}\n{\"b\":1}", []string{"1? {a}", `2: {"b":1}`}},
	} {
		if got := read(t, tc.text, 100); !slices.Equal(got, tc.want) {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}

// TestReader_returnsTheErrorOfTheText: what came before it was returned.
func TestReader_returnsTheErrorOfTheText(t *testing.T) {
	torn := errors.New("torn")
	n := 0
	err := NewReader(bufio.NewReader(io.MultiReader(strings.NewReader("{}\n{}\n"), failing{torn})), 10).All(
		func([]byte, int) error { n++; return nil }, func(b *BadError) { t.Error(b) })
	if !errors.Is(err, torn) || n != 2 {
		t.Errorf("%d objects, %v", n, err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestKeys_areThoseOfTheFirstObject(t *testing.T) {
	for text, want := range map[string]string{
		`{"log":{"a":1}}`: "log{",
		`[{"v": 1, "id" :2,"request":{"x":[1]},"s":"`:   `v1 id2 request{ s"`,
		"garbage\n{\"a\\u0062\":true":                   "abt",
		"{\n  \"v\": \"1\",\n  \"b\": null}\n{\"c\":1}": `v" bn`,
		"{}\n{\"a\":[":               "a[",
		`{"a":{"b":1,"c":"d"},"e":1`: "a{ e1",
		"":                           "",
		"{\"a":                       "",
		"{\"a\":":                    "",
		"{{{{{":                      "",
	} {
		var got []string
		names, values := Keys([]byte(text))
		for i, n := range names {
			got = append(got, n+string(values[i]))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func FuzzReader(f *testing.F) {
	f.Add("{\"a\":1}\n{\"b\":\n{\"c\":\"\\\"\"}\r\n[{},{}] x", 16)
	f.Add("{\n\"a\":[\n{\n}\n]\n}\n{\"v\":1}\n{\"v\":\"{\"v\":1}", 100)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		limit &= 0xff
		total := 0
		err := NewReader(bufio.NewReaderSize(strings.NewReader(text), 16), limit).All(func(o []byte, _ int) error {
			if total += len(o); len(o) > limit || o[0] != '{' || (o[len(o)-1] != '}' && o[len(o)-1] != ']') {
				t.Errorf("%q", o)
			}
			return nil
		}, func(b *BadError) {
			if len(b.Text) > maxText {
				t.Errorf("%d bytes", len(b.Text))
			}
		})
		if err != nil || total > len(text) {
			t.Errorf("%d of %d bytes, %v", total, len(text), err)
		}
		if names, values := Keys([]byte(text)); len(names) != len(values) {
			t.Errorf("%q, %q", names, values)
		}
		if !json.Valid([]byte(text)) || !strings.HasPrefix(text, "{") || len(text) > limit {
			return
		}
		var all map[string]any // a valid object is one object, or its lines look like several
		if got := read(t, text, limit); json.Unmarshal([]byte(text), &all) == nil && len(got) != 1 && !strings.Contains(text, "\n{") {
			t.Errorf("%q: %q", text, got)
		}
	})
}
