package detail

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"detour/internal/flow"
	"detour/ui/flowtest"
)

// TestShortened_changesNothingButLongTexts, and writes to nothing that it is given.
func TestShortened_changesNothingButLongTexts(t *testing.T) {
	for _, f := range flowtest.WithBodies() {
		r := f.Record()
		want, _ := json.Marshal(r)
		got, err := json.Marshal(shortTexts(reflect.ValueOf(r)).Interface())
		if diff := cmp.Diff(string(want), string(got)); diff != "" || err != nil {
			t.Errorf("#%d: %v (-want +got)\n%s", f.ID, err, diff)
		}
	}
	f := flowtest.Hostile(strings.Repeat("x", 1<<20))
	f.Why = []flow.Evidence{flow.Evidence(strings.Repeat("y", 1<<20))}
	b, err := json.Marshal(shortTexts(reflect.ValueOf(f.Record())).Interface())
	if err != nil || len(b) > 1<<20 {
		t.Errorf("the record has %d bytes, %v", len(b), err)
	}
	if len(f.Why[0]) != 1<<20 || len(f.Conn.Resolution.CNAMEs[0]) != 1<<20 {
		t.Error("the flow was written to")
	}
}
