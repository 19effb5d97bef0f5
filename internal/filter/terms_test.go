package filter

import (
	"fmt"
	"testing"
)

func TestTerms_areWhatHasToHold(t *testing.T) {
	for text, want := range map[string]string{
		"origin:direct status>=400 logs":    "[{origin : direct-endpoint} {status >= 400}]",
		"(host:logs and method=POST)":       "[{host : logs} {method = POST}]",
		"host:logs or host:ec2":             "[]",
		"host:logs (method:GET or tcp:rst)": "[]",
		"-host:logs":                        "[]",
		"host!=logs":                        "[{host != logs}]",
		"":                                  "[]",
	} {
		f, err := Parse(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if got := fmt.Sprint(f.Terms()); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}
