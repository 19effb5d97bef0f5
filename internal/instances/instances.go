// Package instances finds the running detours of the same user: [Announce] writes what
// others need to use a run's proxy into a directory, [List] reads these directories.
//
// A run that was killed leaves its directory behind. A process ID or a port may belong to
// another program by then, so a run counts only if its proxy returns the root certificates
// that its directory has. A run that doesn't answer, for example because it is suspended,
// keeps its directory by its lock (package dirlock).
package instances

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"detour/internal/dirlock"
	"detour/internal/privatedir"
)

const (
	recordFile = "run.json"
	rootFile   = "ca.pem"
	socketFile = "watch.sock"
	// answerTime is how long a proxy on loopback may take to answer. Usually it takes a
	// millisecond; on a busy machine, its process has to get a turn first.
	answerTime = 3 * time.Second
	// maxRoots is far more than the roots of a run: three certificates at most.
	maxRoots = 1 << 20
)

// A Run is a running detour.
type Run struct {
	V       int       `json:"v"`
	PID     int       `json:"pid"`
	Proxy   string    `json:"proxy"` // "http://127.0.0.1:8080"
	Started time.Time `json:"started"`
	// Kind is [Demo], whose proxy reaches a simulated network only; "": an ordinary run.
	Kind string `json:"kind,omitempty"`

	Dir string `json:"-"` // its directory, mode 0700, which is removed when it ends
}

// Demo is the Kind of a demo.
const Demo = "demo"

// Socket returns the path of the Unix socket at which the run can be watched.
func (r Run) Socket() string { return filepath.Join(r.Dir, socketFile) }

// Root returns the path of the file with the roots to trust, in PEM.
func (r Run) Root() string { return filepath.Join(r.Dir, rootFile) }

// Announce creates the directory of a run below dir, which must be this user's alone, and
// returns the run with it. end removes it, and may be called more than once.
func Announce(dir string, r Run, roots []byte) (announced Run, end func(), err error) {
	if err := privatedir.Make(dir); err != nil {
		return r, nil, err
	}
	own := filepath.Join(dir, strconv.Itoa(r.PID))
	r.V, r.Dir = 1, own
	if err := os.RemoveAll(own); err != nil { // of an earlier process with the same ID
		return r, nil, err
	}
	if err := os.Mkdir(own, 0o700); err != nil {
		return r, nil, err
	}
	held, _ := dirlock.Take(own) // without it, the directory is removed when the run doesn't answer
	end = sync.OnceFunc(func() {
		held.Release()
		_ = os.RemoveAll(own)
	})
	b, err := json.Marshal(r)
	if err == nil {
		err = os.WriteFile(filepath.Join(own, rootFile), roots, 0o600)
	}
	if err == nil {
		// The record makes the directory a run's, so it is written last and atomically.
		tmp := filepath.Join(own, recordFile+".new")
		err = errors.Join(os.WriteFile(tmp, b, 0o600), os.Rename(tmp, filepath.Join(own, recordFile)))
	}
	if err != nil {
		end()
		return r, nil, fmt.Errorf("announce the run: %w", err)
	}
	return r, end, nil
}

// List returns the runs below dir, the latest first. It removes the directories of runs
// that were killed. A directory of another user, who could announce a proxy of their own, is
// a [usererr.Error].
func List(ctx context.Context, dir string) ([]Run, error) {
	switch err := privatedir.Check(dir); {
	case errors.Is(err, os.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var out []Run
	for _, e := range entries {
		own := filepath.Join(dir, e.Name())
		r, roots, err := read(own)
		switch {
		case errors.Is(err, os.ErrNotExist) && dirlock.Of(own) != dirlock.Orphaned:
			continue // it is starting or ending
		case err == nil && r.answers(ctx, roots):
			out = append(out, r)
		case ctx.Err() == nil && dirlock.Of(own) != dirlock.Held:
			_ = os.RemoveAll(own)
		}
	}
	slices.SortFunc(out, func(a, b Run) int { return b.Started.Compare(a.Started) })
	return out, ctx.Err()
}

// Proxies returns the proxies of the runs below dir, as host:port; none if they can't be
// listed.
func Proxies(ctx context.Context, dir string) (out []string) {
	runs, err := List(ctx, dir)
	if err != nil {
		return nil
	}
	for _, r := range runs {
		if u, err := url.Parse(r.Proxy); err == nil {
			out = append(out, u.Host)
		}
	}
	return out
}

func read(own string) (r Run, roots []byte, err error) {
	b, err := os.ReadFile(filepath.Join(own, recordFile))
	if err != nil {
		return r, nil, err
	}
	if err := json.Unmarshal(b, &r); err != nil {
		return r, nil, err
	}
	r.Dir = own
	roots, err = os.ReadFile(r.Root())
	return r, roots, err
}

// answers reports whether the proxy returns these roots.
func (r Run) answers(ctx context.Context, roots []byte) bool {
	u, err := url.Parse(r.Proxy)
	if err != nil || u.Scheme != "http" {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+u.Host+"/ca.pem", nil)
	if err != nil {
		return false
	}
	t := &http.Transport{DisableKeepAlives: true} // without a proxy, whatever the environment has
	defer t.CloseIdleConnections()
	resp, err := t.RoundTrip(req)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(io.LimitReader(resp.Body, maxRoots))
	return err == nil && resp.StatusCode == http.StatusOK && bytes.Equal(got, roots)
}
