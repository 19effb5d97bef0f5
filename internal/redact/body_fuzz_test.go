package redact

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// mediaTypes are what bodies of the fuzz test say they are.
var mediaTypes = []string{
	"application/json", "application/x-www-form-urlencoded", "text/xml", "text/html", "text/x-gwt-rpc",
	"multipart/form-data; boundary=B", "text/event-stream", "text/plain", "",
}

// strict is a Redactor that spares nothing.
var strict = New(Options{Key: []byte("another key, of thirty-two bytes"), Strict: true})

func FuzzBody(f *testing.F) {
	for i, seed := range []string{
		`{"a":[1,{"token":"x","n":1234}],"s":"{\"password\":\"y\"}"}`, "a=b&code=c&d=%7B%22token%22%3A1%7D",
		"<a b='c'><Token>x</Token><![CDATA[y]]></a>", "<script>x={token:'y'}</script><input name=csrf value=z>",
		"7|0|4|u|h|com.amazonaws.x|m|1|2|", "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--B--\r\n",
		"data: {\"token\":\ndata: \"x\"}\n\n", "password: \"x\ny\" token=z https://u:p@h/?code=1", "eyJ0b2tlbiI6InNlY3JldCJ9",
	} {
		f.Add(uint8(i), seed) //nolint:gosec // nine
	}
	f.Add(uint8(0), `{"name":"password","value":"x"}`)
	f.Add(uint8(0), `{"query":"mutation M($p: Int = 1234) { a(password: \"x\", code: $p, t: \"\"\"y\"\"\") # z=1 \n { b: c } }"}`)
	f.Add(uint8(7), `query (token: abcd, token=x) { a(b: "c"`)
	f.Add(uint8(0), `{"arn":"arn:aws:iam::123456789012:role/x","ip":"10.0.0.1","e":"a@b.cd","Authorization":"AWS4-HMAC-SHA256 Credential=a"}`)
	f.Fuzz(func(t *testing.T, kind uint8, in string) {
		media := mediaTypes[int(kind)%len(mediaTypes)]
		for _, r := range []*Redactor{the, strict} {
			once := redactBody(r, in, media, nil)
			if twice := redactBody(r, once, media, nil); twice != once {
				t.Errorf("%s not idempotent: %q gives %q, then %q", media, in, once, twice)
			}
			if len(once) > 3*len(in)+100 {
				t.Errorf("%s: %q grows to %d bytes", media, in, len(once))
			}
			if isJSON := media == mediaTypes[0] && json.Valid([]byte(in)); isJSON && once != "" && !slices.Equal(shapeOfJSON(r, in), shapeOfJSON(r, once)) {
				t.Errorf("%q has another shape than %q", once, in)
			}
			if text := r.Text(in); r.Text(text) != text {
				t.Errorf("text not idempotent: %q gives %q, then %q", in, text, r.Text(text))
			}
		}
		secrets := []string{
			"a=" + url.QueryEscape(in) + "&password=" + canary,
			"<r><a>" + strings.NewReplacer("<", "&lt;", "&", "&amp;").Replace(in) + "</a><Token>" + canary + "</Token></r>",
			marshal(map[string]any{"a": in, "token": canary}),
			marshal(map[string]any{"token": []any{in, map[string]string{in: canary}}}),
			marshal(map[string]any{"a": in + ` {"password": "` + canary + `"}`}),
		}
		if json.Valid([]byte(in)) {
			secrets = append(secrets, `{"a":`+in+`,"password":"`+canary+`"}`, `{"password":[`+in+`,"`+canary+`"]}`, in+`{"password":"`+canary)
		}
		for _, s := range secrets {
			if got := redactBody(the, s, media, nil); strings.Contains(got, canary) {
				t.Errorf("%s: the secret of %q survives in %q", media, s, got)
			}
		}
	})
}

// shapeOfJSON is JSON's nesting, names and numbers of elements; nil if it isn't JSON.
func shapeOfJSON(r *Redactor, s string) (shape []string) {
	if !json.Valid([]byte(s)) {
		return nil
	}
	d := json.NewDecoder(strings.NewReader(s))
	d.UseNumber()
	var open []bool // objects
	key := false
	for {
		token, err := d.Token()
		if err != nil {
			return shape
		}
		switch v := token.(type) {
		case json.Delim:
			shape = append(shape, v.String())
			if v == '{' || v == '[' {
				open = append(open, v == '{')
			} else {
				open = open[:len(open)-1]
			}
			key = len(open) > 0 && open[len(open)-1]
			continue
		case string:
			if key {
				p := pass{Redactor: r}
				shape = append(shape, p.memberName(v, nestedBody))
				key = false
				continue
			}
		}
		shape = append(shape, "value")
		key = len(open) > 0 && open[len(open)-1]
	}
}
