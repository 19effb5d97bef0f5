package report

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"

	"detour/internal/diagnose"
	"detour/internal/flow"
)

const payload = "\"'></td></text></svg></title><script>alert(1)</script><img src=http://evil.example/ onerror=x>" +
	"\u202e\x1b[2J\n\n# head\r- item\n\n```\n| cell | ![p](http://evil.example/p) [l](javascript:x) `code` **b** &#x202e; {{.}} " +
	"\x00\u2066\u200b\xff "

// poison fills every text within v with the payload.
func poison(v reflect.Value) {
	switch v.Kind() { //nolint:exhaustive // a test of texts
	case reflect.String:
		v.SetString(payload)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		poison(v.Elem())
	case reflect.Slice:
		if v.Type().Elem().Kind() != reflect.Uint8 {
			v.Set(reflect.MakeSlice(v.Type(), 2, 2))
			poison(v.Index(0))
			poison(v.Index(1))
		}
	case reflect.Map:
		val := reflect.New(v.Type().Elem()).Elem()
		poison(val)
		key := reflect.New(v.Type().Key()).Elem()
		poison(key)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, val)
	case reflect.Int:
		v.SetInt(3)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				poison(v.Field(i))
			}
		}
	}
}

// hostile are captures of which every text is hostile, in the forms that lead to
// other words of the report.
func hostile() []*flow.Capture {
	var out []*flow.Capture
	for i, change := range []func(f *flow.Flow){
		func(*flow.Flow) {},
		func(f *flow.Flow) { f.State, f.Origin, f.Response = flow.StateDone, flow.OriginDirect, nil },
		func(f *flow.Flow) {
			f.State, f.Origin, f.Findings, f.Failure = flow.StateDone, flow.OriginConsole, nil, nil
			f.Conn.Resolution.Outcome, f.Conn.Attempts[0].Outcome = flow.DNSOK, flow.DialConnected
		},
		func(f *flow.Flow) { f.AWS, f.Conn, f.Unused = nil, nil, nil },
	} {
		c := &flow.Capture{}
		poison(reflect.ValueOf(c).Elem())
		for j, f := range c.Flows {
			f.ID, f.Times = flow.ID(2*i+j+1), flow.Times{Start: at(j), Done: at(j + 5)} //nolint:gosec // small
			change(f)
		}
		for j := range c.Findings {
			c.Findings[j].Level, c.Findings[j].Flows, c.Findings[j].Resolved = flow.LevelProblem, []flow.ID{flow.ID(2*i + j + 1)},
				false //nolint:gosec // small
			if i%2 == 0 {
				c.Findings[j].Code = diagnose.Rules()[8].Code
			}
		}
		out = append(out, c)
	}
	return out
}

func TestHTML_nothingOfTheTrafficIsMarkup(t *testing.T) {
	for i, c := range hostile() {
		var b bytes.Buffer
		if err := HTML(&b, c); err != nil {
			t.Fatal(err)
		}
		invisible(t, b.String())
		for z := html.NewTokenizer(&b); ; {
			if z.Next() == html.ErrorToken {
				break
			}
			tok := z.Token()
			if tok.Type != html.StartTagToken && tok.Type != html.SelfClosingTagToken {
				continue
			}
			if tok.Data == "script" && len(tok.Attr) == 0 {
				if z.Next(); string(z.Raw()) != copyScript {
					t.Errorf("capture %d: a script %s", i, z.Raw())
				}
				continue
			}
			if !slices.Contains(strings.Fields("html head meta title style body h1 h2 h3 h4 p nav a section code ul li div table thead tbody tr "+
				"th td b span svg line text rect pre"), tok.Data) {
				t.Errorf("capture %d: an element <%s>", i, tok.Data)
			}
			for _, a := range tok.Attr {
				if strings.HasPrefix(a.Key, "on") || a.Key == "src" || a.Key == "style" || a.Key == "href" && !strings.HasPrefix(a.Val, "#") ||
					strings.Contains(a.Val, "evil") {
					t.Errorf("capture %d: <%s %s=%q>", i, tok.Data, a.Key, a.Val)
				}
			}
		}
	}
}

func TestMarkdown_nothingOfTheTrafficIsMarkup(t *testing.T) {
	for i, c := range hostile() {
		var b bytes.Buffer
		if err := Markdown(&b, c); err != nil {
			t.Fatal(err)
		}
		invisible(t, b.String())
		for _, l := range strings.Split(b.String(), "\n") {
			l = strings.ReplaceAll(l, "<!-- -->", "") // Escape's own: it ends what GitHub would link
			if strings.HasPrefix(l, "# head") || strings.HasPrefix(l, "```") || strings.Contains(l, "<") || strings.Contains(l, "![") ||
				strings.Contains(l, " [l]") ||
				strings.Contains(l, " `code`") || strings.Contains(l, " **b**") || strings.Contains(l, "&#") || strings.Contains(l, " | cell | ") {
				t.Errorf("capture %d: %s", i, l)
			}
		}
	}
}

func TestTicket_nothingOfTheTrafficIsMarkup(t *testing.T) {
	for i, c := range hostile() {
		for ext, never := range map[string]string{
			"slack": `<|>|&#|(?m)^> | \*\*b\*\* `, "jira": `[^\\][{\[!](?:code|panel|http|l\])|(?m)^# head| \| cell \| `, "txt": "(?m)^# head|^```",
		} {
			got := written(t, ext, c)
			invisible(t, got)
			if m := regexp.MustCompile(never).FindString(strings.ReplaceAll(strings.ReplaceAll(got, "{code:bash}", ""), "{code}", "")); m != "" {
				t.Errorf("capture %d, %s: %q", i, ext, m)
			}
		}
	}
}

// invisible complains of what can't be seen, or moves what is seen.
func invisible(t *testing.T, s string) {
	t.Helper()
	for _, r := range s {
		if r != '\n' && !unicode.IsPrint(r) {
			t.Errorf("%U is in it", r)
		}
	}
}

// full is a writer that takes so many bytes.
type full int

func (f *full) Write(p []byte) (int, error) {
	if *f -= full(len(p)); *f < 0 {
		return 0, errors.New("no space left on device")
	}
	return len(p), nil
}

func TestReport_tellsThatItCouldNotBeWritten(t *testing.T) {
	for _, room := range []full{0, 5000} {
		md, page := room, room
		if Markdown(&md, story()) == nil || HTML(&page, story()) == nil {
			t.Errorf("%d bytes are enough", room)
		}
	}
}

func TestReport_isBounded(t *testing.T) {
	var flows []*flow.Flow
	for i := range 3000 {
		host := fmt.Sprintf("s%d.ap-northeast-1.amazonaws.com", i%500)
		f := stuck(flow.ID(i+1), i*50, host, fmt.Sprintf("Operation%d", i), "10.0.1.23") //nolint:gosec // small
		f.Note = strings.Repeat("x", 5000)
		flows = append(flows, f)
	}
	c := judged("large", flows...)
	c.Environment = environment()
	for i := range 1000 {
		c.Steps = append(c.Steps, flow.Step{At: at(i * 100), Text: strings.Repeat("y", 5000)})
		c.Environment.Routes = append(c.Environment.Routes, "route")
		c.Environment.Interfaces = append(c.Environment.Interfaces, flow.Interface{Name: "veth"})
		c.Environment.Nameservers = append(c.Environment.Nameservers, "10.0.0.2:53")
	}
	for len(c.Findings) < 1000 {
		f := c.Findings[0]
		f.Because = append(make([]string, 1000), f.Because...)
		c.Findings = append(c.Findings, f)
	}
	var md, page bytes.Buffer
	if err := errors.Join(Markdown(&md, c), HTML(&page, c)); err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string]*bytes.Buffer{"Markdown": &md, "HTML": &page} {
		if b.Len() > 600<<10 {
			t.Errorf("%s has %d bytes", name, b.Len())
		}
		wants := []string{"And 2880 more affected calls to 480 more hosts", "And 2920 more marked requests", "920 more steps", "And 980 more"}
		if name == "Markdown" {
			wants = []string{rest}
		}
		for _, want := range wants {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s doesn't say %q", name, want)
			}
		}
	}
	if want := "2974 more affected calls aren't drawn"; !strings.Contains(strings.ReplaceAll(page.String(), "&#39;", "'"), want) {
		t.Errorf("HTML doesn't say %q", want)
	}
}

func TestReport_rawSecretsAreOnIt(t *testing.T) {
	c := story()
	c.RawSecrets = true
	var md, page bytes.Buffer
	if err := errors.Join(Markdown(&md, c), HTML(&page, c)); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(md.String(), "\n**Don't pass it on:** "+rawSecrets) ||
		!strings.Contains(page.String(), `<p class="banner">This capture contains raw secrets`) {
		t.Error("the reader isn't warned")
	}
}

func TestReport_aPendingCallIsTold(t *testing.T) {
	f := stuck(1, 0, logsHost, "DescribeLogGroups", "10.0.1.24")
	f.State, f.Failure, f.Times = flow.StateConnecting, nil, flow.Times{Start: t0}
	f.Conn.Attempts[0].Outcome, f.Conn.Attempts[0].Took = flow.DialPending, 0
	other := call(2, 9000, flow.OriginConsole, consoleHost, "DescribeTags", "203.0.113.10")
	c := &flow.Capture{Flows: []*flow.Flow{f, other}}
	c.Findings = diagnose.Run(c.Flows, at(9095))
	var b bytes.Buffer
	if err := Markdown(&b, c); err != nil || !strings.Contains(b.String(), "| 9.1 s | connecting 9 s · 5 SYNs |") {
		t.Errorf("%v\n%s", err, b.String())
	}
}
