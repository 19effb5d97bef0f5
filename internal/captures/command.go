package captures

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"detour/internal/flow"
)

// A Command lists the captures of a directory, and removes old ones if its user wants that.
type Command struct {
	Dir      string
	Out, Err io.Writer // data, and everything else
	JSON     bool      // one object a line instead of the table
	Older    Age       // only those; zero: all
	Yes      bool      // remove those without asking
	Ask      io.Reader // a terminal that answers a question; nil: there is none
	Now      time.Time
}

// ErrNotRemoved ends a command that couldn't remove all captures, and has said which.
var ErrNotRemoved = errors.New("captures couldn't be removed")

// Run runs the command.
func (c Command) Run(ctx context.Context) error {
	all, err := List(ctx, c.Dir, 0)
	if err != nil {
		return err
	}
	whole := Summary(all)
	if c.Older.Duration > 0 {
		all = Older(all, c.Older, c.Now)
	}
	remove := c.Yes
	if !c.JSON {
		if err := c.table(all, whole); err != nil {
			return err
		}
		if c.Older.Duration > 0 && !c.Yes && len(all) > 0 {
			remove = c.agreed(ctx, all)
		}
	}
	done, err := c.remove(ctx, all, remove)
	if c.JSON {
		enc := json.NewEncoder(c.Out)
		enc.SetEscapeHTML(false)
		for _, r := range done {
			if err := enc.Encode(r); err != nil {
				return err
			}
		}
	}
	return err
}

// table writes what was selected.
func (c Command) table(all []*Capture, whole string) error {
	if len(all) > 0 {
		if _, err := io.WriteString(c.Out, strings.Join(Table(all), "\n")+"\n"); err != nil {
			return err
		}
	}
	text := whole
	if c.Older.Duration > 0 {
		if text = Summary(all) + " of " + whole; len(all) == 0 {
			text = "none of " + whole
		}
		text += " can be removed: written more than " + c.Older.String() + " ago"
	}
	_, err := fmt.Fprintf(c.Err, "detour: %s; in %s\n", text, flow.Printable(c.Dir))
	return err
}

// agreed asks whether to remove captures. Without a terminal it says how to.
func (c Command) agreed(ctx context.Context, all []*Capture) bool {
	if c.Ask == nil {
		fmt.Fprintln(c.Err, "detour: nothing was removed; --yes removes what is listed")
		return false
	}
	fmt.Fprintf(c.Err, "remove %s? [y/N] ", Summary(all))
	answered := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(c.Ask).ReadString('\n') // no answer is no
		answered <- line
	}()
	answer := ""
	select {
	case <-ctx.Done():
		fmt.Fprintln(c.Err)
	case answer = <-answered:
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return true
	}
	fmt.Fprintln(c.Err, "detour: nothing was removed")
	return false
}

// remove removes captures, if that is wanted, and returns the records of all.
func (c Command) remove(ctx context.Context, all []*Capture, wanted bool) (out []Record, err error) {
	var removed []*Capture
	for _, x := range all {
		r := x.Record()
		if wanted && ctx.Err() == nil {
			gone, wrong := Remove(x)
			if r.Removed = gone; gone {
				removed = append(removed, x)
			}
			if wrong != nil {
				r.Failure, err = flow.Printable(wrong.Error()), ErrNotRemoved
				fmt.Fprintf(c.Err, "detour: can't remove %s: %s\n", flow.Printable(x.Path), r.Failure)
			}
		}
		out = append(out, r)
	}
	if wanted {
		fmt.Fprintf(c.Err, "detour: removed %s\n", Summary(removed))
	}
	if err == nil {
		err = ctx.Err()
	}
	return out, err
}
