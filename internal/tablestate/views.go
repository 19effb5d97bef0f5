// Package tablestate keeps what the table remembers for later runs, in the state directory: the
// saved views ([Views]) and the columns ([LoadColumns]).
package tablestate

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"

	"detour/internal/flow"
	"detour/internal/statedir"
	"detour/ui"
)

// The limits of the file of saved views, which a person may edit.
const (
	maxViews    = 200
	maxViewLine = 4096
)

// A ViewFile stores saved views, one per line: its name, its filter and its other settings,
// separated by tabs: "digit=9", "view=calls", "group=host", "sort=total up",
// "columns=time call".
type ViewFile string

// Views is the file of the views that the user saved.
func Views() ViewFile { return ViewFile(statedir.File("views")) }

// Load reads the views; none if there is no file, or it can't be read.
func (f ViewFile) Load() []ui.SavedView {
	views, _ := f.read()
	return views
}

func (f ViewFile) read() ([]ui.SavedView, error) {
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

// Save adds a view, in place of those with its name or its digit.
func (f ViewFile) Save(v ui.SavedView) error {
	views, err := f.read()
	if err != nil {
		return err
	}
	if !slices.Equal(parseViews(viewLine(v)), []ui.SavedView{v}) {
		return errors.New("the view is too long for a line of the file")
	}
	if views = withView(views, v); len(views) > maxViews {
		return fmt.Errorf("there are %d views already; :forget NAME removes one", maxViews)
	}
	return f.write(views)
}

// Forget removes a view.
func (f ViewFile) Forget(name string) error {
	views, err := f.read()
	if err != nil {
		return err
	}
	return f.write(slices.DeleteFunc(views, func(v ui.SavedView) bool { return v.Name == name }))
}

func (f ViewFile) write(views []ui.SavedView) error {
	var b strings.Builder
	for _, v := range views {
		b.WriteString(viewLine(v))
	}
	return write(string(f), b.String())
}

// withView is views with v, in place of the one with its name.
func withView(views []ui.SavedView, v ui.SavedView) []ui.SavedView {
	at := -1
	for i, x := range views {
		if x.Name == v.Name {
			at = i
		} else if x.Digit == v.Digit {
			views[i].Digit = 0
		}
	}
	if at < 0 {
		return append(views, v)
	}
	views[at] = v
	return views
}

func viewLine(v ui.SavedView) string {
	fields := []string{v.Name, v.Filter}
	for _, x := range viewFields(&v) {
		if *x.text != "" {
			fields = append(fields, x.name+"="+*x.text)
		}
	}
	if v.Digit > 0 {
		fields = append(fields, "digit="+strconv.Itoa(v.Digit))
	}
	return strings.Join(fields, "\t") + "\n"
}

// A viewField is a setting of a view, by its name in the file.
type viewField struct {
	name string
	text *string
}

func viewFields(v *ui.SavedView) []viewField {
	return []viewField{{"view", &v.Base}, {"group", &v.Group}, {"sort", &v.Sort}, {"columns", &v.Columns}}
}

// parseViews reads the file's lines. A line that isn't a view is skipped; of two views
// with one name, the last one counts.
func parseViews(text string) (views []ui.SavedView) {
	for line := range strings.Lines(text) {
		v, ok := parseView(strings.TrimRight(line, "\r\n"))
		if !ok || len(line) > maxViewLine {
			continue
		}
		if more := withView(views, v); len(more) <= maxViews {
			views = more
		}
	}
	return views
}

// parseView reads one line. It ignores unknown settings, which a later version may have
// written.
func parseView(line string) (v ui.SavedView, ok bool) {
	fields := strings.Split(line, "\t")
	for i, s := range fields {
		fields[i] = strings.TrimSpace(s)
	}
	if len(fields) < 2 || fields[0] == "" || flow.Printable(strings.Join(fields, "")) != strings.Join(fields, "") {
		return v, false
	}
	v.Name, v.Filter = fields[0], fields[1]
	for _, s := range fields[2:] {
		name, value, _ := strings.Cut(s, "=")
		if n, err := strconv.Atoi(value); name == "digit" && err == nil && n > 0 && n <= 9 {
			v.Digit = n
		}
		for _, x := range viewFields(&v) {
			if x.name == name {
				*x.text = strings.TrimSpace(value)
			}
		}
	}
	return v, true
}
