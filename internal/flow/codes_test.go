package flow

import (
	"encoding/json"
	"slices"
	"testing"
)

func TestCodes_areReadFromFindingsToo(t *testing.T) {
	for in, want := range map[string][]string{
		`["a","b"]`: {"a", "b"}, `[]`: {}, `null`: nil, `[{"code":"a","proof":{}},{"code":"b"}]`: {"a", "b"},
	} {
		var got Codes
		if err := json.Unmarshal([]byte(in), &got); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v", in, got, err)
		}
	}
	for _, in := range []string{`"a"`, `[1]`, `{}`, `[["a"]]`} {
		if err := json.Unmarshal([]byte(in), new(Codes)); err == nil {
			t.Errorf("%s was read", in)
		}
	}
}
