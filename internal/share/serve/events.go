package serve

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"detour/internal/share"
)

// events writes a stream in the form of Server-Sent Events (WHATWG HTML, 9.2.5).
type events struct {
	control *http.ResponseController
	w       *bufio.Writer
}

func newEvents(w http.ResponseWriter) events {
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	w.Header().Set("X-Accel-Buffering", "no")
	return events{http.NewResponseController(w), bufio.NewWriterSize(w, 4<<10)}
}

// batchTime is how long an event may wait for others, with which it is sent.
const batchTime = 5 * time.Millisecond

// next returns the next event of a stream, and sends what waits once none comes soon. After the
// end of ctx there is none, though the stream may have some.
func (x events) next(ctx context.Context, s Stream) (share.Event, error) {
	if err := ctx.Err(); err != nil {
		return share.Event{}, err
	}
	if x.w.Buffered() > 0 {
		soon, cancel := context.WithTimeout(ctx, batchTime)
		e, err := s.Next(soon)
		cancel()
		if err == nil || !errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil {
			return e, err
		}
		if err := x.flush(); err != nil {
			return e, err
		}
	}
	return s.Next(ctx)
}

// send writes an event, and sends it.
func (x events) send(e share.Event, within time.Duration) error {
	if err := x.write(e, within); err != nil {
		return err
	}
	return x.flush()
}

// flush sends what was written.
func (x events) flush() error {
	if err := x.w.Flush(); err != nil {
		return err
	}
	return x.control.Flush()
}

// write writes an event. The watcher has this time for it and what waits.
func (x events) write(e share.Event, within time.Duration) error {
	if err := x.control.SetWriteDeadline(time.Now().Add(within)); err != nil {
		return err
	}
	x.w.WriteString("event: " + string(e.Name) + "\n") //nolint:errcheck // the last one returns it
	if e.Number > 0 {
		x.w.WriteString("id: " + strconv.FormatUint(e.Number, 10) + "\n") //nolint:errcheck // as above
	}
	for line := range bytes.FieldsFuncSeq(e.Data, func(r rune) bool { return r == '\n' || r == '\r' }) {
		x.w.WriteString("data: ") //nolint:errcheck // as above
		x.w.Write(line)           //nolint:errcheck // as above
		x.w.WriteByte('\n')       //nolint:errcheck // as above
	}
	return x.w.WriteByte('\n') // also the error of those before
}

// endOf is the last event of a stream.
func endOf(why string) share.Event {
	b, _ := json.Marshal(share.End{Why: why}) // can't fail
	return share.Event{Name: share.EventEnd, Data: b}
}

// after is the number of the last event that a watcher has: what a browser says when it
// connects again, or a program with after=. 0: it has none.
func after(r *http.Request) uint64 {
	text := r.Header.Get("Last-Event-ID")
	if text == "" {
		text = r.URL.Query().Get("after")
	}
	n, _ := strconv.ParseUint(text, 10, 64) // what isn't a number is no event's
	return n
}
