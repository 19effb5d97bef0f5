package fault

import (
	"bytes"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func panics() { panic("a fault") }

func TestGuard_reportsAPanicAndGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		var notices []string
		g := NewGuard(slog.New(slog.NewTextHandler(&log, nil)), func(text string) { notices = append(notices, text) })
		if !g.Do("nothing is lost", func() {}) || log.Len() > 0 || notices != nil {
			t.Errorf("without a panic: %q, %q", log.String(), notices)
		}
		const want = "detour has a fault: a thing is missing. --log FILE records what happens the next time"
		for range 2 {
			if g.Do("a thing is missing", panics) {
				t.Error("a panic counts as a return")
			}
		}
		if !slices.Equal(notices, []string{want}) || strings.Count(log.String(), "a fault") != 2 || !strings.Contains(log.String(), "fault.panics") {
			t.Errorf("notices %q, log %q", notices, log.String())
		}
		g.Do("another", panics)
		if len(notices) != 2 {
			t.Errorf("another kind: notices %q", notices)
		}
		time.Sleep(quiet)
		g.Do("a thing is missing", panics)
		if len(notices) != 3 {
			t.Errorf("a minute later: notices %q", notices)
		}
		for i := range 3 * maxKinds {
			g.Do(fmt.Sprint(i), panics)
		}
		if len(g.last) > maxKinds {
			t.Errorf("%d kinds are remembered", len(g.last))
		}
	})
}

// Without a Guard, a panic isn't hidden.
func TestGuard_nilLetsAPanicThrough(t *testing.T) {
	var none *Guard
	if p := Catch(func() { none.Do("a thing is missing", panics) }); p == nil || p.Value != "a fault" {
		t.Errorf("%+v", p)
	}
	if !none.Do("nothing is lost", func() {}) {
		t.Error("it didn't return")
	}
}

// The stack is that of where it began, however often it is raised again.
func TestGroup_raisesAPanicWhereItIsWaitedFor(t *testing.T) {
	var g Group
	done := 0
	g.Go(func() { done++ })
	g.Wait()
	g.Go(panics)
	p := Catch(g.Wait)
	if done != 1 || p == nil || p.Value != "a fault" || !strings.Contains(string(p.Stack), "fault.panics") || !strings.Contains(p.Error(), "fault.panics") {
		t.Errorf("%d, %+v", done, p)
	}
}
