package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"detour/internal/aws"
	diff "detour/internal/compare" // as in diff.go
	"detour/internal/intake"
	"detour/internal/usererr"
	"detour/ui"
)

// A comparison tells how what a store keeps differs from a file, as detour diff does.
// Its methods may be called concurrently.
type comparison struct {
	evidence
	tables *aws.Tables
}

// actions are those of the table that compare.
func (x comparison) actions(act *ui.Actions) {
	act.Compare.Run = x.with
	act.Compare.Files = offering{captures: capturesDir(), without: x.about().File}.files
}

// with compares a file, as what was before, with what is kept now. What is under way
// isn't cut off: nobody knows yet what becomes of it.
func (x comparison) with(ctx context.Context, name string) (ui.Comparison, error) {
	path := fromHome(name)
	if err := x.fit(path); err != nil {
		return ui.Comparison{}, err
	}
	var notices []string
	before, err := readFile(ctx, intake.Reader{Tables: x.tables, Max: maxJudged, Notice: func(n intake.Notice) {
		notices = append(notices, n.Path+": "+n.Text)
	}}, path)
	if err := ctx.Err(); err != nil {
		return ui.Comparison{}, err
	}
	if err != nil {
		return ui.Comparison{}, inLine(path, err)
	}
	now := x.about()
	now.Flows, now.Findings = x.store.Flows(), x.store.Findings()
	d := diff.Captures(before, &now)
	return shownComparison(&d, notices)
}

// fit says why a file can't be compared with, before it is opened: some files are
// waited for without end.
func (x comparison) fit(path string) error {
	it, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("there is no such file; Tab offers what there is")
	case err != nil:
		return err
	case it.IsDir():
		return errors.New("it is a directory; Tab goes on in it")
	case !it.Mode().IsRegular():
		return errors.New("it isn't a file; take a capture or a HAR")
	}
	if own, err := os.Stat(x.about().File); err == nil && os.SameFile(own, it) {
		return errors.New("it is what is on the screen; take another one")
	}
	return nil
}

// shownComparison is a difference as the screen takes it.
func shownComparison(d *diff.Difference, notices []string) (ui.Comparison, error) {
	var text, markdown strings.Builder
	err := errors.Join(diff.Text(&text, *d, 0), diff.Markdown(&markdown, *d))
	return ui.Comparison{
		A: d.A.String(), B: d.B.String(), Verdict: d.Verdict(), Worse: d.Worse(), Notes: append(notices, d.Notes...),
		Hosts: shownParts(d.ByTrend()), Around: shownParts(d.Around()),
		Text: text.String(), Markdown: markdown.String(), Record: d,
	}, err
}

func shownParts(sections []diff.Section) []ui.ComparisonPart {
	var out []ui.ComparisonPart
	for _, s := range sections {
		p := ui.ComparisonPart{Title: strings.ToUpper(s.Title[:1]) + s.Title[1:]}
		for _, l := range s.Lines {
			p.Lines = append(p.Lines, ui.ComparisonLine(l))
		}
		out = append(out, p)
	}
	return out
}

// inLine is what is wrong with a file together with the hint, short enough for a line
// that has its name already.
func inLine(path string, err error) error {
	hint := "take a capture or a HAR"
	if ue := usererr.As(err); ue != nil && ue.Hint != fileHint {
		hint = ue.Hint
	}
	return fmt.Errorf("%s; %s", strings.TrimPrefix(err.Error(), path+": "), hint)
}
