package har

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"detour/internal/flow"
)

// TestDecode_joinedCookiesAreSeparateFields checks each way in which an exporter writes
// several Set-Cookie fields.
func TestDecode_joinedCookiesAreSeparateFields(t *testing.T) {
	want := []string{"a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT; Path=/", "b=2; Secure", "c=3"}
	for name, headers := range map[string]string{
		"separate": `{"name":"Set-Cookie","value":"` + strings.Join(want, `"},{"name":"set-cookie","value":"`) + `"}`,
		"lines":    `{"name":"set-cookie","value":"` + strings.Join(want, `\n`) + `"}`,
		"commas":   `{"name":"Set-Cookie","value":"` + strings.Join(want, ", ") + `"}`,
		"an array": `{"name":"Set-Cookie","value":["` + strings.Join(want, `","`) + `"]}`,
		"a text":   `{"name":"Set-Cookie","value":"[\"` + strings.Join(want, `\",\"`) + `\"]"}`,
	} {
		t.Run(name, func(t *testing.T) {
			flows, _, err := read(t, strings.NewReader(fmt.Sprintf(
				`{"log":{"entries":[{"request":{"method":"GET","url":"https://h/"},"response":{"status":200,"headers":[%s]}}]}}`, headers)))
			if err != nil || len(flows) != 1 {
				t.Fatalf("%d flows: %v", len(flows), err)
			}
			var got []string
			for _, h := range flows[0].Response.Headers {
				got = append(got, h.Value)
			}
			if !slices.Equal(got, want) {
				t.Errorf("got %q; want %q", got, want)
			}
			var out bytes.Buffer
			if err := Encode(&out, &flow.Capture{Flows: flows}); err != nil || strings.Count(out.String(), `"name":"b","value":"2"`) != 1 {
				t.Errorf("the second cookie is not in the HAR (%v): %s", err, out.String())
			}
		})
	}
}

func TestDecode_aListOfValuesIsOneField(t *testing.T) {
	flows, _, err := read(t, strings.NewReader(
		`{"log":{"entries":[{"request":{"method":"GET","url":"https://h/","headers":[{"name":"Accept","value":["a","b"]},{"name":"X","value":"[\"a\"]"}]}}]}}`))
	if err != nil || fmt.Sprint(flows[0].Request.Headers) != `[{Accept a, b} {X ["a"]}]` {
		t.Errorf("got %v: %v", flows[0].Request.Headers, err)
	}
}
