package intake

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"

	"detour/internal/charset"
	"detour/internal/flow"
	"detour/internal/har"
	"detour/internal/unpack"
	"detour/internal/wording"
)

// linesCreator is the Creator of JSON Lines.
const linesCreator = "detour, as JSON Lines"

// newTexts returns the texts of a file, of which none is read yet.
func (r Reader) newTexts(ctx context.Context, path string) *texts {
	cfg := Config{Tables: r.Tables}
	if !r.Whole { // no rule uses them, and they are most of a HAR
		cfg.KeepBodies, cfg.DropHeaders = func(*flow.Flow) bool { return false }, true
	}
	t := &texts{Reader: r, ctx: ctx, path: path, in: New(cfg), got: &flow.Capture{File: path}}
	t.hars = har.NewDecoder(t.emit)
	return t
}

// all reads a HAR or JSON Lines, several of them if the file is an archive, or a capture in one. With an
// error, t has what was read before.
func (t *texts) all(file io.Reader) error {
	left, err := unpack.Each(file, unpack.Limits{Stop: t.ctx.Err}, rank, t.read)
	switch {
	case errors.Is(err, errTogether):
		return err
	case t.whole != nil:
		t.members(left)
		return err
	}
	if err := t.finish(); err != nil {
		return err
	}
	if t.len() == 0 {
		err = cmp.Or(err, t.err, t.first)
		if errors.Is(err, unpack.ErrEmpty) {
			err = emptyArchive(left)
		}
	} else {
		t.members(left)
	}
	return cmp.Or(err, t.err)
}

// texts are the texts of a file, which become one capture.
type texts struct {
	Reader
	ctx      context.Context
	path     string
	in       *Intake
	got      *flow.Capture
	held     *held         // has the flows of got; nil: got has them
	streams  bool          // the flows stay held, and it is errTogether if they can't
	again    *recordsAgain // reads the records of JSON Lines again, if their flows stay held; or else nil
	hars     *har.Decoder
	isHAR    bool          // a HAR was read
	runs     int           // of JSON Lines
	whole    *flow.Capture // one that was in the archive; nil: none
	name     string        // of the text that is being read, if the archive has several
	readable []string      // names of the texts that were read
	beside   []string      // names of what was read with them
	err      error         // of the only text
	first    error         // of the texts of an archive
}

func (t *texts) emit(f *flow.Flow) error {
	if t.name != "" {
		f.Note = strings.TrimPrefix(f.Note+"; from "+t.name, "; ")
	}
	if t.held != nil {
		return t.hold(f)
	}
	t.in.into(t.got.Flows, f)
	t.got.Flows = append(t.got.Flows, f)
	if len(t.got.Flows)%preflightsEvery == 0 {
		t.in.namePreflights(t.got.Flows)
	}
	return nil
}

// preflightsEvery is after how many flows preflights are named. [aws.Preflights] remembers
// more of each kind.
const preflightsEvery = 128

// namePreflights says of the preflights of a file which calls they were for.
func (in *Intake) namePreflights(flows []*flow.Flow) {
	for id, of := range in.Preflights() {
		if i, ok := slices.BinarySearchFunc(flows, id, byID); ok {
			flows[i].SetPreflightOf(of)
		}
	}
}

// read reads one text.
func (t *texts) read(x unpack.Text) error {
	if t.name = ""; x.Several {
		t.name = x.Name
		if err := t.release(); err != nil {
			return err
		}
	}
	before := t.len()
	err := t.decode(x)
	if errors.Is(err, errTogether) {
		return err
	}
	if err == nil || t.len() > before {
		t.readable = append(t.readable, x.Name)
	}
	switch {
	case err == nil, t.ctx.Err() != nil:
	case x.Name == "":
		t.err = err
	default: // the others may be readable
		what := "nothing of it was read"
		if t.len() > before {
			what = "everything before that was read"
		}
		t.got.Unread.AtLeast = true
		t.notice(t.path, "%s: %v; %s", x.Name, err, what)
		t.first = cmp.Or(t.first, fmt.Errorf("%s: %w", x.Name, err))
	}
	return nil //nolint:nilerr // it is kept
}

// decode reads a text by its kind.
func (t *texts) decode(x unpack.Text) error {
	text := charset.UTF8(x)
	begin := beginning(text)
	if len(begin) == 0 {
		if _, err := text.Peek(1); !errors.Is(err, io.EOF) {
			return err
		}
		return errEmpty
	}
	switch k, what := kindOf(begin); k {
	case captureKind:
		if t.streams {
			return errTogether
		}
		return t.capture(text, x)
	case foreignKind:
		return what
	case recordsKind:
		return t.lines(text)
	case unknownKind, harKind:
	}
	if t.isHAR {
		if err := t.release(); err != nil {
			return err
		}
	}
	t.isHAR = true
	return t.hars.Read(text)
}

var errEmpty = errors.New("it is empty")

// lines reads JSON Lines.
func (t *texts) lines(text *bufio.Reader) error {
	read, quote, before := &records{}, quoted(New(Config{Strict: t.Strict}).Text), t.len()
	t.got.Creator = linesCreator
	var err error
	if t.again != nil {
		err = t.holdRecords(read, text, quote)
	} else if err = t.release(); err == nil {
		before = t.len()
		err = read.read(text, quote, nil)
		read.number(lastIDs(t.got.Flows))
		for f := range read.kept() {
			_ = t.emit(f)
		}
	}
	if errors.Is(err, errTogether) {
		return err
	}
	if t.runs += len(read.runs); read.simulated {
		t.got.Environment = &flow.Environment{Simulated: true}
	}
	t.got.Unread.Flows += read.bad
	if read.why != nil {
		n := read.bad
		if read.short > 0 {
			n--
		}
		t.notice(t.path, "%s can't be read: %v", wording.Count(n, "record"), read.why)
	}
	if read.short > 0 {
		t.notice(t.path, "the last record, in line %d, is incomplete and can't be read: its program was ended, or is still writing", read.short)
	}
	if err == nil && t.len() == before && read.bad > 0 {
		err = fmt.Errorf("no record can be read: %w", cmp.Or(read.why, errShort))
	}
	return err
}

var errShort = errors.New("the only one is incomplete")

// members says which files of an archive were read. left are those that weren't.
func (t *texts) members(left []string) {
	const most = 5
	left = slices.DeleteFunc(left, func(name string) bool { return slices.Contains(t.beside, name) })
	switch {
	case len(left) > 0 && len(t.readable) > 0:
		t.notice(t.path, "read %s of the archive, but not %s", wording.Some(t.readable, most), wording.Some(left, most))
	case len(t.readable) > 1:
		t.notice(t.path, "read %s as one capture, by time", wording.Some(t.readable, most))
	}
}

// emptyArchive is the error of an archive without a file that can be read.
func emptyArchive(names []string) error {
	const most = 5
	for _, name := range names {
		if strings.HasPrefix(name, "raw/") && strings.HasSuffix(name, "_c.txt") {
			return foreign{"it is an archive of Fiddler's sessions", "Fiddler: File, Export Sessions, HTTPArchive v1.2"}
		}
	}
	if len(names) == 0 {
		return errors.New("the archive is empty")
	}
	return fmt.Errorf("%w: it has %s", unpack.ErrEmpty, wording.Some(names, most))
}

// finish adds what is known once all texts are read.
func (t *texts) finish() error {
	own := t.hars.Info().Capture
	if t.hars.Info().HARs > 1 || own != nil && (own.Strict || !t.streams) {
		if err := t.release(); err != nil {
			return err
		}
	}
	if t.held != nil {
		t.in.namePreflights(t.held.flows.Whole())
	} else {
		t.in.namePreflights(t.got.Flows)
	}
	if t.runs+t.hars.Info().HARs > 1 {
		byTime(t.got.Flows)
	}
	if t.runs > 1 {
		t.notice(t.path, "the records are of %d runs: their flows have other numbers here, by time", t.runs)
	}
	if !t.isHAR {
		t.got.Redacted = t.in.Redacted()
		return nil
	}
	info := t.hars.Info()
	t.prolong(info)
	t.throughProxies()
	for _, note := range info.Notes {
		t.notice(t.path, "%s", note)
	}
	if info.Skipped > 0 {
		t.notice(t.path, "skipped %s", wording.Count(info.Skipped, "entry"))
	}
	unread := t.got.Unread
	if own != nil {
		own.Flows, own.File, t.got = t.got.Flows, t.path, own
		redactAbout(t.got, t.in.redacts, false)
	}
	if t.got.Creator = program(t.in.Text(info.Creator), false); t.got.Redacted == nil || t.got.RawSecrets {
		t.got.Redacted = t.in.Redacted()
	}
	t.got.RawSecrets = false // they are redacted now
	t.got.Unread = unread
	t.got.Unread.Flows += info.Skipped
	return nil
}

// prolong corrects the durations that are too short according to the response's Date.
func (t *texts) prolong(info har.Info) {
	if len(info.Late) == 0 {
		return
	}
	if t.held != nil {
		t.held.late = info.Late
	}
	for _, f := range t.got.Flows {
		if by := info.Late[f.ID]; by > 0 {
			*f = *har.Prolonged(f, by)
			t.in.judge(f)
		}
	}
	t.notice(t.path, "%s: the Date of the response, not the HAR, says how long it took", wording.Count(len(info.Late), "request"))
}

// throughProxies corrects the connections whose address turned out to be a proxy's.
func (t *texts) throughProxies() {
	var proxies []netip.Addr
	if t.held != nil {
		proxies = t.held.peers.proxies(t.Tables)
		t.held.proxies = proxies
	} else {
		proxies = ThroughProxies(t.Tables, t.got.Flows)
	}
	if len(proxies) == 0 {
		return
	}
	for _, f := range t.got.Flows {
		t.in.judge(f)
	}
	t.notice(t.path, "%s stands for unrelated hosts: it is the address of a proxy or gateway, and the HAR doesn't have the servers'",
		proxies[0])
}

// into prepares a flow of a file, which may name the call of one of those before it, whose IDs are lower.
func (in *Intake) into(before []*flow.Flow, f *flow.Flow) {
	prepared := in.Take(f)
	if i, ok := slices.BinarySearchFunc(before, prepared.By, byID); ok && before[i].AWS != nil {
		before[i].AWS = before[i].AWS.Named(prepared.Names)
	}
}

// byID compares the ID of a flow with an ID.
func byID(f *flow.Flow, id flow.ID) int { return cmp.Compare(f.ID, id) }

// byTime sorts flows by their start, and numbers them in that order.
func byTime(flows []*flow.Flow) {
	slices.SortStableFunc(flows, func(a, b *flow.Flow) int { return a.Times.Start.Compare(b.Times.Start) })
	for i, f := range flows {
		f.ID = flow.ID(i + 1) //nolint:gosec // a count
	}
}

// lastIDs returns the highest IDs of flows and of connections.
func lastIDs(flows []*flow.Flow) (last, conn flow.ID) {
	for _, f := range flows {
		last, conn = max(last, f.ID), max(conn, lastConn(f))
	}
	return last, conn
}
