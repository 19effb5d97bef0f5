package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"detour/internal/flow"
	"detour/ui"
)

// maxViews and maxViewLine bound the file of saved views, which a person may edit.
const (
	maxViews    = 200
	maxViewLine = 4096
)

// A viewFile keeps the views that a person has saved: a line each, its name, a tab and
// its filter.
type viewFile string

func savedViews() viewFile { return viewFile(filepath.Join(stateDir(), "views")) }

// load reads the views; none if there is no file, or it can't be read.
func (f viewFile) load() []ui.SavedView {
	views, _ := f.read()
	return views
}

func (f viewFile) read() ([]ui.SavedView, error) {
	in, err := os.Open(string(f))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer in.Close()
	b, err := io.ReadAll(io.LimitReader(in, maxViews*maxViewLine))
	return parseViews(string(b)), err
}

// save adds a view, or puts it in the place of the one of its name.
func (f viewFile) save(v ui.SavedView) error {
	views, err := f.read()
	if err != nil {
		return err
	}
	at := slices.IndexFunc(views, func(x ui.SavedView) bool { return x.Name == v.Name })
	switch {
	case at >= 0:
		views[at] = v
	case len(views) >= maxViews:
		return fmt.Errorf("there are %d views already; remove lines of %s", maxViews, string(f))
	default:
		views = append(views, v)
	}
	if !slices.Equal(parseViews(viewLine(v)), []ui.SavedView{v}) {
		return errors.New("a name and a filter fit into a line")
	}
	if err := os.MkdirAll(filepath.Dir(string(f)), 0o700); err != nil {
		return err
	}
	return writeAside(string(f), true, func(w io.Writer) error {
		for _, v := range views {
			if _, err := io.WriteString(w, viewLine(v)); err != nil {
				return err
			}
		}
		return nil
	})
}

func viewLine(v ui.SavedView) string { return v.Name + "\t" + v.Filter + "\n" }

// parseViews reads the file's lines. One that isn't a view is left out; of two that
// have a name the last one counts.
func parseViews(text string) (views []ui.SavedView) {
	for line := range strings.Lines(text) {
		name, expr, ok := strings.Cut(strings.TrimRight(line, "\r\n"), "\t")
		name, expr = strings.TrimSpace(name), strings.TrimSpace(expr)
		if !ok || name == "" || expr == "" || len(line) > maxViewLine || flow.Printable(name+expr) != name+expr {
			continue
		}
		views = slices.DeleteFunc(views, func(v ui.SavedView) bool { return v.Name == name })
		if len(views) < maxViews {
			views = append(views, ui.SavedView{Name: name, Filter: expr})
		}
	}
	return views
}
