package main

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"detour/internal/finding"
	"detour/internal/flow"
	"detour/internal/watch"
	"detour/internal/wording"
)

// A watchOutput writes what a watch finds out: events to stdout, its state to a terminal.
type watchOutput struct {
	out, err io.Writer
	json     bool
	screen   bool // stdout and stderr are terminals
	shown    bool // the state is on stderr's last line
}

func newWatchOutput(c *cobra.Command, json bool) *watchOutput {
	o := &watchOutput{out: c.OutOrStdout(), err: c.ErrOrStderr(), json: json}
	o.screen = onTerminal(o.out) && onTerminal(terminalOf(o.err))
	return o
}

// begin says what is watched.
func (o *watchOutput) begin(hosts []string, every, limit time.Duration) {
	fmt.Fprintf(o.err, "detour: watching %s, each address every %s, for at most %s: %s\n", wording.Count(len(hosts), "host"),
		wording.Running(every), wording.Running(limit), flow.Printable(wording.Some(hosts, 4)))
}

// report writes what is new, and the state.
func (o *watchOutput) report(c *flow.Check, news []watch.Event) error {
	for _, e := range news {
		if err := o.event(c, e); err != nil {
			return err
		}
	}
	switch {
	case !o.screen:
	case c.Outcome == flow.CheckPending:
		fmt.Fprintf(terminalOf(o.err), "\r\x1b[K%s", flow.Printable(finding.CheckResult(c, localClock)))
		o.shown = true
	default:
		_, _ = io.WriteString(terminalOf(o.err), watch.Notification(finding.CheckResult(c, localClock)))
	}
	return nil
}

func (o *watchOutput) event(c *flow.Check, e watch.Event) error {
	if o.shown {
		fmt.Fprint(terminalOf(o.err), "\r\x1b[K")
		o.shown = false
	}
	if o.json {
		return newEncoder(o.out).Encode(e.Record(c))
	}
	text := localClock(e.At) + "  " + e.Text()
	if e.Kind == watch.Ended {
		s := finding.CheckSection(c, localClock)
		text = s.Head + "\n"
		if c.Outcome != flow.CheckWorks {
			text = "Not fixed\n"
		}
		for _, l := range s.Lines {
			text += "  " + flow.Printable(l.Text) + "\n"
		}
		_, err := io.WriteString(o.out, "\n"+text)
		return err
	}
	_, err := io.WriteString(o.out, flow.Printable(text)+"\n")
	return err
}

// localClock writes an instant for a person at this machine.
func localClock(t time.Time) string { return t.Local().Format("15:04:05") }
