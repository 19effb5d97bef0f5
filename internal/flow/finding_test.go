package flow

import (
	"encoding/json"
	"testing"
)

// TestFinding_recordHasNextStepsAsText: the JSON form has each step on one line, and a
// file that was read has no commands to run.
func TestFinding_recordHasNextStepsAsText(t *testing.T) {
	f := Finding{Code: "c", Try: []NextStep{{Text: "Query DNS", Command: "dig a"}, {Text: "Wait"}, {Command: "dig b"}}, Asks: []Ask{{NetworkTeam, "Add a route."}}}
	b, err := json.Marshal(f.Record())
	if err != nil {
		t.Fatal(err)
	}
	want := `{"code":"c","level":"","title":"","because":[],"alternatives":[],"try":["Query DNS: dig a","Wait","dig b"],"hosts":[],"flows":[],"confidence":"",` +
		`"asks":[{"of":"network team","what":"Add a route."}]}`
	if string(b) != want {
		t.Errorf("got  %s\nwant %s", b, want)
	}
	for _, s := range f.Record().Finding().Try {
		if s.Command != "" {
			t.Errorf("a file has the command %q", s.Command)
		}
	}
}
