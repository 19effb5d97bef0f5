package notice

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"detour/ui/flowtest"
	"detour/ui/pane"
)

func TestMessageLog_isBoundedAndHarmless(t *testing.T) {
	var l messageLog
	for i := range 10_000 {
		l.add(notice{fmt.Sprintf("%d ", i) + strings.Repeat("x", 1<<12), pane.Bad, flowtest.Start})
	}
	size := 0
	for _, m := range l.messages {
		size += len(m.text)
	}
	if len(l.messages) != maxMessages || size > maxMessages<<10 {
		t.Errorf("%d messages with %d bytes", len(l.messages), size)
	}
	l.add(notice{"\x1b[2Jcleared\x07", pane.Bad, flowtest.Start.Add(time.Second)})
	page := l.lines(nil, flowtest.Start)
	if got := pane.PlainText(page); !strings.Contains(got, "9801 older messages dropped") || strings.ContainsAny(got, "\x1b\x07") {
		t.Errorf("%.200q", got)
	}
	for _, r := range pane.Layout(page[len(page)-1:], 80, pane.Reading{}) {
		if strings.ContainsAny(r.Text, "\x1b\x07") {
			t.Errorf("row %q", r.Text)
		}
	}
}
