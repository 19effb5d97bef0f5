package resolve

import (
	"slices"
	"strings"
	"testing"
)

func TestUnasked(t *testing.T) {
	for conf, want := range map[string][]string{
		"hosts: files dns\n": nil,
		"passwd: files sss\nhosts:\tfiles mdns4_minimal [NOTFOUND=return] dns wins # dns\n": {"wins"},
		"hosts: files mdns4_minimal [NOTFOUND=return] dns":                                  nil, // the default of Debian and Ubuntu
		"hosts: files mdns4 dns": {"mdns4"},
		"hosts: mymachines resolve [!UNAVAIL = return] files myhostname dns": {"mymachines"},
		"hosts: files [SUCCESS=merge NOTFOUND=continue] sss sss dns":         {"sss"},
		"#hosts: wins":  nil,
		"hosts: [":      nil,
		"hostsx: wins ": nil,
		"":              nil,
	} {
		if got := unasked(strings.NewReader(conf)); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", conf, got, want)
		}
	}
}

func FuzzUnasked(f *testing.F) {
	f.Add("hosts: files mdns4_minimal [NOTFOUND=return] dns")
	f.Fuzz(func(t *testing.T, conf string) {
		for _, s := range unasked(strings.NewReader(conf)) {
			if strings.ContainsAny(s, " \n\t#") {
				t.Errorf("%q isn't a source", s)
			}
		}
	})
}
