package main

import (
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"testing"
	"time"
)

var soaking = flag.Duration("soak", 0, "run TestSoak for this long")

// TestSoak keeps the program under a browser's load, 200 requests a second, and
// looks at its memory, goroutines and descriptors at the start, in the middle and
// at the end.
//
//	go test -run TestSoak ./cmd/detour -soak 30m -v -timeout 0
func TestSoak(t *testing.T) {
	if *soaking == 0 {
		t.Skip("takes half an hour: -soak 30m")
	}
	if _, err := os.Stat("/proc/self/fd"); err != nil {
		t.Skip("memory and descriptors are read from /proc")
	}
	l := startLoad(t)
	clients := []*http.Client{l.client(t, false, false), l.client(t, true, false)}
	const perSecond = 200
	tick := time.NewTicker(time.Second / perSecond)
	defer tick.Stop()
	total := int(soaking.Seconds() * perSecond)
	warm := min(total/10, 60*perSecond) // the store is full and the pools are filled
	var first, last vitals
	for i := range total {
		<-tick.C
		l.fetch(t, clients[i%2], l.target, "/")
		switch i {
		case warm:
			first = l.vitals(t)
			t.Logf("start:  %v", first)
		case total / 2:
			t.Logf("middle: %v", l.vitals(t))
		case total - 1:
			last = l.vitals(t)
			t.Logf("end:    %v after %d requests", last, total)
		}
	}
	if last.mib > first.mib+8 || last.goroutines > first.goroutines+20 || last.descriptors > first.descriptors+20 {
		t.Errorf("it grows: from %v to %v", first, last)
	}
}

// vitals are what a leak shows in.
type vitals struct {
	mib                     float64
	goroutines, descriptors int
}

func (v vitals) String() string {
	return fmt.Sprintf("%.1f MiB, %d goroutines, %d descriptors", v.mib, v.goroutines, v.descriptors)
}

var goroutines = regexp.MustCompile(`(\d+) goroutines`)

func (l *load) vitals(t *testing.T) vitals {
	t.Helper()
	v := vitals{mib: l.memory(t)}
	fds, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", l.pid))
	if err != nil {
		t.Fatal(err)
	}
	v.descriptors = len(fds)
	resp, err := http.Get(l.proxy.String() + "/")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if m := goroutines.FindSubmatch(page); m != nil {
		_, _ = fmt.Sscan(string(m[1]), &v.goroutines)
	}
	return v
}
