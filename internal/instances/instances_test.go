package instances

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"detour/internal/leaktest"
	"detour/internal/usererr"
)

func TestMain(m *testing.M) { leaktest.Main(m) }

// private makes a directory that is this user's alone, whatever the umask.
func private(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "runs")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

// proxy answers with these roots, as a run does at its own address.
func proxy(t *testing.T, roots string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/ca.pem" {
			_, _ = w.Write([]byte(roots))
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func announce(t *testing.T, dir string, r Run, roots string) (end func()) {
	t.Helper()
	announced, end, err := Announce(dir, r, []byte(roots))
	if err != nil {
		t.Fatal(err)
	}
	if got := filepath.Dir(announced.Socket()); got != filepath.Join(dir, strconv.Itoa(r.PID)) {
		t.Errorf("the run's socket is in %s", got)
	}
	t.Cleanup(end)
	return end
}

func list(t *testing.T, dir string) []Run {
	t.Helper()
	runs, err := List(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return runs
}

func TestList_givesTheLatestFirstAndForgetsTheEnded(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "runs")
	if runs := list(t, dir); len(runs) != 0 {
		t.Errorf("before there was any: %v", runs)
	}
	old := Run{PID: 1, Proxy: proxy(t, "one"), Started: time.Unix(100, 0)}
	end := announce(t, dir, old, "one")
	announce(t, dir, Run{PID: 2, Proxy: proxy(t, "two"), Started: time.Unix(200, 0)}, "two")
	runs := list(t, dir)
	if len(runs) != 2 || runs[0].PID != 2 || runs[1].PID != 1 || runs[1].Proxy != old.Proxy {
		t.Fatalf("got %+v", runs)
	}
	if b, err := os.ReadFile(runs[0].Root()); err != nil || string(b) != "two" {
		t.Errorf("the roots are %q %v", b, err)
	}
	end()
	end()
	if runs := list(t, dir); len(runs) != 1 || runs[0].PID != 2 {
		t.Errorf("after the end of one: %+v", runs)
	}
}

func TestList_removesWhatKilledRunsLeft(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for name, url := range map[string]string{
		"nobody listens":         gone.URL,
		"another run listens":    proxy(t, "another's root"),
		"another program does":   proxy(t, ""),
		"the record is nonsense": "%%",
	} {
		dir := private(t)
		killed(t, dir, announce(t, dir, Run{PID: 7, Proxy: url}, "ours"))
		if runs := list(t, dir); len(runs) != 0 {
			t.Errorf("%s: %+v", name, runs)
		}
		if left, _ := os.ReadDir(dir); len(left) != 0 {
			t.Errorf("%s: left %v", name, left)
		}
	}
}

// killed ends a run, and leaves below dir what it would if it had been killed.
func killed(t *testing.T, dir string, end func()) {
	t.Helper()
	copied := filepath.Join(t.TempDir(), "copied")
	if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	end()
	left, _ := filepath.Glob(filepath.Join(copied, "*"))
	for _, l := range left {
		if err := os.Rename(l, filepath.Join(dir, filepath.Base(l))); err != nil {
			t.Fatal(err)
		}
	}
}

func TestList_leavesARunAloneThatDoesntAnswerAndLives(t *testing.T) {
	dir := private(t)
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	end := announce(t, dir, Run{PID: 7, Proxy: gone.URL}, "ours")
	if runs := list(t, dir); len(runs) != 0 {
		t.Errorf("%+v", runs)
	}
	if _, err := os.Stat(filepath.Join(dir, "7", "run.json")); err != nil {
		t.Error(err)
	}
	end()
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left %v", left)
	}
}

func TestList_removesARunThatWasKilledAtItsBeginning(t *testing.T) {
	dir := private(t)
	killed(t, dir, announce(t, dir, Run{PID: 7}, "ours"))
	if err := os.Remove(filepath.Join(dir, "7", "run.json")); err != nil {
		t.Fatal(err)
	}
	list(t, dir)
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left %v", left)
	}
}

func TestList_leavesARunAloneThatIsJustBeginning(t *testing.T) {
	dir := private(t)
	if err := os.Mkdir(filepath.Join(dir, "7"), 0o700); err != nil {
		t.Fatal(err)
	}
	if runs := list(t, dir); len(runs) != 0 {
		t.Errorf("%+v", runs)
	}
	if _, err := os.Stat(filepath.Join(dir, "7")); err != nil {
		t.Error(err)
	}
}

func TestAnnounce_isForItsOwnerAlone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("access is by the directory's list there, not by mode")
	}
	dir := filepath.Join(t.TempDir(), "runs")
	announce(t, dir, Run{PID: 7}, "root")
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", p, info.Mode())
		}
		if strings.HasSuffix(p, ".new") {
			t.Errorf("%s is left", p)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestList_refusesADirectoryOfAnotherUserAndSoDoesAnnounce(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root, to give a directory away")
	}
	dir := private(t)
	if err := os.Chown(dir, 65534, -1); err != nil {
		t.Fatal(err)
	}
	_, listed := List(t.Context(), dir)
	_, _, announced := Announce(dir, Run{PID: 1}, nil)
	for name, err := range map[string]error{"List": listed, "Announce": announced} {
		if usererr.As(err) == nil {
			t.Errorf("%s: %v, want an error with a hint", name, err)
		}
	}
}
