package attach

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"detour/internal/instances"
	"detour/internal/leaktest"
	"detour/internal/usererr"
)

func TestMain(m *testing.M) { leaktest.Main(m) }

const token = "AAECAwQFBgcICQoLDA0ODw"

// runsOf announces runs with these process IDs, and returns their directory and ports.
func runsOf(t *testing.T, pids ...int) (dir string, ports []string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "runs")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, pid := range pids {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("roots")) }))
		t.Cleanup(s.Close)
		r, end, err := instances.Announce(dir, instances.Run{PID: pid, Proxy: s.URL}, []byte("roots"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(end)
		ports = append(ports, Port(r))
	}
	return dir, ports
}

func TestTarget_isTheRunThatIsMeant(t *testing.T) {
	none, _ := runsOf(t)
	one, _ := runsOf(t, 101)
	two, ports := runsOf(t, 101, 102)
	second := func(_ context.Context, runs []instances.Run) (int, bool, error) {
		for i, r := range runs {
			if r.PID == 102 {
				return i, true, nil
			}
		}
		return 0, false, nil
	}
	left := func(context.Context, []instances.Run) (int, bool, error) { return 0, false, nil }
	const link = "http://127.0.0.1:8100/#" + token
	for name, c := range map[string]struct {
		Choice
		want, text, hint string // the target, or the error
	}{
		"the only one":        {Choice{Dir: one}, "101", "", ""},
		"by its process":      {Choice{Dir: two, Name: "102"}, "102", "", ""},
		"by its port":         {Choice{Dir: two, Name: ports[0]}, "101", "", ""},
		"by its address":      {Choice{Dir: two, Name: "127.0.0.1:" + ports[1]}, "102", "", ""},
		"chosen":              {Choice{Dir: two, Offer: second}, "102", "", ""},
		"none chosen":         {Choice{Dir: two, Offer: left}, "", "", ""},
		"a link":              {Choice{Dir: none, Name: link}, "127.0.0.1:8100", "", ""},
		"a link by a flag":    {Choice{Dir: one, Link: link}, "127.0.0.1:8100", "", ""},
		"a run, not the flag": {Choice{Dir: one, Link: link, Name: "101"}, "101", "", ""},
		"a link by stdin":     {Choice{Dir: one, Link: "-", Stdin: strings.NewReader(link + "\nmore")}, "127.0.0.1:8100", "", ""},
		"without a newline":   {Choice{Dir: one, Link: "-", Stdin: strings.NewReader(link)}, "127.0.0.1:8100", "", ""},
		"nothing on stdin":    {Choice{Dir: one, Link: "-", Stdin: strings.NewReader("")}, "", "isn't a link", ":share"},
		"a cut link":          {Choice{Name: "http://127.0.0.1:8100/"}, "", "has no token", ":share"},
		"no run":              {Choice{Dir: none}, "", "detour isn't running", ":share"},
		"no directory":        {Choice{Dir: filepath.Join(none, "x")}, "", "detour isn't running", "start one"},
		"no such run":         {Choice{Dir: two, Name: "7"}, "", `no run has the process ID or port "7"`, ports[0]},
	} {
		got, ok, err := c.Target(t.Context())
		at := got.Link.Addr
		if got.Socket != "" {
			at = filepath.Base(filepath.Dir(got.Socket))
		}
		switch ue := usererr.As(err); {
		case c.text != "" && (ok || ue == nil || !strings.Contains(err.Error(), c.text) || !strings.Contains(ue.Hint, c.hint)):
			t.Errorf("%s: %v, want %s with the hint %s", name, err, c.text, c.hint)
		case c.text == "" && (err != nil || at != c.want || ok != (c.want != "")):
			t.Errorf("%s: it watches %s, %v: %v; want %s", name, at, ok, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), token) {
			t.Errorf("%s: the error quotes the token: %v", name, err)
		}
	}
}
