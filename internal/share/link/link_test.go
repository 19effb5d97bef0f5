package link

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const token = "AAECAwQFBgcICQoLDA0ODw" // 16 bytes

func TestLink_isReadAsItWasWritten(t *testing.T) {
	fingerprint := bytes.Repeat([]byte{0xa7}, sha256.Size)
	for want, l := range map[string]Link{
		"http://127.0.0.1:8100/#" + token:                                      {Addr: "127.0.0.1:8100", Token: token},
		"http://[::1]:8100/#" + token:                                          {Addr: "[::1]:8100", Token: token},
		"https://10.1.2.3:9/#" + token + "." + strings.Repeat("a7", 32):        {Addr: "10.1.2.3:9", Token: token, Fingerprint: fingerprint},
		"https://build.example:443/#" + token + "." + strings.Repeat("a7", 32): {Addr: "build.example:443", Token: token, Fingerprint: fingerprint},
	} {
		if got := l.String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		got, err := Parse(" " + want + "\n")
		if err != nil {
			t.Errorf("%s: %v", want, err)
		}
		if d := cmp.Diff(l, got); d != "" {
			t.Errorf("%s: %s", want, d)
		}
		if strings.Contains(l.Base(), token) {
			t.Errorf("%s has the token", l.Base())
		}
	}
}

func TestParse_saysWhatIsWrongAndQuotesNoToken(t *testing.T) {
	print := "." + strings.Repeat("a7", 32)
	for link, want := range map[string]error{
		"":                                        errForm,
		"#" + token:                               errForm,
		"127.0.0.1:8100/#" + token:                errForm,
		"ftp://127.0.0.1:8100/#" + token:          errForm,
		"http://127.0.0.1/#" + token:              errForm,
		"http://127.0.0.1:/#" + token:             errForm,
		"http://:8100/#" + token:                  errForm,
		"http://a@127.0.0.1:8100/#" + token:       errForm,
		"http://127.0.0.1:8100/x#" + token:        errForm,
		"http://127.0.0.1:8100/?q=" + token:       errForm,
		"http://127.0.0.1:8100/%zz#" + token:      errForm,
		"http://127.0.0.1:8100":                   errNoToken,
		"http://127.0.0.1:8100/#":                 errNoToken,
		"http://127.0.0.1:8100/#" + token[1:]:     errNotToken,
		"http://127.0.0.1:8100/#" + token + "=":   errNotToken,
		"http://127.0.0.1:8100/#" + token + print: errPlain,
		"https://10.1.2.3:8100/#" + token:         errNoPrint,
		"https://10.1.2.3:8100/#" + token + ".a7": errNoPrint,
		"https://10.1.2.3:8100/#" + token + ".zz": errNoPrint,
	} {
		_, err := Parse(link)
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", link, err, want)
		}
		if err != nil && strings.Contains(err.Error(), token) {
			t.Errorf("%v quotes the token", err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("http://127.0.0.1:8100/#" + token)
	f.Add("https://10.1.2.3:9/#" + token + "." + strings.Repeat("a7", 32))
	f.Fuzz(func(t *testing.T, s string) {
		l, err := Parse(s)
		if err != nil {
			return
		}
		if again, err := Parse(l.String()); err != nil || cmp.Diff(l, again) != "" {
			t.Errorf("%q becomes %q: %v", s, l, err)
		}
	})
}
