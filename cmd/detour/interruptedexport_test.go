package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// An interruptedContext ends when it is asked for the n-th time whether it has ended.
type interruptedContext struct {
	context.Context
	mu     sync.Mutex
	n      int
	cancel context.CancelFunc
}

func (c *interruptedContext) asked() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n--; c.n <= 0 {
		c.cancel()
	}
}

func (c *interruptedContext) Err() error { c.asked(); return c.Context.Err() }

func (c *interruptedContext) Done() <-chan struct{} { c.asked(); return c.Context.Done() }

// TestExport_interruptedSaysSoOnce: whatever it is doing, it says one sentence, and leaves neither a
// part of the file nor the file that was there changed.
func TestExport_interruptedSaysSoOnce(t *testing.T) {
	path := recordedCalls(t, 30)
	for _, format := range []string{"csv", "bundle"} {
		interrupted := 0
		for n := 1; ; n += 1 + n/2 {
			dir := t.TempDir()
			out := filepath.Join(dir, "out")
			if err := os.WriteFile(out, []byte("old"), 0o600); err != nil {
				t.Fatal(err)
			}
			inner, cancel := context.WithCancel(t.Context())
			defer cancel()
			var stdout, stderr bytes.Buffer
			c := rootCommand(&stdout, &stderr)
			c.SetArgs([]string{"export", path, "--force", "--format", format, "-o", out})
			err := c.ExecuteContext(&interruptedContext{Context: inner, n: n, cancel: cancel})
			if inner.Err() == nil {
				break // it wasn't asked that often
			}
			if err == nil {
				continue // it had all by then
			}
			interrupted++
			got, _ := os.ReadFile(out)
			left, _ := os.ReadDir(dir)
			said := stderr.String()
			if !errors.Is(err, context.Canceled) || said != "detour: interrupted: the export isn't complete\n" {
				t.Errorf("%s, at question %d: %v, %q", format, n, err, said)
			}
			if string(got) != "old" || len(left) != 1 || strings.Contains(stdout.String(), "\n") {
				t.Errorf("%s, at question %d: the file has %.20q, %d files", format, n, got, len(left))
			}
		}
		if interrupted < 5 {
			t.Errorf("%s: interrupted %d times", format, interrupted)
		}
	}
}
