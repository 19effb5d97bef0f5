package loadtest

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"testing"
	"time"
)

// TestSoak keeps the program under a browser's load, 200 requests a second, and
// looks at its memory, goroutines and descriptors at the start, in the middle and
// at the end.
//
//	go test -run TestSoak ./internal/loadtest -soak 30m -v -timeout 0
func TestSoak(t *testing.T) {
	if *soaking == 0 {
		t.Skip("takes half an hour: -soak 30m")
	}
	needProc(t)
	p := startDetour(t, buildDetour(t), startServer(t))
	clients := []*http.Client{p.client(t, false), p.client(t, true)}
	const perSecond = 200
	tick := time.NewTicker(time.Second / perSecond)
	defer tick.Stop()
	total := int(soaking.Seconds() * perSecond)
	warm := min(total/10, 60*perSecond) // the store is full and the pools are filled
	var first, last vitals
	for i := range total {
		<-tick.C
		fetch(t, clients[i%2], p.server.target)
		switch i {
		case warm:
			first = p.vitals(t)
			t.Logf("start:  %v", first)
		case total / 2:
			t.Logf("middle: %v", p.vitals(t))
		case total - 1:
			last = p.vitals(t)
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

func (p *program) vitals(t *testing.T) vitals {
	t.Helper()
	v := vitals{mib: p.memory(t)}
	fds, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", p.pid))
	if err != nil {
		t.Fatal(err)
	}
	v.descriptors = len(fds)
	resp, err := http.Get(p.proxy.String() + "/")
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
