// Package match filters what is shared for those who watch: [Stream] says which flows an
// expression selects and keeps that up to date, and [Complete] completes an expression while it
// is typed.
//
// It reads the flows that watchers are sent, never the originals. Else a filter would be a way
// to ask for what redaction has removed, a letter at a time.
package match

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"detour/internal/alias"
	"detour/internal/filter"
	"detour/internal/flow"
	"detour/internal/share"
)

// EventIDs is the one kind of event of a Stream.
const EventIDs share.Name = "ids"

// A Source has the redacted flows. [share.Feed] is one.
type Source interface {
	// Wait returns the version once it isn't seen any more.
	Wait(ctx context.Context, seen uint64) (uint64, error)
	// Flows returns all flows by ascending ID. A changed flow has another pointer.
	Flows() []*flow.Flow
	// Capture has the findings.
	Capture() flow.Capture
	// Names are what stand-ins are called, by which filters select them, too.
	Names() *alias.Table
}

// IDs is the data of EventIDs: what has changed since the last one.
type IDs struct {
	Expression string `json:"q"`
	Error      *Error `json:"error,omitempty"` // the expression has a mistake; the rest is empty then
	// Reset says that this is everything: it is so in the first one.
	Reset  bool      `json:"reset,omitempty"`
	Ranges []uint64  `json:"ids,omitempty"` // added: the first ID of a range and how many it has, and so on
	Remove []flow.ID `json:"remove,omitempty"`
	Count  int       `json:"count"` // of all that match
}

// An Error says what is wrong with an expression, and where, in bytes.
type Error struct {
	From    int    `json:"from"`
	To      int    `json:"to"`
	Message string `json:"msg"`
	Hint    string `json:"hint,omitempty"`
}

// clockEvery is how often flows in progress are tested again if time decides, as with
// "total>3s".
const clockEvery = time.Second

// A Stream says which flows an expression selects. One goroutine reads it.
type Stream struct {
	src  Source
	text string
	now  func() time.Time
	pace *Pace

	keep    filter.Filter
	wrong   *Error
	started bool
	due     bool // something may have changed since flows was tested
	version uint64
	flows   []*flow.Flow // as they were tested, by ID
	matches []bool       // of each
}

// New returns the Stream of an expression. All streams of a run have one Pace.
func New(src Source, expression string, now func() time.Time, pace *Pace) *Stream {
	s := &Stream{src: src, text: expression, now: now, pace: pace}
	original := src.Names().Originals(expression)
	var err error
	if s.keep, err = filter.Parse(original); err != nil {
		s.wrong = mistake(err, original != expression)
	}
	return s
}

// mistake is what is wrong. Where names were replaced, its place is unknown.
func mistake(err error, replaced bool) *Error {
	var e *filter.Error
	if !errors.As(err, &e) {
		return &Error{Message: err.Error()}
	}
	out := &Error{From: e.From, To: e.To, Message: e.Msg, Hint: e.Hint}
	if replaced {
		out.From, out.To = 0, 0
	}
	return out
}

// Next waits for the next event. It returns io.EOF at the end of the Source, and the error of ctx.
func (s *Stream) Next(ctx context.Context) (share.Event, error) {
	first := !s.started
	if first && s.wrong != nil {
		s.started = true
		return event(IDs{Expression: s.text, Error: s.wrong})
	}
	for {
		if !first && !s.due {
			if err := s.wait(ctx); err != nil {
				return share.Event{}, err
			}
		}
		s.due = true
		out, err := s.test(ctx)
		if err != nil {
			return share.Event{}, err
		}
		s.due = false
		if out.Reset = first; first || len(out.Ranges) > 0 || len(out.Remove) > 0 {
			s.started = true
			return event(out)
		}
	}
}

// Close implements serve.Stream.
func (*Stream) Close() {}

func event(x IDs) (share.Event, error) {
	b, err := json.Marshal(x)
	return share.Event{Name: EventIDs, Data: b}, err
}

// wait waits until something may have changed.
func (s *Stream) wait(ctx context.Context) error {
	if s.wrong != nil { // nothing more comes
		<-ctx.Done()
		return ctx.Err()
	}
	within := ctx
	if s.keep.Moves() {
		var cancel context.CancelFunc
		within, cancel = context.WithTimeout(ctx, clockEvery)
		defer cancel()
	}
	v, err := s.src.Wait(within, s.version)
	if err != nil && within.Err() != nil && ctx.Err() == nil {
		return nil // the clock
	}
	s.version = v
	return err
}

// test tests what has changed. After an error, nothing was tested.
func (s *Stream) test(ctx context.Context) (IDs, error) {
	turn, err := s.pace.begin(ctx)
	if err != nil {
		return IDs{}, err
	}
	defer func() { turn.end() }()
	now, flows, codes := s.now(), s.src.Flows(), s.codes()
	matches := make([]bool, len(flows))
	out := IDs{Expression: s.text}
	old := 0 // the next one of those before
	leave := func(until func(id flow.ID) bool) {
		for ; old < len(s.flows) && until(s.flows[old].ID); old++ {
			if s.matches[old] {
				out.Remove = append(out.Remove, s.flows[old].ID)
			}
		}
	}
	for i, f := range flows {
		leave(func(id flow.ID) bool { return id < f.ID })
		had, same := false, false
		if old < len(s.flows) && s.flows[old].ID == f.ID {
			had, same = s.matches[old], s.flows[old] == f
			old++
		}
		matches[i] = had
		if !same || codes != nil || s.keep.Moves() && !f.Final() {
			if turn, err = turn.next(ctx); err != nil {
				return IDs{}, err
			}
			matches[i] = s.keep.MatchListed(f, codes[f.ID], now)
		}
		switch {
		case matches[i] && !had:
			out.add(f.ID)
		case had && !matches[i]:
			out.Remove = append(out.Remove, f.ID)
		}
		if matches[i] {
			out.Count++
		}
	}
	leave(func(flow.ID) bool { return true })
	s.flows, s.matches = flows, matches
	return out, nil
}

// codes are those of the findings that list each flow, if the filter asks for them; else nil.
func (s *Stream) codes() map[flow.ID][]string {
	if !s.keep.ListsFindings() {
		return nil
	}
	out := make(map[flow.ID][]string)
	for _, x := range s.src.Capture().Findings {
		for _, id := range x.Flows {
			out[id] = append(out[id], x.Code)
		}
	}
	return out
}

// add adds a flow to the last range, or begins another.
func (x *IDs) add(id flow.ID) {
	if n := len(x.Ranges); n > 0 && x.Ranges[n-2]+x.Ranges[n-1] == uint64(id) {
		x.Ranges[n-1]++
		return
	}
	x.Ranges = append(x.Ranges, uint64(id), 1)
}
