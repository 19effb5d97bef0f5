package main

import (
	"errors"
	"fmt"
	"testing"

	"detour/internal/usererr"
)

func TestSettings_theSourceOfAFlagIsNamedInItsMistake(t *testing.T) {
	s := newSettings()
	s.origin["bodies"], s.origin["md"] = "DETOUR_BODIES", "config:3"
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"set by a variable":           {flagUsage("bodies", "h", "most is no size"), "most is no size (set by DETOUR_BODIES)"},
		"one of two, set by a file":   {conflict("json", "md", "one form at a time"), "one form at a time (set by config:3)"},
		"wrapped by where it happens": {fmt.Errorf("demo: %w", flagUsage("bodies", "h", "wrong")), "wrong (set by DETOUR_BODIES)"},
		"from the command line":       {flagUsage("listen", "h", "--listen is wrong"), "--listen is wrong"},
		"about no flag":               {usage("h", "a text that names --bodies"), "a text that names --bodies"},
		"no mistake in usage":         {failed("h", "--bodies can't be written"), "--bodies can't be written"},
		"no mistake of a person":      {errors.New("--bodies"), "--bodies"},
	} {
		got := s.explain(c.err)
		if got.Error() != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		before, after := usererr.As(c.err), usererr.As(got)
		if before != nil && (after == nil || after.Hint != before.Hint || after.Class != before.Class) {
			t.Errorf("%s: %#v became %#v", name, before, after)
		}
	}
}
