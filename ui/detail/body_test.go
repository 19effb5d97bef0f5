package detail

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"detour/internal/cputime"
	"detour/internal/flow"
	"detour/internal/wording"
	"detour/ui/pane"
	"detour/ui/text"
)

// shown is what a pane makes of a body of that type.
func shown(media, text string) []string {
	var p pane.Page
	bodyLines(&p, &flow.Flow{}, body{
		headers: []flow.Header{{Name: "Content-Type", Value: media}}, kept: []byte(text),
		size: int64(len(text)),
	})
	var out []string
	for _, l := range p {
		if l.Tone == pane.Body {
			out = append(out, l.Text)
		}
	}
	return out
}

func TestBody_isLaidOutByItsType(t *testing.T) {
	for name, c := range map[string]struct{ media, in, want string }{
		"JSON": {
			"application/json", `{"a":[1,{"b":"x,y: {z}"}],"c":{},"d":[ ],"e":null}`,
			`{|  "a": [|    1,|    {|      "b": "x,y: {z}"|    }|  ],|  "c": {},|  "d": [],|  "e": null|}`,
		},
		"JSON of AWS":                 {"application/x-amz-json-1.1", `{"Limit":5}`, `{|  "Limit": 5|}`},
		"JSON without a type":         {"", ` [true]`, `[|  true|]`},
		"JSON that is called text":    {"text/plain;charset=UTF-8", `{"a":1}`, `{|  "a": 1|}`},
		"JSON cut in a string":        {"application/json", `{"a":"b\"c`, `{|  "a": "b\"c`},
		"JSON cut behind a backslash": {"application/json", `{"a":"b\`, `{|  "a": "b\`},
		"JSON cut in a list":          {"application/json", `{"a":[1,2`, `{|  "a": [|    1,|    2`},
		"too many ends":               {"application/json", `]]}1`, `]|]|}|1`},
		"several values":              {"application/json", "{\"a\":1}\n{\"b\":2}", `{|  "a": 1|}|{|  "b": 2|}`},
		"not JSON at all":             {"application/json", `no such page`, `no such page`},
		"words and strings":           {"application/json", `[no "such" page]`, `[|  no "such" page|]`},
		"JSON in a string": {
			"application/json", `{"contentString":"{\"a\":[1,\"x\\ny\"]}" , "b":"{no}"}`,
			`{|  "contentString": JSON in a string:|  ┆ {|  ┆   "a": [|  ┆     1,|  ┆     "x\ny"|  ┆   ]|  ┆ }|  "b": "{no}"|}`,
		},
		"JSON in a string cut off": {"application/json", `["[{\"a\":\"b\`, `[|  JSON in a string:|  ┆ [|  ┆   {|  ┆     "a": "b`},
		"XML": {
			"text/xml", "<?xml version='1.0'?><a x=\"1>2\"><b>t</b><c/><d>\n</d>tail<e><f>1</f></e></a>",
			`<?xml version='1.0'?>|<a x="1>2">|  <b>t</b>|  <c/>|  <d></d>|  tail|  <e>|    <f>1</f>|  </e>|</a>`,
		},
		"XML cut off":        {"application/xml", `<a><b>text</b><c att="x`, `<a>|  <b>text</b>|  <c att="x`},
		"XML with a comment": {"text/xml", `<a><!-- <b> --><![CDATA[<c>]]></a>`, `<a>|  <!-- <b> -->|  <![CDATA[<c>]]>|</a>`},
		"a form": {
			"application/x-www-form-urlencoded", "Action=Get+It&a=%41%26b&&c&bad=%zz&cut=%4",
			`Action = Get It|a = A&b|c = |bad = %zz|cut = %4`,
		},
		"a page is text": {"text/html", "<p>a\r\n<br>b", `<p>a|<br>b`},
		"text":           {"text/plain", "a\n\nb", `a||b`},
		"bytes": {
			"image/png", "\x89PNG\r\n\x1a\n\x00\x00",
			`00000000  89 50 4e 47 0d 0a 1a 0a  00 00                    |.PNG......|`,
		},
		"bytes that claim to be JSON": {
			"application/json", "\x1f\x8b\x08\x00",
			`00000000  1f 8b 08 00                                       |....|`,
		},
		"CBOR": {"application/cbor", "\xa1aax", `00000000  a1 61 61 78                                       |.aax|`},
	} {
		if got := strings.Join(shown(c.media, c.in), "|"); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
	}
}

// TestBody_isBounded: whatever a body is, laying it out takes no time that is felt
// and makes no more lines than somebody reads.
func TestBody_isBounded(t *testing.T) {
	const n = 50 << 20
	for name, c := range map[string]struct{ media, text string }{
		"deep JSON":    {"application/json", strings.Repeat("[", n)},
		"flat JSON":    {"application/json", "[" + strings.Repeat("1,", n/2)},
		"one string":   {"application/json", `"` + strings.Repeat("x", n)},
		"blanks":       {"application/json", "{" + strings.Repeat(" ", n)},
		"deep XML":     {"text/xml", strings.Repeat("<a>", n/3)},
		"one tag":      {"text/xml", "<" + strings.Repeat("a", n)},
		"a form":       {"application/x-www-form-urlencoded", strings.Repeat("a=b&", n/4)},
		"empty fields": {"application/x-www-form-urlencoded", strings.Repeat("&", n)},
		"line ends":    {"text/plain", strings.Repeat("\n", n)},
		"wide":         {"text/plain", strings.Repeat("東", n/3)},
		"bytes":        {"", strings.Repeat("\x00", n)},
	} {
		t.Run(name, func(t *testing.T) {
			var p pane.Page
			f := &flow.Flow{}
			var ls []pane.Row
			d := cputime.Of(func() {
				bodyLines(&p, f, body{headers: []flow.Header{{Name: "content-type", Value: c.media}}, kept: []byte(c.text), size: n})
				ls = pane.Layout(p, 80, pane.Reading{})
			})
			if d > 3*time.Second {
				t.Errorf("it took %v", d)
			}
			if len(p) > maxBodyLines+10 {
				t.Errorf("%d lines, want at most %d", len(p), maxBodyLines)
			}
			if !p.Partial() {
				t.Errorf("nothing says that there is more: %.80q, %d lines", p[len(p)-1].Text, len(ls))
			}
		})
	}
}

func TestBody_thatWasNotKeptSaysWhy(t *testing.T) {
	for want, c := range map[string]struct {
		f flow.Flow
		b body
	}{
		"it isn't stored":      {flow.Flow{}, body{size: 10}},
		"contains credentials": {flow.Flow{CredentialVend: true}, body{size: 10, kept: []byte("secret")}},
		"only the first 3 B":   {flow.Flow{}, body{size: 10, kept: []byte("abc"), truncated: true}},
	} {
		var p pane.Page
		bodyLines(&p, &c.f, c.b)
		if got := pane.PlainText(p); !strings.Contains(got, want) || strings.Contains(got, "secret") {
			t.Errorf("got\n%swant %q", got, want)
		}
	}
	var masked pane.Page
	bodyLines(&masked, &flow.Flow{}, body{size: 10, kept: []byte("\x00secret"), masked: true})
	if got := pane.PlainText(masked); !strings.Contains(got, "not shown while the screen is masked") || strings.Contains(got, "secret") {
		t.Errorf("bytes on a masked screen are\n%s", got)
	}
	var p pane.Page
	if bodyLines(&p, &flow.Flow{}, body{}); len(p) != 0 {
		t.Errorf("no body has %d lines", len(p))
	}
}

// FuzzBody: whatever comes in, the lines are bounded, and laid out they fit.
func FuzzBody(f *testing.F) {
	for _, s := range []string{"", `{"a":[1,{}]}`, `<a b='"'>t</a>`, "a=b&c=%4", "\x00\xff", "]}", `"\`, "<!--", "<![CDATA[", "{\u202e"} {
		for _, media := range []string{"", "application/json", "text/xml", "application/x-www-form-urlencoded", "application/cbor"} {
			f.Add(media, s)
		}
	}
	f.Fuzz(func(t *testing.T, media, s string) {
		for _, l := range shown(media, s) {
			if len(l) > text.MaxLine+64+maxBodyDepth*2 {
				t.Fatalf("a line of %d bytes", len(l))
			}
		}
		var p pane.Page
		bodyLines(&p, &flow.Flow{}, body{headers: []flow.Header{{Name: "content-type", Value: media}}, kept: []byte(s), size: 1})
		for _, l := range pane.Layout(p, 60, pane.Reading{Find: "a"}) {
			if text.Width(l.Text) > 60 {
				t.Fatalf("%q has %d cells", l.Text, text.Width(l.Text))
			}
		}
	})
}

func TestSheet_saysWhatItLeftOut(t *testing.T) {
	var p pane.Page
	addBody(&p, []byte(strings.Repeat("x\n", maxBodyLines+5)), plainLines)
	if got := p[len(p)-1].Text; got != fmt.Sprintf("only the first %d lines are shown and searched; %s in total", maxBodyLines,
		wording.Bytes(2*(maxBodyLines+5))) {
		t.Errorf("got %q", got)
	}
}
