package intake

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"

	"detour/internal/charset"
	"detour/internal/flow"
	"detour/internal/har"
	"detour/internal/unpack"
	"detour/internal/wording"
)

// linesCreator is the Creator of JSON Lines.
const linesCreator = "detour, as JSON Lines"

// text reads a HAR or JSON Lines, several of them if the file is an archive. With an error,
// it returns what it read before.
func (r Reader) text(ctx context.Context, path string, file io.Reader) (*flow.Capture, error) {
	cfg := Config{Tables: r.Tables}
	if !r.Whole { // no rule uses them, and they are most of a HAR
		cfg.KeepBodies, cfg.DropHeaders = func(*flow.Flow) bool { return false }, true
	}
	t := texts{Reader: r, path: path, in: New(cfg), got: &flow.Capture{File: path}}
	t.hars = har.NewDecoder(t.emit)
	left, err := unpack.Each(file, unpack.Limits{Stop: ctx.Err}, t.read)
	if len(left) > 0 {
		const most = 5
		r.notice(path, "left out of the archive: %s", wording.Some(left, most))
	}
	t.finish()
	if len(t.got.Flows) == 0 {
		err = cmp.Or(err, t.err, t.first)
	}
	return t.got, cmp.Or(err, t.err)
}

// texts are the texts of a file, which become one capture.
type texts struct {
	Reader
	path  string
	in    *Intake
	got   *flow.Capture
	hars  *har.Decoder
	isHAR bool  // a HAR was read
	err   error // of the only text
	first error // of the texts of an archive
}

func (t *texts) emit(f *flow.Flow) error {
	t.in.into(t.got, f)
	if len(t.got.Flows)%preflightsEvery == 0 {
		t.in.namePreflights(t.got)
	}
	return nil
}

// preflightsEvery is after how many flows preflights are named. [aws.Preflights] remembers
// more of each kind.
const preflightsEvery = 128

// namePreflights says of the preflights of a file which calls they were for.
func (in *Intake) namePreflights(c *flow.Capture) {
	for id, of := range in.Preflights() {
		if i, ok := slices.BinarySearchFunc(c.Flows, id, byID); ok {
			c.Flows[i].SetPreflightOf(of)
		}
	}
}

// read reads one text. name is its name in an archive, or "".
func (t *texts) read(name string, file io.Reader) error {
	text := charset.UTF8(file)
	lines := isLines(text)
	if lines && len(t.got.Flows) > 0 { // the flows would have the same IDs
		t.notice(t.path, "left out of the archive: %s", name)
		return nil
	}
	before := len(t.got.Flows)
	var err error
	if lines {
		err = t.lines(text)
	} else {
		t.isHAR = true
		err = t.hars.Read(text)
	}
	switch {
	case err == nil:
	case name == "":
		t.err = err
	default: // the others may be readable
		what := "nothing of it was read"
		if len(t.got.Flows) > before {
			what = "everything before that was read"
		}
		t.got.Unread.AtLeast = true
		t.notice(t.path, "%s: %v; %s", name, err, what)
		t.first = cmp.Or(t.first, fmt.Errorf("%s: %w", name, err))
	}
	return nil
}

// lines reads JSON Lines.
func (t *texts) lines(text *bufio.Reader) error {
	t.got.Creator = linesCreator
	about := func(r *flow.Record) {
		if r.Simulated {
			t.got.Environment = &flow.Environment{Simulated: true}
		}
	}
	bad, err := decodeLines(text, about, t.emit)
	t.got.Unread.Flows += bad.n
	if bad.n > 0 {
		t.notice(t.path, "%s can't be read: %v", wording.Count(bad.n, "line"), bad.why)
	}
	if err == nil && len(t.got.Flows) == 0 && bad.n > 0 {
		err = fmt.Errorf("no line can be read: %w", bad.why)
	}
	return err
}

// finish adds what is known once all texts are read.
func (t *texts) finish() {
	t.in.namePreflights(t.got)
	if !t.isHAR {
		t.got.Redacted = t.in.Redacted()
		return
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
	if own := info.Capture; own != nil {
		own.Flows, own.File, t.got = t.got.Flows, t.path, own
		redactAbout(t.got, t.in.redacts, false)
	}
	if t.got.Creator = program(t.in.Text(info.Creator), false); t.got.Redacted == nil || t.got.RawSecrets {
		t.got.Redacted = t.in.Redacted()
	}
	t.got.RawSecrets = false // they are redacted now
	t.got.Unread = unread
	t.got.Unread.Flows += info.Skipped
}

// prolong corrects the durations that are too short according to the response's Date.
func (t *texts) prolong(info har.Info) {
	if len(info.Late) == 0 {
		return
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
	proxies := ThroughProxies(t.Tables, t.got.Flows)
	if len(proxies) == 0 {
		return
	}
	for _, f := range t.got.Flows {
		t.in.judge(f)
	}
	t.notice(t.path, "%s stands for unrelated hosts: it is the address of a proxy or gateway, and the HAR doesn't have the servers'",
		proxies[0])
}

// into prepares a flow of a file and adds it to those before it, whose IDs are lower.
func (in *Intake) into(c *flow.Capture, f *flow.Flow) {
	prepared := in.Take(f)
	if i, ok := slices.BinarySearchFunc(c.Flows, prepared.By, byID); ok && c.Flows[i].AWS != nil {
		c.Flows[i].AWS = c.Flows[i].AWS.Named(prepared.Names)
	}
	c.Flows = append(c.Flows, f)
}

// byID compares the ID of a flow with an ID.
func byID(f *flow.Flow, id flow.ID) int { return cmp.Compare(f.ID, id) }
