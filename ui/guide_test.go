package ui

import (
	"strings"
	"testing"

	"detour/ui/table"
	"detour/ui/text"
)

func TestGuide_hasEveryKeyCommandColumnAndGroup(t *testing.T) {
	s := Guide()
	for _, c := range keyActions(&app{}, builtIn(), nil) {
		if c.long != "" && strings.Count(s, c.show+strings.Repeat(" ", max(1, 13-text.Width(c.show)))+c.long+"\n") == 0 {
			t.Errorf("%s isn't there: %s", c.show, c.long)
		}
	}
	for _, v := range commands(&app{}) {
		if !strings.Contains(s, "\n  "+strings.TrimSpace(v.name+" "+v.args)+"\n") {
			t.Errorf("the command %s isn't there", v.name)
		}
	}
	for _, c := range table.Columns() {
		if !strings.Contains(s, "\n  "+c.Name+" ") {
			t.Errorf("the column %s isn't there", c.Name)
		}
	}
	for _, g := range table.Groupings() {
		if !strings.Contains(s, "\n  "+g.Name+" ") {
			t.Errorf("the group %s isn't there", g.Name)
		}
	}
}
