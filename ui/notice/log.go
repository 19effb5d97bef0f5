package notice

import (
	"strings"
	"time"

	"detour/internal/wording"
	"detour/ui/mask"
	"detour/ui/pane"
	"detour/ui/text"
)

// A messageLog is what the bottom line has said, the newest message last. It is bounded: the
// oldest ones are dropped.
type messageLog struct {
	messages []message
	dropped  int
}

// A message is a notice, which may have been repeated.
type message struct {
	notice
	times int
	cut   bool // text is only the beginning of what was said
}

// maxMessages is how many messages are stored.
const maxMessages = 200

// Lines are the messages so far with their times, as of the clock's time zone: the newest one
// is the last. m masks them; nil: nothing is masked.
func (b *Board) Lines(m *mask.Masker) pane.Page { return b.log.lines(m, b.now()) }

// add stores a message. The same one again is counted.
func (l *messageLog) add(n notice) {
	if last := len(l.messages) - 1; last >= 0 && l.messages[last].text == n.text && !l.messages[last].cut {
		l.messages[last].at = n.at
		l.messages[last].times++
		return
	}
	head, cut := text.Head(n.text, text.MaxCell)
	n.text = strings.Clone(head)
	if len(l.messages) == maxMessages {
		l.messages = append(l.messages[:0], l.messages[1:]...)
		l.dropped++
	}
	l.messages = append(l.messages, message{n, 1, cut})
}

// lines are the messages with their times. They may quote what a person has typed, and may be
// older than the mask.
func (l *messageLog) lines(m *mask.Masker, now time.Time) pane.Page {
	var p pane.Page
	if len(l.messages) == 0 {
		p.Add("", "there are no messages so far", pane.Plain)
		return p
	}
	if l.dropped > 0 {
		p.Add("", wording.Count(l.dropped, "older message")+" dropped", pane.Dim)
	}
	for _, x := range l.messages {
		s := m.Typed(x.text)
		if x.cut {
			s = m.Typed(m.Cut(x.text)) + text.Ellipsis
		}
		if x.times > 1 {
			s += " (" + wording.Count(x.times, "time") + ")"
		}
		p.Add(x.at.In(now.Location()).Format("15:04:05"), s, x.tone)
	}
	return p
}
