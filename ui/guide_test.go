package ui

import (
	"strings"
	"testing"
)

func TestGuide_hasEveryKeyCommandColumnAndGroup(t *testing.T) {
	text := Guide()
	for _, c := range commands(views(), nil) {
		if c.long != "" && strings.Count(text, c.show+strings.Repeat(" ", max(1, 13-width(c.show)))+c.long+"\n") == 0 {
			t.Errorf("%s isn't there: %s", c.show, c.long)
		}
	}
	for _, v := range verbs() {
		if !strings.Contains(text, "\n  "+strings.TrimSpace(v.name+" "+v.args)+"\n") {
			t.Errorf("the command %s isn't there", v.name)
		}
	}
	for _, c := range columns() {
		if !strings.Contains(text, "\n  "+c.name+" ") {
			t.Errorf("the column %s isn't there", c.name)
		}
	}
	for _, g := range groupings() {
		if !strings.Contains(text, "\n  "+g.name+" ") {
			t.Errorf("the group %s isn't there", g.name)
		}
	}
}
