package browser

import (
	"bufio"
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func TestReadMessage_takesWhatIsFramedAndNothingElse(t *testing.T) {
	for in, want := range map[string]string{
		"2:{}":      "{}",
		"2:{}3:abc": "{}",
		"0:":        "",
		"02:{}":     "{}",
	} {
		if got, err := readMessage(bufio.NewReader(strings.NewReader(in))); err != nil || string(got) != want {
			t.Errorf("%q: %q %v, want %q", in, got, err, want)
		}
	}
	for name, in := range map[string]string{
		"nothing":             "",
		"no length":           ":{}",
		"no colon":            "2",
		"cut off":             "3:{}",
		"a sign":              "-2:{}",
		"a blank":             " 2:{}",
		"HTTP":                "HTTP/1.1 200 OK\r\n\r\n",
		"too long":            "1048577:",
		"no end of digits":    strings.Repeat("0", 1<<10) + ":",
		"a length beyond int": strings.Repeat("9", 1<<10) + ":",
	} {
		if got, err := readMessage(bufio.NewReader(strings.NewReader(in))); err == nil {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestReadMessage_takesTheLongestThatIsAllowed(t *testing.T) {
	want := bytes.Repeat([]byte("x"), maxMessage)
	if got, err := readMessage(bufio.NewReader(bytes.NewReader(framed(want)))); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

func FuzzReadMessage(f *testing.F) {
	for _, s := range []string{"2:{}", "0:", "007:", "99999999:", "1048576:x", "x", ":", `50:{"applicationType":"gecko","marionetteProtocol":3}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		r := bufio.NewReader(bytes.NewReader(in))
		got, err := readMessage(r)
		if err != nil {
			return
		}
		rest := in[len(in)-r.Buffered():]
		if frame := bytes.TrimLeft(in[:len(in)-len(rest)], "0"); len(got) > maxMessage || !bytes.Equal(frame, bytes.TrimLeft(framed(got), "0")) {
			t.Errorf("%q was read as %q", in, got)
		}
	})
}

func TestAnswer_isTheResultOfThisCommandOrItsError(t *testing.T) {
	if got, err := answer([]byte(`[1,7,null,{"value":true}]`), 7); err != nil || string(got) != `{"value":true}` {
		t.Errorf("%s %v", got, err)
	}
	for in, want := range map[string]string{
		`[1,7,{"error":"session not created","message":"Maximum number of active sessions","stacktrace":""},null]`: `"session not created": "Maximum number of active sessions"`,
		`[1,7,{"error":"e","message":"\u001b[2J` + strings.Repeat("x", 1<<10) + `"},null]`:                         `"e": "\x1b[2Jxx`,
		`[1,6,null,{}]`:      "answered",
		`[0,7,"x",{}]`:       "answered",
		`[1,7,null]`:         "answered",
		`[1,7,"error",null]`: "answered",
		`{}`:                 "answered",
		`[`:                  "answered",
		``:                   "answered",
	} {
		if got, err := answer([]byte(in), 7); err == nil || !strings.HasPrefix(err.Error(), want) || len(err.Error()) > 500 {
			t.Errorf("%.100s: %s, %v", in, got, err)
		}
	}
}

func FuzzAnswer(f *testing.F) {
	for _, s := range []string{`[1,7,null,{"value":true}]`, `[1,7,{"error":"e","message":"m"},null]`, `[1,7,[],{}]`, `[]`, `null`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		if got, err := answer(in, 7); err == nil && !json.Valid(got) {
			t.Errorf("%q has the result %q", in, got)
		}
	})
}
