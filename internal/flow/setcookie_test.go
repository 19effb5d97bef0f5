package flow

import (
	"slices"
	"testing"
)

func TestSplitSetCookie_findsEveryFieldHoweverTheyAreJoined(t *testing.T) {
	const date = "a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT"
	for v, want := range map[string][]string{
		"":                                 {""},
		"a=1; Path=/":                      {"a=1; Path=/"},
		"a=1,2,3":                          {"a=1,2,3"},
		"a=x=1,y=2; Path=/":                {"a=x=1,y=2; Path=/"}, // one value with commas
		date:                               {date},
		"a=1; Path=/\nb=2\r\nc=3; Secure":  {"a=1; Path=/", "b=2", "c=3; Secure"},
		date + ", b=2; Path=/,c=3":         {date, "b=2; Path=/", "c=3"},
		"a=1, b=2":                         {"a=1", "b=2"},
		date + "; Path=/," + date:          {date + "; Path=/", date},
		`["a=1; Path=/","b=2, c=3"]`:       {"a=1; Path=/", "b=2", "c=3"},
		`["a=1`:                            {`["a=1`},
		"a=1; Expires=Wed, 21-Oct-26, b=2": {"a=1; Expires=Wed, 21-Oct-26", "b=2"},
	} {
		if got := SplitSetCookie(v); !slices.Equal(got, want) {
			t.Errorf("%q is %q; want %q", v, got, want)
		}
	}
}
