package browser

import (
	"io"
	"os"
	"regexp"
	"strings"
	"sync"
	"time"
	"unicode"
)

const (
	maxTail  = 4 << 10 // of what a browser writes is kept to tell why it ended
	maxWords = 300     // of that are told
)

// An output takes what a browser and its helpers write, passes it on, and remembers
// its end.
type output struct {
	from *os.File
	done chan struct{}

	mu   sync.Mutex
	log  io.Writer // nil: nobody wants it, or any more
	tail []byte
}

// newOutput returns an output and where the browser has to write, which the caller
// closes once it was started.
func newOutput(log io.Writer) (*output, *os.File, error) {
	from, to, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	o := &output{from: from, done: make(chan struct{}), log: log}
	go o.read()
	return o, to, nil
}

func (o *output) read() {
	defer close(o.done)
	b := make([]byte, 4<<10)
	for {
		n, err := o.from.Read(b)
		o.take(b[:n])
		if err != nil {
			return
		}
	}
}

func (o *output) take(b []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.log != nil {
		_, _ = o.log.Write(b)
	}
	o.tail = append(o.tail, b...)
	if over := len(o.tail) - maxTail; over > 0 {
		o.tail = append(o.tail[:0], o.tail[over:]...)
	}
}

// end waits for what is still on its way, not long: a helper that left the browser's
// group may keep it open. Nothing is passed on afterwards.
func (o *output) end() {
	patience := time.NewTimer(closeGrace)
	defer patience.Stop()
	select {
	case <-o.done:
	case <-patience.C:
	}
	o.from.Close()
	o.mu.Lock()
	o.log = nil
	o.mu.Unlock()
}

// words are the last lines that tell something, as one that a terminal can show.
func (o *output) words() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return lastWords(string(o.tail))
}

// before is what Chromium writes before each message: process, time, level and place
// in its source, in brackets.
var before = regexp.MustCompile(`^\[[^\]]*:(?:FATAL|ERROR|WARNING|INFO|VERBOSE\d?):([^\]]*)\] *`)

// lastWords: the line before the last one often has the cause of it. That there is no
// system bus is what a Chromium says in any case where there is none, at any time.
func lastWords(s string) string {
	var last []string
	for l := range strings.Lines(s) {
		if m := before.FindStringSubmatch(l); m != nil {
			if strings.HasPrefix(m[1], "dbus/") {
				continue
			}
			l = l[len(m[0]):]
		}
		if l = printable(l); l != "" {
			last = append(last, strings.TrimSuffix(l, "."))
		}
	}
	if len(last) > 2 {
		last = last[len(last)-2:]
	}
	for i, l := range last {
		if r := []rune(l); len(r) > maxWords/2 {
			last[i] = string(r[:maxWords/2]) + "…"
		}
	}
	return strings.Join(last, "; ")
}

// printable is a line without what would steer a terminal, and without runs of spaces.
func printable(s string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r):
			return unicode.ReplacementChar
		}
		return r
	}, s)), " ")
}
