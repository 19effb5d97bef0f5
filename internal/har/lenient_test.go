package har

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"detour/internal/flow"
)

// plainEntry is an entry of a host, without a creator's peculiarities.
func plainEntry(host string) string {
	return fmt.Sprintf(`{"startedDateTime":"2026-11-20T10:28:00Z","request":{"method":"GET","url":"https://%s/"},"response":{"status":200},"timings":{}}`, host)
}

func plainHAR(hosts ...string) string {
	var entries []string
	for _, h := range hosts {
		entries = append(entries, plainEntry(h))
	}
	return `{"log":{"version":"1.2","creator":{"name":"x","version":"1"},"entries":[` + strings.Join(entries, ",") + `]}}`
}

func hostsOf(flows []*flow.Flow) string {
	var out []string
	for _, f := range flows {
		out = append(out, f.Request.Host())
	}
	return strings.Join(out, " ")
}

func TestDecode_readsEveryHAROfAFile(t *testing.T) {
	a, b := plainHAR("a.example", "b.example"), plainHAR("c.example")
	for name, file := range map[string]string{
		"one after the other":     a + b,
		"in lines":                a + "\n" + b + "\n",
		"in an array":             "[" + a + "," + b + "]",
		"as a text sequence":      "\x1e" + a + "\n\x1e" + b + "\n",
		"with byte order marks":   "\uFEFF" + a + "\r\n\uFEFF" + b,
		"with commas in between":  a + ",\n" + b,
		"with a comment":          a + "\n// the second\n" + b,
		"two logs in one object":  strings.TrimSuffix(a, "}") + "," + strings.TrimPrefix(b, "{"),
		"with what isn't one":     a + b + " ]",
		"one after another array": "[" + a + "]" + b,
	} {
		flows, info, err := read(t, strings.NewReader(strings.TrimPrefix(file, "\x1e")))
		if err != nil || hostsOf(flows) != "a.example b.example c.example" || info.HARs != 2 || len(info.Notes) == 0 {
			t.Errorf("%s: %s of %+v: %v", name, hostsOf(flows), info, err)
		}
		for i, f := range flows {
			if f.ID != flow.ID(i+1) {
				t.Errorf("%s: the flow %d has ID %d", name, i, f.ID)
			}
		}
	}
}

func TestDecode_connectionsOfSeveralHARsAreDistinct(t *testing.T) {
	one := bytes.TrimSpace(open(t, "chrome-story.har"))
	flows, info, err := read(t, bytes.NewReader(append(append([]byte{}, one...), one...)))
	if err != nil || len(flows) != 14 || info.HARs != 2 {
		t.Fatalf("%d flows of %+v: %v", len(flows), info, err)
	}
	if a, b := flows[0].Conn.ID, flows[7].Conn.ID; a == 0 || a == b || flows[7].Reused {
		t.Errorf("connections %d and %d, reused %v", a, b, flows[7].Reused)
	}
}

func TestDecode_readsWhatPeopleAndScriptsLeaveInJSON(t *testing.T) {
	entry := plainEntry("a.example")
	inside := strings.Replace(entry, `"timings":{}`, `"timings":{"wait":%s}`, 1)
	for name, file := range map[string]string{
		"comments between":           "// saved on Monday\n{/* a */\"log\":{\"entries\":[/* \"x\", ] } */" + entry + "// end]\n]}}",
		"comments within":            `{"log":{"entries":[` + strings.Replace(entry, `"response"`, "/* it's \"here\" } */ // and }\n\"response\"", 1) + `]}}`,
		"commas before the end":      `{"log":{"entries":[` + strings.Replace(entry, `"GET",`, `"GET",`, 1) + `,],},}`,
		"commas within":              `{"log":{"entries":[` + strings.Replace(entry, `"timings":{}`, `"timings":{"wait":1,},`, 1) + `]}}`,
		"NaN":                        `{"log":{"entries":[` + fmt.Sprintf(inside, "NaN") + `]}}`,
		"-Infinity":                  `{"log":{"entries":[` + fmt.Sprintf(inside, "-Infinity") + `]}}`,
		"None":                       `{"log":{"entries":[` + fmt.Sprintf(inside, "None") + `]}}`,
		"a line break in a string":   `{"log":{"entries":[` + strings.Replace(entry, `"GET"`, "\"GET\",\"comment\":\"a\nb\tc\"", 1) + `]}}`,
		"an escape that isn't known": `{"log":{"entries":[` + strings.Replace(entry, `"GET"`, `"GET","comment":"C:\Users\'x'\"`+`\\"`, 1) + `]}}`,
	} {
		flows, info, err := read(t, strings.NewReader(file))
		if err != nil || hostsOf(flows) != "a.example" || info.Skipped != 0 {
			t.Errorf("%s: %s of %+v: %v", name, hostsOf(flows), info, err)
		}
	}
}

func FuzzRepaired(f *testing.F) {
	f.Add(`{"a":[1,2,],/* " */"b":"\q",}`)
	f.Add(`{"a":"//","b":"/*","c":-1e3,"d":null}`)
	f.Fuzz(func(t *testing.T, s string) {
		out := repaired([]byte(s))
		if json.Valid([]byte(s)) && string(out) != s {
			t.Errorf("valid JSON is changed: %s to %s", s, out)
		}
		if len(out) > 6*len(s)+1 {
			t.Errorf("%d bytes become %d", len(s), len(out))
		}
	})
}

func TestDecode_splitsJoinedHeaderFields(t *testing.T) {
	for value, want := range map[string]int{
		`"a=1; Path=/\nb=2; Expires=Wed, 09 Jun 2027 10:18:14 GMT\nc=3"`: 3,
		`"a=1; Path=/, b=2; Expires=Wed, 09 Jun 2027 10:18:14 GMT, c=3"`: 3,
		`["a=1; Path=/","b=2; Expires=Wed, 09 Jun 2027 10:18:14 GMT"]`:   2,
		`"a=1; Expires=Wed, 09-Jun-2027 10:18:14 GMT; Path=/; HttpOnly"`: 1,
	} {
		har := strings.Replace(plainHAR("a.example"), `"status":200`, `"status":200,"headers":[{"name":"set-cookie","value":`+value+`},`+
			`{"name":"via","value":"1.1 a\n1.1 b"},{"name":"vary","value":["Origin","Cookie"]}]`, 1)
		flows, _, err := read(t, strings.NewReader(har))
		if err != nil || len(flows) != 1 {
			t.Fatal(err, flows)
		}
		cookies, others := 0, 0
		for _, h := range flows[0].Response.Headers {
			if h.Name == "set-cookie" {
				cookies++
			} else {
				others++
			}
			if strings.ContainsAny(h.Value, "\n") {
				t.Errorf("%s: %q", h.Name, h.Value)
			}
		}
		if cookies != want || others != 3 {
			t.Errorf("%s: %d cookies, %d other fields", value, cookies, others)
		}
	}
}
