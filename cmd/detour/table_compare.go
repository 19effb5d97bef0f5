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
	"detour/internal/filecomplete"
	"detour/internal/intake"
	"detour/internal/usererr"
	"detour/ui"
)

// A comparison compares what is on the screen with a file, as detour diff does. Its
// methods may be called concurrently.
type comparison struct {
	exporter
	tables *aws.Tables
}

// actions adds the table's actions that compare.
func (x comparison) actions(act *ui.Actions) {
	act.Compare.Run = x.with
	act.Compare.Files = filecomplete.Completer{Captures: capturesDir(), Without: x.about().File}.Files
}

// with compares a file, as A, with what is stored now, as B. Flows in progress count as
// unknown.
func (x comparison) with(ctx context.Context, name string) (ui.Comparison, error) {
	path := filecomplete.FromHome(name)
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
	if x.store != nil {
		now.Flows, now.Findings = x.store.Flows(), x.store.Findings()
	}
	d := diff.Captures(before, &now)
	return shownComparison(&d, notices)
}

// fit is why a file can't be compared, before it is opened: opening a pipe would block.
func (x comparison) fit(path string) error {
	it, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("no such file; Tab lists the files")
	case err != nil:
		return err
	case it.IsDir():
		return errors.New("it is a directory; Tab lists its files")
	case !it.Mode().IsRegular():
		return errors.New("it isn't a regular file; choose a capture or a HAR")
	}
	if own, err := os.Stat(x.about().File); err == nil && os.SameFile(own, it) {
		return errors.New("it is the one on the screen; choose another")
	}
	return nil
}

// shownComparison is a difference for the screen.
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

// inLine is an error with its hint on one line, without the file's name.
func inLine(path string, err error) error {
	hint := "choose a capture or a HAR"
	if ue := usererr.As(err); ue != nil && ue.Hint != fileHint {
		hint = ue.Hint
	}
	return fmt.Errorf("%s; %s", strings.TrimPrefix(err.Error(), path+": "), hint)
}
