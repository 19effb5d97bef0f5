package main

import (
	"context"
	"flag"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"

	"detour/internal/lab"
)

var (
	faultsWanted = flag.String("faults", "", "which faults TestLab_allFaults makes, a regular expression; by default a quick selection")
	faultWays    = flag.String("fault-ways", "probe,curl", "the ways in which TestLab_allFaults looks at them, or all")
	faultSave    = flag.String("fault-save", "", "a `directory` for the HARs that browsers save, shortened")
)

// A faultWay is a way of looking at a fault.
type faultWay struct {
	name  string
	look  func(l *faultLab, ctx context.Context, f fault) verdict
	alone bool // it takes a browser: one at a time
}

func allFaultWays() []faultWay {
	return []faultWay{
		{"probe", (*faultLab).probed, false},
		{"curl", (*faultLab).curledThrough, false},
		{"chromium", (*faultLab).browsedThrough, true},
		savedBy("chromium", (*faultLab).recordedByChromium),
		savedBy("firefox", (*faultLab).recordedByFirefox),
	}
}

// TestLab_allFaults compares the verdicts on each fault of the lab, on every way, with the
// right ones, and prints a table of them.
//
//	go test -v -run TestLab_allFaults ./cmd/detour -faults=.
func TestLab_allFaults(t *testing.T) {
	if err := lab.Available(); err != nil {
		t.Skip(err)
	}
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("curl is not installed")
	}
	wanted, err := regexp.Compile(*faultsWanted)
	if err != nil {
		t.Fatal(err)
	}
	var chosen []fault
	for _, f := range faults() {
		if *faultsWanted == "" && f.fast || *faultsWanted != "" && wanted.MatchString(f.name) {
			chosen = append(chosen, f)
		}
	}
	var ways []faultWay
	for _, w := range allFaultWays() {
		if *faultWays == "all" || strings.Contains(","+*faultWays+",", ","+w.name+",") {
			ways = append(ways, w)
		}
	}
	verdicts := lookAtAll(t, chosen, ways)
	tally := make(map[string]int)
	for i, f := range chosen {
		for j, w := range ways {
			if !f.lookedAt(w.name) {
				continue
			}
			v := verdicts[i][j]
			mark := v.mark(f.of(w.name), f.not)
			tally[w.name+" "+mark]++
			if mark != markRight && mark != markUnsure {
				t.Errorf("%s, %s: %s: %s %v, want %+v", f.name, w.name, mark, v.codes(), v.err, f.of(w.name))
			}
		}
	}
	t.Logf("\n%s%v", faultTable(chosen, ways, verdicts), tally)
}

// lookAtAll looks at some faults at a time, each in a lab of its own: most of it is waiting.
func lookAtAll(t *testing.T, chosen []fault, ways []faultWay) [][]verdict {
	t.Helper()
	program, verdicts := buildDetour(t), make([][]verdict, len(chosen))
	var all sync.WaitGroup
	seats := make(chan struct{}, 6)
	var browser sync.Mutex
	for i, f := range chosen {
		seats <- struct{}{}
		l, err := newFaultLab(t, program)
		if err != nil {
			t.Fatal(err)
		}
		verdicts[i] = make([]verdict, len(ways))
		all.Go(func() {
			defer func() { <-seats }()
			defer l.Close()
			for j, w := range ways {
				if !f.lookedAt(w.name) {
					continue
				}
				if w.alone {
					browser.Lock()
				}
				verdicts[i][j] = w.look(l, t.Context(), f)
				if v := verdicts[i][j]; v.err != nil {
					t.Logf("%s, %s: %v", f.name, w.name, v.err)
				}
				l.DropConnections()
				if w.alone {
					browser.Unlock()
				}
			}
		})
	}
	all.Wait()
	return verdicts
}

func faultTable(chosen []fault, ways []faultWay, verdicts [][]verdict) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 1, 2, ' ', 0)
	for i, f := range chosen {
		for j, way := range ways {
			if !f.lookedAt(way.name) {
				continue
			}
			v := verdicts[i][j]
			after := ""
			if v.after > 0 {
				after = fmt.Sprintf("first after %.1f s", v.after.Seconds())
			}
			note := strings.Join(v.notes, "; ")
			if v.err != nil {
				note = v.err.Error()
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%.1f s\t%s\n",
				f.name, way.name, v.mark(f.of(way.name), f.not), v.codes(), after, v.took.Seconds(), note)
		}
	}
	_ = w.Flush()
	b.WriteString("\nWhat they say:\n")
	for i, f := range chosen {
		said := make(map[string]bool)
		for _, v := range verdicts[i] {
			for _, found := range v.found {
				if line := fmt.Sprintf("%s: %s [%s, %s]\n", f.name, found.Title, found.Code, found.Level); !said[line] {
					said[line] = true
					b.WriteString(line)
				}
			}
		}
	}
	return b.String()
}
