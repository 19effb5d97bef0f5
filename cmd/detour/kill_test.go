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

// askOnAndOn asks through a proxy until ctx ends, and returns when each path was over.
func askOnAndOn(ctx context.Context, proxy, server string) map[string]time.Time {
	at, _ := url.Parse(proxy)
	client := &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(at), MaxIdleConnsPerHost: 8}}
	defer client.CloseIdleConnections()
	var mu sync.Mutex
	var wg sync.WaitGroup
	over := make(map[string]time.Time)
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
				mu.Lock()
				over[path] = time.Now()
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return over
}

// TestCapture_survivesAKill kills detour at any moment under load, fifty times: the capture is whole,
// and lacks nothing that was over 200 ms before. On a busy machine, a run or two may be late.
func TestCapture_survivesAKill(t *testing.T) {
	program := buildDetour(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") }))
	defer server.Close()
	dir := t.TempDir()
	flows, inTime, late := 0, 0, 0
	for n := range fulltest.Or(15, 50) {
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
		var killed time.Time
		go func() {
			defer cancel()
			<-time.After(time.Duration(rand.IntN(400)) * time.Millisecond) // the moment is the test's, not a wait for something
			killed = time.Now()
			_ = cmd.Process.Kill()
		}()
		over := askOnAndOn(ctx, m[1], server.URL)
		<-ctx.Done()
		_ = cmd.Wait()
		has := flowsOfKilled(t, path)
		flows += len(has)
		due, missing := 0, 0
		for target, at := range over {
			if age := killed.Sub(at); age > onDiskWithin {
				due++
				if !has[target] {
					missing++
					t.Logf("%s was over %v before the kill and isn't in the capture", target, age)
				}
			}
		}
		switch {
		case missing > 0:
			late++
		case due > 0:
			inTime++
		}
	}
	t.Logf("%d flows in all; %d captures were in time, %d late", flows, inTime, late)
	if late > inTime {
		t.Errorf("%d captures lack flows that were over %v before, %d don't", late, onDiskWithin, inTime)
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
