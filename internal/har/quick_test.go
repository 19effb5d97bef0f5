package har

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// entriesOf are the entries of HARs, as they are written.
func entriesOf(tb testing.TB, dirs ...string) (out []string) {
	tb.Helper()
	for _, dir := range dirs {
		files, err := filepath.Glob(filepath.Join(dir, "*.har"))
		if err != nil || len(files) == 0 {
			tb.Fatal(dir, err)
		}
		for _, path := range files {
			b, err := os.ReadFile(path)
			if err != nil {
				tb.Fatal(err)
			}
			var file struct {
				Log struct{ Entries []json.RawMessage }
			}
			if json.Unmarshal(b, &file) != nil {
				continue // not all are valid
			}
			for _, e := range file.Log.Entries {
				out = append(out, string(e))
			}
		}
	}
	return out
}

// read reads an entry in both ways and reports whether quick took it. What it takes has to be what
// encoding/json makes of it.
func (q *quick) sameAsLenient(tb testing.TB, raw string) bool {
	tb.Helper()
	var got, want entry
	if !q.entry([]byte(raw), &got) {
		return false
	}
	if err := lenient([]byte(raw), &want); err != nil {
		tb.Fatalf("encoding/json: %v, of\n%s", err, raw)
	}
	for _, e := range []*entry{&got, &want} {
		c := &e.Response.Content
		body, cut := e.Response.body()
		c.Text, c.Truncated = word(body), cut
		for _, list := range []*[]header{&e.Request.Headers, &e.Response.Headers} {
			*list = append([]header{}, *list...)
		}
		if p := e.Request.PostData; p != nil {
			p.Params = append([]header{}, p.Params...)
		}
	}
	if !reflect.DeepEqual(got, want) {
		tb.Fatalf("got  %+v\nwant %+v\nof   %s", got, want, raw)
	}
	return true
}

func TestQuick_readsWhatBrowsersWrite(t *testing.T) {
	q, n, taken := new(quick), 0, 0
	for _, raw := range entriesOf(t, "testdata", filepath.Join("..", "..", "cmd", "detour", "testdata", "recorded")) {
		if n++; q.sameAsLenient(t, raw) {
			taken++
		}
	}
	if t.Logf("%d of %d entries", taken, n); taken < n*9/10 {
		t.Errorf("only %d of %d entries are taken", taken, n)
	}
}

// What a script or a fault may make of an entry is read as encoding/json reads it, or left to that.
func TestQuick_leavesWhatIsUnusualToEncodingJSON(t *testing.T) {
	const usual = `{"startedDateTime":"2026-11-20T10:28:00Z","time":5,"request":{"method":"GET","url":"https://h.example/é"},"response":{"status":200}}`
	for name, raw := range map[string]string{
		"another case":         strings.Replace(usual, `"time"`, `"Time"`, 1),
		"the Kelvin sign":      strings.Replace(usual, `"time"`, "\"\u212a\"", 1),
		"twice":                strings.Replace(usual, `"time":5`, `"time":5,"time":6`, 1),
		"an escaped name":      strings.Replace(usual, `"time"`, `"\u0074ime"`, 1),
		"a number as a string": strings.Replace(usual, `5`, `"5"`, 1),
		"a leading zero":       strings.Replace(usual, `:5`, `:05`, 1),
		"a lone sign":          strings.Replace(usual, `:5`, `:-`, 1),
		"a huge number":        strings.Replace(usual, `:5`, `:1e999`, 1),
		"no UTF-8":             strings.Replace(usual, `é`, "\xff", 1),
		"a control character":  strings.Replace(usual, `é`, "\t", 1),
		"an unknown escape":    strings.Replace(usual, `é`, `\x`, 1),
		"half an escape":       strings.Replace(usual, `é`, `\u00`, 1),
		"a list for a string":  strings.Replace(usual, `"GET"`, `[]`, 1),
		"a comma at the end":   strings.Replace(usual, `200}`, `200,}`, 1),
		"a comment":            strings.Replace(usual, `:5`, `:/**/5`, 1),
		"more after it":        usual + "1",
		"no end":               usual[:len(usual)-1],
		"deep":                 strings.Replace(usual, `:5`, `:5,"x":`+strings.Repeat("[", 1000)+strings.Repeat("]", 1000), 1),
	} {
		if new(quick).sameAsLenient(t, raw) {
			t.Errorf("%s is taken", name)
		}
	}
	for name, raw := range map[string]string{
		"usual":        usual,
		"null":         strings.Replace(usual, `:5`, `:null,"_error":null`, 1),
		"white space":  strings.ReplaceAll(usual, `":`, "\" :\r\n\t"),
		"surrogates":   strings.Replace(usual, `é`, `\ud83d\ude00 \ud83d \ude00\u00e9 \/`, 1),
		"a number":     strings.Replace(usual, `"GET"`, `12.50e+3`, 1),
		"a large body": strings.Replace(usual, `200}`, `200,"content":{"text":"`+strings.Repeat(`é\n`, maxBody)+`"}}`, 1),
		"base64":       strings.Replace(usual, `200}`, `200,"content":{"text":"`+strings.Repeat(`QUJD`, maxBody)+`","encoding":"base64"}}`, 1),
		"empty":        `{}`,
	} {
		if !new(quick).sameAsLenient(t, raw) {
			t.Errorf("%s isn't taken", name)
		}
	}
}

// One byte of an entry after the other is changed, removed or repeated.
func TestQuick_ofAChangedEntryIsWhatEncodingJSONMakesOfIt(t *testing.T) {
	q, random := new(quick), rand.New(rand.NewPCG(3, 4)) //nolint:gosec // the same each time
	const bytes = "\"\\{}[],:0159eE+-.ntfu/ \n\x00\xffAé"
	for _, raw := range entriesOf(t, "testdata") {
		for range 40 {
			i := random.IntN(len(raw))
			with := string(bytes[random.IntN(len(bytes))])
			q.sameAsLenient(t, raw[:i]+with+raw[i+1:])
			q.sameAsLenient(t, raw[:i]+raw[i+1:])
			q.sameAsLenient(t, raw[:i]+with+raw[i:])
		}
	}
}

func FuzzQuick(f *testing.F) {
	for _, raw := range entriesOf(f, "testdata") {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) { new(quick).sameAsLenient(t, raw) })
}
