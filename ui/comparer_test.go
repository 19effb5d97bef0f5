package ui

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/gdamore/tcell/v2"

	"detour/internal/filter"
	"detour/internal/flow"
	"detour/ui/flowtest"
	"detour/ui/text"
)

// A reader compares files; a test sends the results.
type reader struct {
	files  chan string
	answer chan Comparison // one without a verdict: the file can't be read
	ended  chan error
}

func newReader() *reader {
	return &reader{make(chan string, 1), make(chan Comparison), make(chan error, 1)}
}

func (r *reader) compare(ctx context.Context, file string) (Comparison, error) {
	r.files <- file
	select {
	case x := <-r.answer:
		if x.Verdict == "" {
			return x, errors.New("it is a directory; Tab goes on in it")
		}
		return x, nil
	case <-ctx.Done():
		r.ended <- ctx.Err()
		return Comparison{}, ctx.Err()
	}
}

// comparing are actions whose comparison is always x.
func comparing(x Comparison) Actions {
	return Actions{Compare: CompareActions{Run: func(context.Context, string) (Comparison, error) { return x, nil }}}
}

// offered are two captures and a directory.
func offered(text string) filter.Completion {
	c := filter.Completion{}
	for _, name := range []string{"~/newest.detour", "~/older.detour", "hars/"} {
		if strings.HasPrefix(name, text) {
			c.Candidates = append(c.Candidates, filter.Candidate{Text: name})
		}
	}
	return c
}

func vpn() Comparison {
	return Comparison{
		A: "off.detour: 9 requests", B: "a run: 9 requests", Verdict: "1 host is worse, 1 host is better; 5 calls alike", Worse: true,
		Notes: []string{"off.detour: 3 of its 9 flows are read", "B doesn't say what machine it was made on"},
		Hosts: []ComparisonPart{
			{"Worse", []ComparisonLine{
				{0, "monitoring.ap-northeast-1.amazonaws.com", "monitoring.ap-northeast-1.amazonaws.com"},
				{1, "", "addresses: public → private 10.0.1.23, 10.0.2.23"},
				{1, "", "monitoring:GetMetricData: 200 (1×) → tcp timeout (2×)"},
			}},
			{"In A alone", []ComparisonLine{{0, "gone.example", "gone.example"}, {1, "", "requests: − 200 (1×)"}}},
		},
		Around: []ComparisonPart{{"Machine", []ComparisonLine{{0, "", "nameservers: 192.168.1.1:53 → 10.0.0.2:53"}}}},
		Text:   "the text\n", Markdown: "## What differs\n", Record: map[string]int{"v": 1},
	}
}

func TestCompare_saysFirstWhatGotWorseAndGoesToItsFlows(t *testing.T) {
	r := newReader()
	copied := make(chan string, 1)
	act := Actions{Compare: CompareActions{Run: r.compare, Files: offered}, Copy: func(_ context.Context, s string) []string { copied <- s; return []string{"pbcopy"} }}
	s := start(t, 120, 35, finished(), act, Options{})
	s.sees("EC2 DescribeInstances")
	s.types("d")
	s.sees("Tab ~/newest.detour  ~/older.detour  hars/")
	s.types(tcell.KeyTab, tcell.KeyEnter)
	if file := <-r.files; file != "~/newest.detour" {
		t.Errorf("compared with %q", file)
	}
	s.sees("comparing with ~/newest.detour … ")
	s.types("d")
	s.sees("d: comparing with ~/newest.detour is in progress; Esc stops it")
	r.answer <- vpn()
	golden(t, "compared-120x35", s.sees("▸ 1  "))

	for form, want := range map[string]string{"y": "the text\n", "m": "## What differs\n", "j": "{\n  \"v\": 1\n}\n"} {
		s.types("y" + form)
		if got := <-copied; got != want {
			t.Errorf("copied by %s is %q", form, got)
		}
	}
	s.types("/private", tcell.KeyEnter)
	s.sees("found 1 of 1")
	s.types(tcell.KeyEscape, tcell.KeyEnter)
	s.sees("2 flows, 7 hidden (a: all) · monitoring.ap-northeast-1.amazonaws.com (Esc: back)")
	s.types(tcell.KeyEscape, tcell.KeyRight)
	s.sees("▸ 2  ")
	s.types(tcell.KeyEnter)
	s.sees("there is no flow of gone.example")
	s.types(tcell.KeyEscape)
	s.sees("GetMetricData")
	s.lacks("Differences")
}

func TestCompare_ofAFileThatCantBeReadAsksAgain(t *testing.T) {
	r := newReader()
	s := start(t, 120, 35, finished(), Actions{Compare: CompareActions{Run: r.compare, Files: offered}}, Options{})
	s.sees("EC2 DescribeInstances")
	s.types("d", tcell.KeyEnter)
	s.sees("enter the name of a file")
	s.types("hars", tcell.KeyEnter)
	<-r.files
	r.answer <- Comparison{}
	s.sees("compare with: hars ")
	s.sees("it is a directory; Tab goes on in it")
	s.types(tcell.KeyEscape, ":diff ha", tcell.KeyTab)
	s.sees(":diff hars/")
	s.types("a.har", tcell.KeyEnter)
	if file := <-r.files; file != "hars/a.har" {
		t.Errorf("compared with %q", file)
	}
	r.answer <- Comparison{Verdict: "no difference; 3 calls alike", A: "hars/a.har: 1 request", B: "a run: 1 request"}
	s.sees("compared with hars/a.har")
	s.types(tcell.KeyEnter)
	s.sees("the comparison has no hosts")
}

func TestCompare_canBeGivenUp(t *testing.T) {
	r := newReader()
	s := start(t, 120, 35, finished(), Actions{Compare: CompareActions{Run: r.compare}}, Options{})
	s.sees("EC2 DescribeInstances")
	s.types(":diff huge.har", tcell.KeyEnter)
	<-r.files
	s.sees("comparing with huge.har … ")
	s.types(tcell.KeyEscape)
	s.sees("comparing with huge.har was stopped")
	if err := <-r.ended; !errors.Is(err, context.Canceled) {
		t.Errorf("its context ended with %v", err)
	}
	s.lacks("Differences")
	s.types("d", "huge.har", tcell.KeyEnter)
	<-r.files
	s.types("q") // leaving doesn't wait for it
	if err := s.ended(); err != nil {
		t.Error(err)
	}
}

func TestCompare_saysWhyItCant(t *testing.T) {
	s := start(t, 120, 35, finished(), Actions{}, Options{})
	s.sees("EC2 DescribeInstances")
	s.types("d")
	s.sees("d: comparing isn't possible here")
	s.types(":diff a.har", tcell.KeyEnter)
	s.sees("comparing isn't possible here")
	s = start(t, 120, 35, &stage{}, Actions{Compare: CompareActions{Run: newReader().compare}}, Options{})
	s.types("d")
	s.sees("d: there are no flows yet")
}

// TestCompare_isShownOfGroupsAndOtherViewsToo: what hides the flows is taken away.
func TestCompare_isShownOfGroupsAndOtherViewsToo(t *testing.T) {
	x := vpn()
	act := Actions{Compare: CompareActions{Run: func(context.Context, string) (Comparison, error) { return x, nil }}}
	for _, view := range []string{"4", "7", "/nothing"} {
		s := start(t, 120, 35, finished(), act, Options{})
		s.sees("EC2 DescribeInstances")
		s.types(view, tcell.KeyEnter, ":diff a", tcell.KeyEnter)
		s.sees("Differences")
		s.types(tcell.KeyEnter)
		s.sees("(Esc: back)")
		s.sees("CloudWatch GetMetricData")
	}
}

func TestCompare_bringsTheChosenHostIntoSight(t *testing.T) {
	x := vpn()
	x.Hosts = nil
	for range 40 {
		x.Hosts = append(x.Hosts, vpn().Hosts[0])
	}
	s := start(t, 80, 24, finished(), comparing(x), Options{})
	s.sees("DescribeInst")
	s.types("d", "a", tcell.KeyEnter)
	s.sees("Differences")
	for range 50 {
		s.types(tcell.KeyRight)
	}
	s.sees("▸ 40 ")
	s.lacks("Differences")
}

// TestCompare_masksAndIsHarmless: what a file says steers nothing, and presenter mode
// hides what identifies somebody.
func TestCompare_masksAndIsHarmless(t *testing.T) {
	said := func(s string) Comparison {
		return Comparison{
			A: s, B: s, Verdict: "no difference " + s, Notes: []string{s}, Text: s, Markdown: s, Record: s,
			Hosts:  []ComparisonPart{{"Worse " + s, []ComparisonLine{{0, s, s}, {1, "", s}}}},
			Around: []ComparisonPart{{s, []ComparisonLine{{0, "", s}}}},
		}
	}
	for _, want := range flowtest.HostileTexts() {
		want, _ = text.Head(want, 8<<10) // whoever compares has cut it
		s := start(t, 80, 24, finished(), comparing(said(want)), Options{})
		s.sees("DescribeInst")
		s.types("d", "a", tcell.KeyEnter)
		s.sees("Differences")
		checkCells(t, s.term)
		s.types(tcell.KeyEnter, tcell.KeyEnd, "w")
		s.sees("lines are cut")
		checkCells(t, s.term)
	}
	secret := telling().Page
	s := start(t, 120, 35, &stage{flows: []*flow.Flow{flowtest.Plain(2)}}, comparing(said(secret)), Options{Presenter: true})
	s.sees("Describe2")
	s.types("d", "a", tcell.KeyEnter)
	screen := s.sees("Differences") + s.sees("PRESENTER")
	s.types(tcell.KeyEnter)
	screen += s.sees("no flow of")
	for _, x := range secrets() {
		if strings.Contains(screen, x) {
			t.Errorf("%q is on the screen:\n%s", x, screen)
		}
	}
}
