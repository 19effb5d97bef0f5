package browser

import (
	"io"
	"os"
	"strings"
	"sync"
	"time"
	"unicode"

	"detour/internal/lazyregexp"
)

const (
	maxTail = 4 << 10 // bytes of a browser's output that are kept to show why it ended
	maxLast = 300     // characters of it that are shown
)

// An output reads what a browser and its helpers write, passes it on, and keeps the end
// of it.
type output struct {
	from *os.File
	done chan struct{}

	mu   sync.Mutex
	log  io.Writer // nil: it is discarded
	tail []byte
}

// newOutput returns an output and the file for the browser to write to, which the caller
// closes once the browser was started.
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

// end waits for the rest of the output, but not long: a helper that left the browser's
// group may keep the pipe open. Nothing is passed on afterwards.
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

// last is the last lines that tell something, as one line that a terminal can show.
func (o *output) last() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return lastLines(string(o.tail))
}

// prefix is what Chromium writes before each message: process, time, level and place in
// its source, in brackets.
var prefix = lazyregexp.New(`^\[[^\]]*:(?:FATAL|ERROR|WARNING|INFO|VERBOSE\d?):([^\]]*)\] *`)

// lastLines joins the last two lines: the second to last often has the cause. Messages
// about D-Bus are left out: without a system bus, Chromium always writes them.
func lastLines(s string) string {
	var last []string
	for l := range strings.Lines(s) {
		if m := prefix.FindStringSubmatch(l); m != nil {
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
		if r := []rune(l); len(r) > maxLast/2 {
			last[i] = string(r[:maxLast/2]) + "…"
		}
	}
	return strings.Join(last, "; ")
}

// printable is a line without control characters and without runs of spaces.
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
