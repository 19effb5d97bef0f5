package intake_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/cryptotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"detour/internal/aws"
	"detour/internal/filter"
	"detour/internal/finding"
	"detour/internal/flow"
	"detour/internal/fulltest"
	"detour/internal/intake"
)

// A file has the same findings, and as many flows, whether these are kept or counted: each HAR of the tests,
// random changes of it, and the same flows in other files.
func TestRead_findsTheSameIfFlowsAreOnlyCounted(t *testing.T) {
	tables := loadTables(t)
	files := recordedHARs(t, judgement)
	random := rand.New(rand.NewPCG(3, 4)) //nolint:gosec // the same each time
	few, corrected := 0, map[string]bool{}
	for i, path := range files {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		texts := [][]byte{b}
		if i%fulltest.Or(6, 1) == 0 {
			texts = append(texts, b[:len(b)/2], slices.Concat(b, b))
		}
		for range fulltest.Or(1, 40) {
			texts = append(texts, changedHAR(t, random, b))
		}
		for _, text := range texts {
			if few += sameDiagnosis(t, tables, written(t, text), corrected); t.Failed() {
				t.Fatal(path)
			}
		}
		if i == 0 {
			c := read(t, tables, path, true)
			for _, path := range []string{exported(t, c, "har"), exported(t, c, "jsonl"), stored(t, c)} {
				sameDiagnosis(t, tables, path, corrected)
			}
		}
	}
	if few == 0 || len(corrected) < 2 {
		t.Errorf("%d files were diagnosed without flows, corrections: %v", few, corrected)
	}
}

// sameDiagnosis compares both, of a file and on stdin, and returns 1 if it kept no flows.
func sameDiagnosis(t *testing.T, tables *aws.Tables, path string, corrected map[string]bool) int {
	t.Helper()
	return sameDiagnosisBy(t, intake.Reader{Tables: tables}, path, corrected)
}

func sameDiagnosisBy(t *testing.T, r intake.Reader, path string, corrected map[string]bool) int {
	t.Helper()
	var notices [2][]string
	open := func(i int) (intake.Reader, string) {
		r, path := r, path
		r.Notice = func(n intake.Notice) { notices[i] = append(notices[i], n.Text) }
		if r.Stdin != nil {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			b = append(b, bytes.Repeat([]byte("\n"), 1<<16)...) // a short one isn't held
			r.Stdin, path = bytes.NewReader(b), "-"
		}
		cryptotest.SetGlobalRandom(t, 1) // the keys of pseudonyms
		return r, path
	}
	first, of := open(0)
	want, err := first.Read(t.Context(), of)
	var n intake.Counts
	counting, of := open(1)
	counting.Counts = &n
	counting.Hold(t.Context(), of)
	got, gotErr := counting.Read(t.Context(), of)
	if err != nil || gotErr != nil {
		if err == nil || gotErr == nil || err.Error() != gotErr.Error() {
			t.Errorf("%v, want %v", gotErr, err)
		}
		return 0
	}
	counts := intake.Counts{Flows: len(want.Flows)}
	for _, f := range want.Flows {
		if counts.By == nil {
			counts.By = make(map[flow.Origin]int)
		}
		counts.By[f.Origin]++
		if finding.Waits(f) {
			counts.Waiting++
		}
	}
	few := 0
	if len(got.Flows) == 0 {
		few = 1
		for _, text := range notices[0] {
			for _, word := range []string{"the Date of the response", "the address of a proxy"} {
				if strings.Contains(text, word) {
					corrected[word] = true
				}
			}
		}
	}
	got.Flows = want.Flows
	if d := cmp.Diff([]any{want.Findings, want.Last, want.Selected, want.Unread, want.Omitted, want.Creator, want.Redacted, counts, notices[0]},
		[]any{got.Findings, got.Last, got.Selected, got.Unread, got.Omitted, got.Creator, got.Redacted, n, notices[1]}); d != "" {
		t.Errorf("(-kept +counted):\n%s", d)
	}
	if !reflect.DeepEqual(want.Findings, got.Findings) {
		t.Error("the findings differ")
	}
	return few
}

func written(t *testing.T, text []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.har")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// dateLater makes an entry's response one that took longer than its phases say.
func dateLater(e map[string]any) {
	response, _ := e["response"].(map[string]any)
	headers, _ := response["headers"].([]any)
	for _, h := range headers {
		h, _ := h.(map[string]any)
		value, _ := h["value"].(string)
		if at, err := http.ParseTime(value); err == nil {
			h["value"] = at.Add(20 * time.Second).Format(http.TimeFormat)
		}
	}
}

// changedHAR returns a HAR with some entries more or less, and others changed.
func changedHAR(t *testing.T, random *rand.Rand, b []byte) []byte {
	t.Helper()
	var file map[string]any
	if err := json.Unmarshal(b, &file); err != nil {
		return b // not all are valid
	}
	log, _ := file["log"].(map[string]any)
	entries, _ := log["entries"].([]any)
	if len(entries) == 0 {
		return b
	}
	one := func() map[string]any {
		e, _ := entries[random.IntN(len(entries))].(map[string]any)
		return e
	}
	for range 1 + random.IntN(8) {
		e, other := one(), one()
		switch random.IntN(6) {
		case 0:
			entries = append(entries, maps.Clone(e))
		case 1:
			i := random.IntN(len(entries))
			entries = slices.Insert(slices.Clone(entries), i, any(maps.Clone(other)))
		case 2:
			for _, x := range entries { // all hosts have one address: a proxy's
				if x, is := x.(map[string]any); is {
					x["serverIPAddress"] = "10.9.8.7"
				}
			}
		case 3:
			e["response"], e["timings"], e["time"] = other["response"], other["timings"], other["time"]
		case 4:
			e["request"], e["serverIPAddress"] = other["request"], other["serverIPAddress"]
		case 5:
			dateLater(e)
		}
	}
	log["entries"] = entries
	out, err := json.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Max is for flows that are in memory: of a capture of which only the findings are wanted, all are judged,
// and those that a filter selects are counted.
func TestRead_judgesAllFlowsOfACaptureThatAreOnlyCounted(t *testing.T) {
	tables, path := loadTables(t), captureOf(t, 510) // the 500th flow fails
	want, err := intake.Reader{Tables: tables}.Read(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	for text, flows := range map[string]int{"": 510, "id:#500": 1} {
		keep, err := filter.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		var n intake.Counts
		got, err := intake.Reader{Tables: tables, Keep: keep, Max: 10, Counts: &n}.Read(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		if n.Flows != flows || n.By[flow.OriginDirect] != flows || got.Selected != flows || len(got.Flows) > 0 {
			t.Errorf("%q: %+v of %d flows, %d in memory; want %d", text, n, got.Selected, len(got.Flows), flows)
		}
		if d := cmp.Diff(want.Findings, got.Findings); d != "" || len(got.Findings) == 0 {
			t.Errorf("%q: (-all +counted) %s", text, d)
		}
	}
}
