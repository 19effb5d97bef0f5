package redact

import (
	"encoding/base64"
	"strings"
	"testing"

	"detour/internal/flow"
)

func TestFlow_noSecretSurvivesWhereABodyIsCutOff(t *testing.T) {
	const secret = "Cut0Canary1x2y3z"
	for place, put := range placements {
		for _, name := range []string{"password", "X-Amz-Security-Token", "secretAccessKey"} {
			whole := &flow.Flow{Response: &flow.Response{}}
			put(whole, name, secret)
			for n := range whole.Request.Body {
				f := *whole
				f.Request.Body = whole.Request.Body[:n]
				f.Request.BodyTruncated = true
				the.Flow(&f)
				got := string(f.Request.Body)
				for word := range strings.FieldsFuncSeq(got, func(c rune) bool { return c == '"' || c == '%' || c == '=' }) {
					if dec, err := base64.RawURLEncoding.DecodeString(word[:len(word)/4*4]); err == nil {
						got += string(dec)
					}
				}
				if strings.Contains(got, secret[:5]) {
					t.Fatalf("%s called %s in %s, cut at %d: %s becomes %s", secret, name, place, n, whole.Request.Body[:n], got)
				}
			}
		}
	}
}

func TestFlow_twiceIsAsOnceInEveryPlace(t *testing.T) {
	r := New(Options{Key: []byte("k"), Strict: true})
	for place, put := range placements {
		for _, name := range secretNames {
			f := &flow.Flow{Request: flow.Request{URL: "https://h/p"}, Response: &flow.Response{}}
			put(f, name, "arn:aws:iam::123456789012:user/"+canary)
			r.Flow(f)
			once, n := everything(f), total(r)
			r.Flow(f)
			if twice := everything(f); twice != once {
				t.Errorf("%s in %s: %s, then %s", name, place, once, twice)
			}
			if again := total(r); again != n {
				t.Errorf("%s in %s: redacted again, it counts %d more", name, place, again-n)
			}
		}
	}
}

func total(r *Redactor) (n int) {
	for _, k := range r.Counts() {
		n += k
	}
	return n
}
