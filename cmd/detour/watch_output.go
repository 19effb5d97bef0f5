package main

import (
	"fmt"
	"io"
	"net/netip"
	"strings"
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
		_, _ = io.WriteString(terminalOf(o.err), notification(finding.CheckResult(c, localClock)))
	}
	return nil
}

func (o *watchOutput) event(c *flow.Check, e watch.Event) error {
	if o.shown {
		fmt.Fprint(terminalOf(o.err), "\r\x1b[K")
		o.shown = false
	}
	if o.json {
		return newEncoder(o.out).Encode(watchRecord(c, e))
	}
	text := localClock(e.At) + "  " + eventText(e)
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

// eventText is an event on one line, which isn't escaped.
func eventText(e watch.Event) string {
	at := e.Host + ": "
	if e.Addr.IsValid() {
		at += e.Addr.String() + " "
	}
	switch e.Kind {
	case watch.DNS:
		if e.Before != nil {
			return at + "DNS changed from " + finding.DNSAnswer(*e.Before) + " to " + finding.DNSAnswer(*e.Answer)
		}
		return at + "DNS returns " + finding.DNSAnswer(*e.Answer)
	case watch.Joined:
		return at + "is returned by DNS now"
	case watch.Left:
		return at + "isn't returned by DNS any more"
	case watch.Failed:
		return at + finding.TryResult(e.Later)
	case watch.Flapped:
		return at + "failed again: " + finding.TryResult(e.Later)
	case watch.Answers:
		return at + finding.TryResult(e.Later) + " at try " + fmt.Sprint(e.Tries)
	case watch.Steady:
		return at + fmt.Sprintf("answered %d times in a row", e.Later.InRow)
	case watch.Ended:
	}
	return strings.TrimSuffix(at, ": ")
}

// A watchEvent is the JSON of an event of detour watch.
type watchEvent struct {
	V       int                     `json:"v"`
	Event   watch.EventKind         `json:"event"`
	Time    time.Time               `json:"time"`
	Host    string                  `json:"host,omitempty"`
	Address string                  `json:"address,omitempty"`
	Tries   int                     `json:"tries,omitempty"`
	Try     *flow.RecordLater       `json:"try,omitempty"`
	DNS     *flow.RecordCheckAnswer `json:"dns,omitempty"`
	Before  *flow.RecordCheckAnswer `json:"dns_before,omitempty"`
	Check   *flow.RecordCheck       `json:"check,omitempty"` // of the last event
}

func watchRecord(c *flow.Check, e watch.Event) watchEvent {
	out := watchEvent{V: 1, Event: e.Kind, Time: e.At.UTC(), Host: e.Host, Tries: e.Tries}
	if e.Addr != (netip.AddrPort{}) {
		out.Address = e.Addr.String()
	}
	if e.Later.Kind != "" {
		r := e.Later.Record()
		out.Try = &r
	}
	if e.Answer != nil {
		r := e.Answer.Record()
		out.DNS = &r
	}
	if e.Before != nil {
		r := e.Before.Record()
		out.Before = &r
	}
	if e.Kind == watch.Ended {
		r := c.Record()
		out.Check = &r
	}
	return out
}

// maxNotified is how many characters of a text a terminal is asked to show as a notification.
const maxNotified = 200

// notification rings a terminal's bell, and asks it to show a text as a notification of the
// desktop (OSC 777, as rxvt-unicode defined it). Terminals that don't know it ignore it.
func notification(text string) string {
	text = strings.ReplaceAll(flow.Printable(wording.Clip(text, maxNotified)), ";", ",")
	return "\a\x1b]777;notify;detour;" + text + "\x1b\\"
}
