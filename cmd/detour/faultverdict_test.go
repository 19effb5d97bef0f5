package main

import (
	"cmp"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"detour/internal/flow"
)

// A verdict is how one way of looking at a fault ended.
type verdict struct {
	found []flow.RecordFinding // codes, levels and titles alone
	after time.Duration        // until the first finding; 0 if there was none, or nobody measured
	took  time.Duration
	notes []string // what else is not as it should be
	err   error    // it didn't get as far as a verdict
}

// The marks of verdicts.
const (
	markRight  = "right"
	markUnsure = "unsure"
	markWrong  = "wrong"
	markSilent = "silent"
	markBroken = "broken"
)

// quietNotices may be there although all is well: they say what is ahead, or how it is.
func quietNotices() []string {
	return []string{"local-network-access-ahead", "made-up-address", "*slow*", "hosts-file-override", "file-omits-failures", "calls-pending"}
}

// mark compares a verdict with what is expected of it. A sentence with one of not in it,
// which are separated by |, gives a false reason.
func (v verdict) mark(want expected, not string) string {
	if v.err != nil {
		return markBroken
	}
	right, unsure := strings.Fields(want.right), strings.Fields(want.unsure)
	best := ""
	for _, f := range v.found {
		switch {
		case best == "" && matches(right, f.Code): // the first is the one to act on
			best = markRight
		case best == "" && matches(unsure, f.Code):
			best = markUnsure
		case f.Level == flow.LevelProblem && !matches(append(right, unsure...), f.Code):
			return markWrong
		}
		for _, reason := range strings.Split(not, "|") {
			if reason != "" && strings.Contains(f.Title, reason) {
				return markWrong
			}
		}
		if want.right == quiet && !matches(quietNotices(), f.Code) {
			return markWrong
		}
	}
	if best == "" && slices.Contains(right, quiet) {
		return markRight
	}
	return cmp.Or(best, markSilent)
}

func matches(patterns []string, code string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		ok, _ := path.Match(p, code)
		return ok
	})
}

// codes are a verdict's codes; notices are in parentheses.
func (v verdict) codes() string {
	var all []string
	for _, f := range v.found {
		c := f.Code
		if f.Level != flow.LevelProblem {
			c = "(" + c + ")"
		}
		all = append(all, c)
	}
	return strings.Join(all, " ")
}

// unnamed are the hosts that no problem of a verdict names.
func (v verdict) unnamed(hosts []string) (out []string) {
	for _, h := range hosts {
		if !slices.ContainsFunc(v.found, func(f flow.RecordFinding) bool { return f.Level == flow.LevelProblem && slices.Contains(f.Hosts, h) }) {
			out = append(out, h)
		}
	}
	return out
}

var findingLine = regexp.MustCompile(`(?m)^(problem|notice)[^:]*: (.*) \[([a-z0-9-]+), confidence \w+\]$`)

// saidFindings are the findings that a command wrote to stderr.
func saidFindings(stderr string) (all []flow.RecordFinding) {
	for _, m := range findingLine.FindAllStringSubmatch(stderr, -1) {
		all = append(all, flow.RecordFinding{Level: flow.Level(m[1]), Title: m[2], Code: m[3]})
	}
	return all
}

func TestVerdict_marks(t *testing.T) {
	problem := func(code, title string) flow.RecordFinding {
		return flow.RecordFinding{Code: code, Level: "problem", Title: title}
	}
	notice := flow.RecordFinding{Code: "slow-path", Level: "notice"}
	for _, tc := range []struct {
		found []flow.RecordFinding
		want  expected
		mark  string
	}{
		{nil, expected{right: quiet}, markRight},
		{nil, expected{right: "dns-failed"}, markSilent},
		{[]flow.RecordFinding{problem("dns-failed", "")}, expected{right: "dns-failed"}, markRight},
		{[]flow.RecordFinding{problem("dns-failed", "")}, expected{"dns-*", ""}, markRight},
		{[]flow.RecordFinding{problem("dns-failed", "")}, expected{"tls-failed", "dns-failed"}, markUnsure},
		{[]flow.RecordFinding{problem("dns-failed", ""), problem("tls-failed", "")}, expected{right: "dns-failed"}, markWrong},
		{[]flow.RecordFinding{problem("dns-failed", "a security group")}, expected{right: "dns-failed"}, markWrong},
		{[]flow.RecordFinding{problem("dns-failed", "")}, expected{right: quiet}, markWrong},
		{[]flow.RecordFinding{notice}, expected{right: quiet}, markRight},
		{[]flow.RecordFinding{{Code: "request-unanswered", Level: "notice"}}, expected{right: quiet}, markWrong},
		{[]flow.RecordFinding{problem("dns-failed", "a wrong clock")}, expected{right: "dns-failed"}, markWrong},
		{[]flow.RecordFinding{notice}, expected{right: "*slow*"}, markRight},
		{[]flow.RecordFinding{notice}, expected{right: "dns-failed"}, markSilent},
	} {
		if got := (verdict{found: tc.found}).mark(tc.want, "security group|clock"); got != tc.mark {
			t.Errorf("%+v is %s for %+v, want %s", tc.found, got, tc.want, tc.mark)
		}
	}
}

func TestVerdict_readsFindingsFromStderr(t *testing.T) {
	got := saidFindings("problem: a name: x doesn't resolve [dns-failed, confidence high]\n  Evidence\n\n" +
		"notice, resolved: late [slow-path, confidence low]\n")
	if len(got) != 2 || got[0].Code != "dns-failed" || got[0].Title != "a name: x doesn't resolve" || got[1].Level != "notice" {
		t.Errorf("got %+v", got)
	}
}
