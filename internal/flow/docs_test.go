package flow

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// recordHeads are the headings of docs/record.md that the record's types are below.
var recordHeads = map[reflect.Type]string{
	reflect.TypeFor[Record]():           "Record",
	reflect.TypeFor[RecordAWS]():        "AWS",
	reflect.TypeFor[RecordError]():      "Error",
	reflect.TypeFor[RecordMeasure]():    "Measure",
	reflect.TypeFor[RecordPreflight]():  "Preflight",
	reflect.TypeFor[RecordRequest]():    "Request",
	reflect.TypeFor[RecordResponse]():   "Response",
	reflect.TypeFor[RecordBody]():       "Body",
	reflect.TypeFor[RecordFailure]():    "Failure",
	reflect.TypeFor[RecordConnection](): "Connection",
	reflect.TypeFor[RecordVia]():        "Proxy answer",
	reflect.TypeFor[RecordResolution](): "Resolution",
	reflect.TypeFor[RecordAddress]():    "Address",
	reflect.TypeFor[RecordQuery]():      "Query",
	reflect.TypeFor[RecordAnswer]():     "Earlier answer",
	reflect.TypeFor[RecordReference]():  "Reference",
	reflect.TypeFor[RecordAttempt]():    "Attempt",
	reflect.TypeFor[RecordLater]():      "Later",
	reflect.TypeFor[RecordTLS]():        "TLS",
	reflect.TypeFor[RecordCert]():       "Certificate",
	reflect.TypeFor[RecordTimings]():    "Timings",
	reflect.TypeFor[RecordMoments]():    "Moments",
	reflect.TypeFor[RecordMessages]():   "WebSocket",
	reflect.TypeFor[RecordCount]():      "Messages",
}

// recordTypes are the types that the record is made of, from t down.
func recordTypes(t reflect.Type, seen map[reflect.Type]bool) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || !strings.HasPrefix(t.Name(), "Record") || seen[t] {
		return
	}
	seen[t] = true
	for i := range t.NumField() {
		recordTypes(t.Field(i).Type, seen)
	}
}

// TestDocs_recordPageHasEveryKey: docs/record.md is written by hand, but names every key
// of the record, and none that isn't there.
func TestDocs_recordPageHasEveryKey(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("..", "..", "docs", "record.md"))
	if err != nil {
		t.Fatal(err)
	}
	key := regexp.MustCompile("`([a-z0-9_]+)`")
	onPage := map[string][]string{}
	for _, section := range strings.Split(string(b), "\n## ")[1:] {
		head, text, _ := strings.Cut(section, "\n")
		for line := range strings.Lines(text) {
			if cells := strings.Split(line, "|"); len(cells) > 2 {
				for _, m := range key.FindAllStringSubmatch(cells[1], -1) {
					onPage[head] = append(onPage[head], m[1])
				}
			}
		}
	}
	types := map[reflect.Type]bool{}
	recordTypes(reflect.TypeFor[Record](), types)
	for typ := range types {
		head := recordHeads[typ]
		var keys []string
		for i := range typ.NumField() {
			if f := typ.Field(i); !f.Anonymous {
				name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
				keys = append(keys, name)
			}
		}
		slices.Sort(keys)
		slices.Sort(onPage[head])
		if !slices.Equal(keys, onPage[head]) {
			t.Errorf("%s, %q in docs/record.md:\ntype %v\npage %v", typ.Name(), head, keys, onPage[head])
		}
	}
}

func TestDocs_recordPageHasEveryFailureKind(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("..", "..", "docs", "record.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range FailureKinds() {
		if !strings.Contains(string(b), "`"+string(k)+"`") || !IsWord(string(k)) {
			t.Errorf("docs/record.md doesn't have the failure kind %s, or it isn't a word", k)
		}
	}
}
