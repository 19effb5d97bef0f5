package har

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"detour/internal/flow"
)

const one = `{"startedDateTime":"2026-11-20T10:28:00Z","time":5,"request":{"method":"GET","url":"https://h.example/é😀"},"response":{"status":200},"timings":{"send":1,"wait":3,"receive":1}}`

func log(entries ...string) string {
	return `{"log":{"version":"1.2","creator":{"name":"x","version":"1"},"entries":[` + strings.Join(entries, ",") + `]}}`
}

func TestDecode_readsEveryUnicode(t *testing.T) {
	wide := func(order binary.AppendByteOrder, mark string) string {
		out := []byte(mark)
		for _, u := range utf16.Encode([]rune(log(one))) {
			out = order.AppendUint16(out, u)
		}
		return string(out)
	}
	for name, file := range map[string]string{
		"UTF-8":                        log(one),
		"UTF-8 with a byte order mark": "\xEF\xBB\xBF" + log(one),
		"UTF-16LE":                     wide(binary.LittleEndian, "\xFF\xFE"),
		"UTF-16BE":                     wide(binary.BigEndian, "\xFE\xFF"),
	} {
		flows, info, err := read(t, inSevens(file))
		if err != nil || len(flows) != 1 || flows[0].Request.URL != "https://h.example/é😀" {
			t.Errorf("%s: %d flows, %+v, %v", name, len(flows), info, err)
		}
	}
	if flows, _, err := read(t, strings.NewReader("\xFF\xFE{")); err == nil || len(flows) != 0 {
		t.Error("half a character is a HAR")
	}
}

// inSevens hands out 7 bytes at a time, which is no number of characters.
func inSevens(s string) io.Reader {
	var parts []io.Reader
	for len(s) > 0 {
		n := min(7, len(s))
		parts = append(parts, strings.NewReader(s[:n]))
		s = s[n:]
	}
	return io.MultiReader(parts...)
}

func TestDecode_oneWrongFieldDoesNotLoseTheFile(t *testing.T) {
	for name, c := range map[string]struct {
		entry string
		is    func(f *flow.Flow) bool
		noted bool
	}{
		"a status as a string":    {`{"startedDateTime":"2026-11-20T10:28:00Z","request":{"url":"https://h/"},"response":{"status":"403"}}`, func(f *flow.Flow) bool { return f.Response.Status == 403 }, false},
		"timings are null":        {`{"startedDateTime":"2026-11-20T10:28:00Z","time":9,"request":{"url":"https://h/"},"response":{"status":200},"timings":null}`, func(f *flow.Flow) bool { return f.Response != nil && f.Conn.Attempts == nil }, false},
		"no headers, no response": {`{"startedDateTime":"2026-11-20T10:28:00Z","time":9,"request":{"url":"https://h/"}}`, func(f *flow.Flow) bool { return f.Failure.Message == silent }, false},
		"headers are an object":   {`{"startedDateTime":"2026-11-20T10:28:00Z","request":{"url":"https://h/","headers":{"a":"b"}},"response":{"status":200}}`, func(f *flow.Flow) bool { return f.Response.Status == 200 && len(f.Request.Headers) == 0 }, true},
		"a header is a number":    {`{"startedDateTime":"2026-11-20T10:28:00Z","request":{"url":"https://h/","headers":[{"name":"a","value":7},{"name":"b","value":null}]},"response":{"status":200}}`, func(f *flow.Flow) bool { return flow.Get(f.Request.Headers, "A") == "7" && len(f.Request.Headers) == 2 }, false},
		"the response is a text":  {`{"startedDateTime":"2026-11-20T10:28:00Z","request":{"url":"https://h/"},"response":"gone"}`, func(f *flow.Flow) bool { return f.Failure != nil }, true},
		"no time":                 {`{"startedDateTime":null,"request":{"url":"https://h/"},"response":{"status":200}}`, func(f *flow.Flow) bool { return f.Times.Start.Equal(time.Date(2026, 11, 20, 10, 28, 0, 0, time.UTC)) }, true},
		"a zone without a colon":  {`{"startedDateTime":"2026-11-20T19:28:00.5+0900","request":{"url":"https://h/"},"response":{"status":200}}`, func(f *flow.Flow) bool { return f.Times.Start.Equal(time.Date(2026, 11, 20, 10, 28, 0, 5e8, time.UTC)) }, false},
		"an address with a port":  {`{"startedDateTime":"2026-11-20T10:28:00Z","request":{"url":"https://h/"},"response":{"status":200},"serverIPAddress":"198.51.100.7:443"}`, func(f *flow.Flow) bool { return f.Conn.Winner().Addr == addr("198.51.100.7:443") }, false},
		"a connection by number":  {`{"startedDateTime":"2026-11-20T10:28:00Z","request":{"url":"https://h/"},"response":{"status":200},"connection":17}`, func(f *flow.Flow) bool { return f.Conn.ID == 1 }, false},
	} {
		flows, info, err := read(t, strings.NewReader(log(one, c.entry, one)))
		if err != nil || len(flows) != 3 || info.Skipped != 0 || (info.Notes != nil) != c.noted || !c.is(flows[1]) {
			t.Errorf("%s: %d flows, %+v, %v", name, len(flows), info, err)
		}
	}
}

func TestDecode_whatIsNoEntryIsSkippedAndSaid(t *testing.T) {
	for _, bad := range []string{`null`, `"x"`, `[]`, `7`, `{}`, `{"request":null}`, `{"request":{"url":NaN}}`, `{"request":{"url":"https://h/"}]`, strings.Repeat("[", 20000) + strings.Repeat("]", 20000)} {
		flows, info, err := read(t, strings.NewReader(log(one, bad, one)))
		if err != nil || len(flows) != 2 || info.Skipped != 1 || len(info.Notes) != 1 || flows[1].ID != 2 {
			t.Errorf("%.40s: %d flows, %+v, %v", bad, len(flows), info, err)
		}
	}
	_, info, err := read(t, strings.NewReader(log("7", "8")))
	if err == nil || info.Skipped != 2 || !strings.Contains(err.Error(), "no entry of 2") {
		t.Errorf("nothing readable: %+v, %v", info, err)
	}
	wrong := `{"startedDateTime":"","request":{"url":"https://h/","headers":{}}}`
	if _, info, err = read(t, strings.NewReader(log(wrong, wrong, wrong))); err != nil || len(info.Notes) != 2 {
		t.Errorf("what is wrong with many entries is said more than once: %q, %v", info.Notes, err)
	}
	var many []string
	for i := range 100 {
		many = append(many, fmt.Sprintf(`{"a%d":"\u001b[2J"}`, i))
	}
	if _, info, _ = read(t, strings.NewReader(log(append(many, one)...))); len(info.Notes) > 20 || strings.Contains(strings.Join(info.Notes, ""), "\x1b") {
		t.Errorf("notes %q", info.Notes)
	}
}

func TestDecode_anEntryThatIsTooLargeIsSkipped(t *testing.T) {
	huge := `{"request":{"url":"https://h/"},"response":{"status":200,"content":{"text":"` + strings.Repeat(`x\"{`, 1000) + `"}}}`
	var flows []*flow.Flow
	info, err := decode(strings.NewReader(log(one, huge, one)), 2000, func(f *flow.Flow) error { flows = append(flows, f); return nil })
	if err != nil || len(flows) != 2 || info.Skipped != 1 || !strings.Contains(info.Notes[0], "entry 2 is larger than 2000 bytes") {
		t.Errorf("%d flows, %+v, %v", len(flows), info, err)
	}
}

// A long reader is a HAR of many entries that never is in memory.
type longReader struct {
	head, entry, tail string
	left              int
	at                string
}

func (l *longReader) Read(p []byte) (int, error) {
	if l.at == "" {
		switch {
		case l.head != "":
			l.at, l.head = l.head, ""
		case l.left > 0:
			if l.at = l.entry; l.left > 1 {
				l.at += ","
			}
			l.left--
		case l.tail != "":
			l.at, l.tail = l.tail, ""
		default:
			return 0, io.EOF
		}
	}
	n := copy(p, l.at)
	l.at = l.at[n:]
	return n, nil
}

func TestDecode_holdsOneEntryAtATime(t *testing.T) {
	big := strings.Replace(one, `"status":200`, `"status":200,"content":{"text":"`+strings.Repeat("x", 1<<20)+`"}`, 1)
	whole, n := log(big), 30
	at := strings.Index(whole, big)
	r := &longReader{head: whole[:at], entry: big, tail: whole[at+len(big):], left: n}
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	most := uint64(0)
	info, err := Decode(r, func(*flow.Flow) error {
		runtime.GC() // how late it comes on its own depends on what else the machine does
		runtime.ReadMemStats(&now)
		most = max(most, now.HeapAlloc)
		return nil
	})
	if err != nil || info.Entries != n {
		t.Fatalf("%+v, %v", info, err)
	}
	if grown := int64(most) - int64(before.HeapAlloc); grown > 20<<20 {
		t.Errorf("%d MiB of a file of %d MiB are in memory at once", grown>>20, n)
	}
}

func TestScanner_endsWhereEncodingJSONDoes(t *testing.T) {
	for _, v := range []string{`"a\"b\\"`, `{"a":"}\"]","b":[1,{"c":null}]}`, `[[],{},""]`, `-1.5e3`, `true`, `"` + strings.Repeat(`x`, 300) + `\\` + strings.Repeat(`y\"`, 300) + `"`} {
		for _, after := range []string{",1", "]", " ", "\n}"} {
			s := scanner{r: bufio.NewReaderSize(inSevens(" "+v+after), 16)}
			got, err := s.value(1 << 20)
			if err != nil || string(got) != v || s.at != int64(len(v)+1) || !json.Valid(got) {
				t.Errorf("%s%s: %q, %v, at %d", v, after, got, err, s.at)
			}
		}
	}
}

func TestDecode_aTextThatNeverEndsIsRefused(t *testing.T) {
	for _, bad := range []string{`{"log":{"entries":[{"a":"` + strings.Repeat("x", 1000), `{"log":{"x":`, `{"log"`, `{"log":{"version":}}`, `{,}`, `{"log":{"entries":[` + one + ` ` + one + `]}}`, strings.Repeat("[", 100)} {
		if _, info, err := read(t, strings.NewReader(bad)); err == nil {
			t.Errorf("%.30s: %+v", bad, info)
		}
	}
}

func TestDecode_whatOursSaysIsNotTakenOnTrustInside(t *testing.T) {
	file := string(encode(t, story()))
	for name, swap := range map[string][2]string{
		"another version":    {`"v":1,`, `"v":2,`},
		"an ID beyond JSON":  {`"id":5,`, `"id":18446744073709551615,`},
		"a wrong address":    {`"ip":"10.0.1.23"`, `"ip":"10.0.1.999"`},
		"an escape sequence": {`"outcome":"timeout"`, `"outcome":"\u001b[2J"`},
		"no object":          {`"_detour":{"v":1,"id":5`, `"_detour":[],"_x":{"v":1,"id":5`},
	} {
		changed := strings.Replace(file, swap[0], swap[1], 9)
		flows, info, err := read(t, bytes.NewReader([]byte(changed)))
		if changed == file || err != nil || len(flows) != 5 || len(info.Notes) == 0 {
			t.Errorf("%s: %d flows, %q, %v", name, len(flows), info.Notes, err)
		}
		for i := range flows[1:] {
			if flows[i+1].ID <= flows[i].ID {
				t.Errorf("%s: ID %d after %d", name, flows[i+1].ID, flows[i].ID)
			}
		}
	}
}
