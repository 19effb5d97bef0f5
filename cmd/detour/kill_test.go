package main

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"

	"detour/internal/capture/disk"
	"detour/internal/flow"
	"detour/internal/fulltest"
)

// onDiskWithin is how soon a flow that is over has to be on disk.
const onDiskWithin = 200 * time.Millisecond

var captureLine = regexp.MustCompile(`proxy=(\S+) ca=\S+ capture=(\S+)`)

// An asked has when each path was over.
type asked struct {
	mu   sync.Mutex
	over map[string]time.Time
}

func (a *asked) note(path string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.over[path] = time.Now()
}

// before returns the paths that were over at an instant.
func (a *asked) before(at time.Time) (paths []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for path, over := range a.over {
		if over.Before(at) {
			paths = append(paths, path)
		}
	}
	return paths
}

// onAndOn asks through a proxy until ctx ends.
func (a *asked) onAndOn(ctx context.Context, proxy, server string) {
	at, _ := url.Parse(proxy)
	client := &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(at), MaxIdleConnsPerHost: 8}}
	defer client.CloseIdleConnections()
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				path := fmt.Sprintf("/%d/%d", worker, n)
				r, err := http.NewRequestWithContext(ctx, http.MethodGet, server+path, nil)
				if err != nil {
					return
				}
				res, err := client.Do(r)
				if err != nil {
					return // it was killed
				}
				_, err = bufio.NewReader(res.Body).Discard(2)
				res.Body.Close()
				if err != nil {
					return
				}
				a.note(path)
			}
		})
	}
	wg.Wait()
}

// TestCapture_survivesAKill kills detour at any moment under load, fifty times: the capture is whole,
// and lacks nothing that was over 200 ms before. On a busy machine, a run or two may be late. Outside
// make full, where the machine may be as busy as it likes, it lacks nothing that was in it before.
func TestCapture_survivesAKill(t *testing.T) {
	program := buildDetour(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") }))
	defer server.Close()
	dir := t.TempDir()
	flows, inTime, late := 0, 0, 0
	for n := range fulltest.Or(6, 50) {
		path := filepath.Join(dir, fmt.Sprintf("%d.detour", n))
		cmd := exec.CommandContext(t.Context(), program, "run", "--ui", "none", "--browser", "none", "--listen", "127.0.0.1:0", "--ca-dir", filepath.Join(dir, "ca"), //nolint:gosec // our own program
			"--upstream-proxy", "none", "--capture", path)
		stderr, err := cmd.StderrPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(stderr)
		var m []string
		for m == nil && lines.Scan() {
			m = captureLine.FindStringSubmatch(lines.Text())
		}
		if m == nil {
			t.Fatal("detour didn't start")
		}
		ctx, cancel := context.WithCancel(t.Context())
		a, due := asked{over: make(map[string]time.Time)}, []string(nil)
		go func() {
			defer cancel()
			anyMoment(400 * time.Millisecond)
			if fulltest.On() {
				due = a.before(time.Now().Add(-onDiskWithin))
			} else {
				due = a.before(time.Now())
				awaitOnDisk(t, path, due)
				anyMoment(100 * time.Millisecond)
			}
			_ = cmd.Process.Kill()
		}()
		a.onAndOn(ctx, m[1], server.URL)
		<-ctx.Done()
		_ = cmd.Wait()
		has := flowsOfKilled(t, path)
		flows += len(has)
		missing := slices.DeleteFunc(slices.Clone(due), func(target string) bool { return has[target] })
		switch {
		case len(missing) > 0:
			late++
			t.Logf("the capture lacks %q", missing)
		case len(due) > 0:
			inTime++
		}
	}
	t.Logf("%d flows in all; %d captures have what they should have, %d don't", flows, inTime, late)
	if late > inTime || late > 0 && !fulltest.On() {
		t.Errorf("%d captures lack flows", late)
	}
}

// anyMoment waits for up to d: the moment of a kill is the test's, it isn't a wait for something.
func anyMoment(d time.Duration) { <-time.After(rand.N(d)) }

// awaitOnDisk waits until a capture that is being written has these flows.
func awaitOnDisk(t *testing.T, path string, targets []string) {
	t.Helper()
	has := make(map[string]bool)
	lacks := func(target string) bool { return !has[target] }
	for end := time.Now().Add(time.Minute); slices.ContainsFunc(targets, lacks); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Errorf("after a minute, the capture has %d flows, of %d", len(has), len(targets))
			return
		}
		f, err := disk.Open(path)
		if err != nil {
			continue
		}
		_, _ = f.Flows(t.Context(), disk.Query{Where: "final"}, func(x *flow.Flow) error { has[x.Request.Target()] = true; return nil })
		_ = f.Close()
	}
}

// flowsOfKilled returns which flows a capture has that was killed.
func flowsOfKilled(t *testing.T, path string) map[string]bool {
	t.Helper()
	f, err := disk.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	has := make(map[string]bool)
	read, err := f.Flows(t.Context(), disk.Query{}, func(x *flow.Flow) error {
		if x.Final() {
			has[x.Request.Target()] = true
		}
		return nil
	})
	if err != nil || !read.Unread.None() {
		t.Errorf("of %s, %v can't be read: %v, %v", path, read.Unread, read.Why, err)
	}
	return has
}
