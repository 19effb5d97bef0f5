package unjudged

import (
	"testing"

	"detour/internal/flow"
)

func TestPanics_areTakenOnce(t *testing.T) {
	var p Panics
	broken := Rules{}
	func() { defer broken.Rescue("a", &flow.Flow{}); panic("test") }()
	p.Note(broken)
	if got := p.Take(); len(got) != 1 || got["a"].Value != "test" {
		t.Errorf("%v", got)
	}
	p.Note(broken)
	if got := p.Take(); len(got) > 0 {
		t.Errorf("again: %v", got)
	}
	func() { defer broken.Rescue("b", &flow.Flow{}); panic("test") }()
	p.Note(broken)
	if got := p.Take(); len(got) != 1 || got["b"] == nil {
		t.Errorf("another: %v", got)
	}
}
