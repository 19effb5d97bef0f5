package remote

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// eventsOf are the events of a stream, with "too long" for each that was skipped.
func eventsOf(in io.Reader) (out []string, err error) {
	s := newStream(in, nil)
	for {
		e, err := s.next()
		switch {
		case errors.Is(err, errTooLong):
			out = append(out, "too long")
		case err != nil:
			return out, err
		default:
			out = append(out, fmt.Sprintf("%d %s %s", e.Number, e.Name, e.Data))
		}
	}
}

func TestStream_readsEventsAsTheyAreWritten(t *testing.T) {
	for in, want := range map[string][]string{
		"":                         nil,
		"event: end\ndata: {}":     nil, // cut off
		"event: end\ndata: {}\n":   nil,
		"event: end\ndata: {}\n\n": {"0 end {}"},
		"event: end\r\ndata: {}\r\nid: 7\r\n\r\n":                                                      {"7 end {}"},
		": heartbeat\n\n:\n\nevent:a\ndata:1\n\n":                                                      {"0 a 1"},
		"id: 3\nevent: a\n\n":                                                                          nil, // without data, it isn't an event
		"data: 1\ndata: 2\nretry: 9\nother\n\n":                                                        {"0  1\n2"},
		"id: x\ndata: 1\n\nid: -1\ndata: 2\n\n":                                                        {"0  1", "0  2"},
		"data: " + strings.Repeat("a", maxEvent+maxField) + "\n\ndata: 2\n\n":                          {"too long", "0  2"},
		strings.Repeat("data: "+strings.Repeat("a", 1<<20)+"\n", 5) + "id: 5\n\nevent: b\ndata: 3\n\n": {"too long", "0 b 3"},
		"event: " + strings.Repeat("a", maxField+1) + "\ndata: 1\n\n":                                  {"0  1"},
	} {
		for _, r := range []io.Reader{strings.NewReader(in), iotest.DataErrReader(strings.NewReader(in))} {
			got, err := eventsOf(r)
			if !errors.Is(err, io.EOF) {
				t.Errorf("%.60q: %v", in, err)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%.60q: %s", in, d)
			}
		}
	}
}

func TestStream_tellsOfEachLineSoThatSilenceIsNoticed(t *testing.T) {
	n := 0
	s := newStream(strings.NewReader(": a\n: b\n\ndata: 1\n\n"), func() { n++ })
	if e, err := s.next(); err != nil || string(e.Data) != "1" || n != 5 {
		t.Errorf("after %d lines: %s, %v", n, e.Data, err)
	}
}

func FuzzStream(f *testing.F) {
	f.Add("event: hello\nid: 1\ndata: {\"version\":1}\n\n: x\n\ndata: a\r\ndata: b\r\n\r\n")
	f.Fuzz(func(t *testing.T, in string) {
		whole, _ := eventsOf(strings.NewReader(in))
		pieces, _ := eventsOf(iotest.OneByteReader(strings.NewReader(in)))
		if d := cmp.Diff(whole, pieces); d != "" {
			t.Errorf("it depends on how it comes: %s", d)
		}
	})
}
