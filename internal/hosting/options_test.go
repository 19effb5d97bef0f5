package hosting

import (
	"strings"
	"testing"
	"time"

	"detour/internal/usererr"
)

func TestOptions_sayWhatIsWrongWithAnAddress(t *testing.T) {
	for listen, want := range map[string]string{
		DefaultListen: "", "localhost:8100": "", "[::1]:0": "", "10.1.2.3:8100": "", "[fe80::1%eth0]:8100": "",
		"":                   "not ADDRESS:PORT",
		"8100":               "not ADDRESS:PORT",
		"10.1.2.3":           "not ADDRESS:PORT",
		":8100":              "not an IP address",
		"build.example:8100": "not an IP address",
		"10.1.2.3:http":      "not an IP address",
		"10.1.2.3:70000":     "not an IP address",
		"0.0.0.0:8100":       "every address of this machine",
		"[::]:8100":          "every address of this machine",
	} {
		err := Options{Listen: listen}.Check()
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", listen, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want) || usererr.As(err) == nil):
			t.Errorf("%s: %v, want %q and a hint", listen, err, want)
		}
	}
	if err := (Options{Listen: DefaultListen, During: -time.Second}).Check(); err == nil {
		t.Error("a time in the past passes")
	}
}
