package watch

import (
	"fmt"
	"strings"

	"detour/internal/finding"
	"detour/internal/flow"
	"detour/internal/wording"
)

// Text is an event on one line, which isn't escaped.
func (e Event) Text() string {
	at := e.Host + ": "
	if e.Addr.IsValid() {
		at += e.Addr.String() + " "
	}
	switch e.Kind {
	case DNS:
		if e.Before != nil {
			return at + "DNS changed from " + finding.DNSAnswer(*e.Before) + " to " + finding.DNSAnswer(*e.Answer)
		}
		return at + "DNS returns " + finding.DNSAnswer(*e.Answer)
	case Joined:
		return at + "is returned by DNS now"
	case Left:
		return at + "isn't returned by DNS any more"
	case Failed:
		return at + finding.TryResult(e.Later)
	case Flapped:
		return at + "failed again: " + finding.TryResult(e.Later)
	case Answers:
		return at + finding.TryResult(e.Later) + " at try " + fmt.Sprint(e.Tries)
	case Steady:
		return at + fmt.Sprintf("answered %d times in a row", e.Later.InRow)
	case Ended:
	}
	return strings.TrimSuffix(at, ": ")
}

// maxNotified is how many characters of a text a terminal is asked to show as a notification.
const maxNotified = 200

// Notification rings a terminal's bell, and asks it to show a text as a notification of the
// desktop (OSC 777, as rxvt-unicode defined it). Terminals that don't know it ignore it.
func Notification(text string) string {
	text = strings.ReplaceAll(flow.Printable(wording.Clip(text, maxNotified)), ";", ",")
	return "\a\x1b]777;notify;detour;" + text + "\x1b\\"
}
