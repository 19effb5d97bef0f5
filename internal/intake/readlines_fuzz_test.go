package intake

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"detour/internal/flow"
)

// A flow record is what encoding/json reads of it, also an unusual one; with an escape in a time, what it reads of it
// without.
func FuzzDecode(f *testing.F) {
	all, err := filepath.Glob(filepath.Join("..", "flow", "testdata", "*.json"))
	if err != nil || len(all) == 0 {
		f.Fatal(err)
	}
	for _, path := range all {
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(b))
	}
	for _, text := range []string{
		`{"v":1,"id":1}`, `{"V":1,"ID":2}`, `{"v":1,"v":2}`, `{"v":1,"new":[{}]}`, `{"v":null,"request":null,"response":null,"why":null}`,
		`{"v":1,"request":{"headers":[["a"],["b","c","d"]],"body_base64":"eA==\n"}}`, "{\"v\":1,\"note\":\"\xff\"}", `{"note":"\ud800"}`,
		`{"v":1,"started":"2026-11-24T09:00:00+01:00"}`, `{"started":"2026\u002d11-24T09:00:00Z"}`, `{"v":1.0}`, `{"v":1e0}`, `{"timings":{"wait":1e400}}`, `{"timings":{"wait":-0.0}}`,
		`{"connection":{"resolution":{"addresses":[{"ip":""},{"ip":null}]}}}`, `{"v":1} {}`, `{"v":1`, `[]`, `{"findings":[null,{"code":"x"}]}`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var got, want flow.Record
		gotErr, wantErr := decode([]byte(text), &got), json.Unmarshal([]byte(text), &want)
		if refused := (*time.ParseError)(nil); gotErr == nil && errors.As(wantErr, &refused) {
			want = flow.Record{}
			wantErr = json.Unmarshal(unescaped(t, text), &want)
		}
		if (gotErr == nil) != (wantErr == nil) || gotErr != nil && gotErr.Error() != wantErr.Error() {
			t.Errorf("%q: %v, want %v", text, gotErr, wantErr)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %+v, want %+v", text, got, want)
		}
	})
}

// unescaped is JSON with escapes only where they are needed.
func unescaped(t *testing.T, text string) []byte {
	t.Helper()
	in := json.NewDecoder(strings.NewReader(text))
	in.UseNumber()
	var all any
	if err := in.Decode(&all); err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
