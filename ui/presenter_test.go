package ui

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/gdamore/tcell/v2"

	"detour/internal/flow"
	"detour/ui/detail"
	"detour/ui/flowtest"
)

// secrets are what a masked screen must not show.
func secrets() []string {
	return []string{"123456789012", "user/jo", "jo@", "corp.example", "my-bucket", "10.0.1.23", "172.16.8.5", "fd00::5"}
}

// telling is a flow all of whose texts have all of the secrets.
func telling() *flow.Flow {
	s := "arn:aws:iam::123456789012:user/jo jo@corp.example proxy.corp.example my-bucket.s3.us-east-1.amazonaws.com 10.0.1.23 172.16.8.5:5 [fd00::5]:443"
	f := flowtest.Hostile(s)
	f.Request.URL = "https://my-bucket.s3.us-east-1.amazonaws.com/?owner=" + s
	f.Request.Headers = append(f.Request.Headers, flow.Header{Name: "x", Value: s})
	return f
}

// TestPresenter_masksEverything: on every pane, also where a line is broken or
// cut, in titles, outcomes and what is typed.
func TestPresenter_masksEverything(t *testing.T) {
	s1 := telling().Page
	finding := flow.Finding{
		Level: flow.LevelProblem, Code: "c", Title: s1, Because: []string{s1}, Screens: []string{s1}, Alternatives: []string{s1},
		CloudTrail: []string{s1}, Try: []flow.NextStep{{Text: s1, Command: s1}}, Asks: []flow.Ask{{
			Of:   flow.NetworkTeam,
			What: s1,
		}}, Hosts: []string{s1}, Flows: []flow.ID{1},
	}
	for _, size := range [][2]int{{40, 24}, {80, 24}, {120, 35}, {200, 60}} {
		s := start(t, size[0], size[1], &stage{flows: []*flow.Flow{telling(), flowtest.Plain(2)}, findings: []flow.Finding{finding}},
			Actions{}, Options{
				Presenter: true, Facts: func() []Fact { return []Fact{{"by way of", s1}} }, Hint: hinting(s1),
			})
		s.sees("PRESENTER")
		check := func(when string) {
			s.Helper()
			text := s.sees("PRESENTER")
			flat := strings.NewReplacer("\n", "", " ", "").Replace(text)
			for _, x := range secrets() {
				if strings.Contains(text, x) || strings.Contains(flat, x) {
					t.Errorf("%v, %s: %q is on the screen:\n%s", size, when, x, text)
				}
			}
		}
		check("the table")
		s.types(":columns id address host page note", tcell.KeyEnter)
		check("columns")
		s.types(":columns default", tcell.KeyEnter, "g", tcell.KeyTab)
		for i, tab := range detail.Tabs() {
			s.types(string(rune('1' + i)))
			s.sees(fmt.Sprintf("[%d ", i+1))
			for range 12 {
				check(tab.Name)
				s.types(tcell.KeyPgDn)
			}
		}
		s.types("w")
		check("cut")
		s.types("!")
		s.sees("Finding 1 of 1")
		check("findings")
		s.types(tcell.KeyEscape, "4")
		check("groups")
		s.types("1/host:proxy.corp.example")
		check("typing")
		s.types(tcell.KeyEnter)
		check("filtered")
		s.types("q")
		_ = s.ended()
	}
}

func TestPresenter_isSwitched(t *testing.T) {
	copied := make(chan string, 1)
	s := start(t, 120, 30, finished(), Actions{Copy: func(_ context.Context, s string) []string { copied <- s; return []string{"pbcopy"} }}, Options{})
	s.sees("10.0.1.23")
	s.types("p")
	s.sees("the screen is masked")
	s.lacks("10.0.1.23")
	s.sees("private private-2")
	s.types("gjjyy")
	if got := <-copied; !strings.Contains(got, "10.0.1.23") {
		t.Error("the copy is masked")
	}
	s.types("p")
	s.sees("show account IDs, hosts and addresses again?")
	s.lacks("10.0.1.23")
	s.types("p") // hit twice by mistake: it is no choice
	s.sees("p isn't one of the choices")
	s.types("pn")
	s.lacks("again?")
	s.lacks("10.0.1.23")
	s.types("py")
	s.sees("10.0.1.23")
	s.lacks("PRESENTER")
	s.types(":presenter", tcell.KeyEnter)
	s.sees("PRESENTER")
}

// TestPresenter_learnsWhileItRuns: a host whose name has no form is masked wherever it appears.
func TestPresenter_learnsWhileItRuns(t *testing.T) {
	src := &stage{flows: flowtest.Plains(1, 2)}
	s := start(t, 120, 30, src, Actions{}, Options{Presenter: true, Facts: func() []Fact { return []Fact{{"note", "ask intrawiki"}} }})
	s.sees("ask intrawiki") // nobody knows that it is a host
	f := *flowtest.To("intrawiki", "10.0.1.9", "")
	f.ID = 9
	src.set(append(flowtest.Plains(1, 2), &f), nil)
	s.sees("ask host-1")
	s.types("a", "G", tcell.KeyEnter)
	s.lacks("intrawiki")
}

// TestPresenter_oneThingHasOneNameEverywhere: two people who look at different panes can speak of
// it, also after it was shown in between.
func TestPresenter_oneThingHasOneNameEverywhere(t *testing.T) {
	const account = "123456789012"
	f := flowtest.To("grafana.internal.corp", "10.0.1.9", "")
	f.ID, f.Page = 1, "https://"+account+".console.aws.amazon.com/"
	other := flowtest.To("wiki.internal.corp", "10.0.1.10", "")
	other.ID = 2
	finding := flow.Finding{
		Level: flow.LevelProblem, Code: "c", Title: "grafana.internal.corp doesn't respond", Because: []string{"at 10.0.1.9, of account " + account},
		Hosts: []string{"grafana.internal.corp"}, Flows: []flow.ID{1},
	}
	src := &stage{flows: []*flow.Flow{f, other}, findings: []flow.Finding{finding}}
	s := start(t, 140, 40, src, Actions{}, Options{AWS: awsNames(), Facts: func() []Fact { return []Fact{{"at", "10.0.1.9"}} }})
	s.sees("private 10.0.1.10") // names are numbered as they are used, and the head is drawn before the flows are
	for range 2 {
		s.sees("10.0.1.9")
		s.types("p")
		s.sees("at private-2")
		s.sees("host-1 doesn't respond")
		s.types("agg:columns host dns page", tcell.KeyEnter)
		s.sees("host-1")
		s.sees("private private-2")
		s.sees("host-2")
		s.sees("private private-3")
		s.sees("account-1.console.aws.amazon.com")
		s.types("g", tcell.KeyEnter)
		s.sees("host-1")
		s.sees("private-2")
		s.types(tcell.KeyEscape, "!")
		s.sees("at private-2, of account account-1")
		s.types(tcell.KeyEscape, "py:columns default", tcell.KeyEnter)
		s.lacks("PRESENTER")
	}
}

// TestPresenter_aFilterMayNameWhatIsMasked: with the name that the screen shows.
func TestPresenter_aFilterMayNameWhatIsMasked(t *testing.T) {
	f := flowtest.To("grafana.internal.corp", "10.0.1.9", "")
	f.ID = 1
	other := flowtest.To("wiki.internal.corp", "10.0.1.10", "")
	other.ID = 2
	s := start(t, 140, 30, &stage{flows: []*flow.Flow{f, other}}, Actions{}, Options{AWS: awsNames(), Presenter: true})
	s.types("a:columns host dns", tcell.KeyEnter)
	s.sees("host-1")
	s.sees("host-2")
	s.types("/host:host-2", tcell.KeyEnter)
	s.lacks("private-2")
	s.sees("private private-3")
	s.sees("host:host-2")
	s.types("/", tcell.KeyCtrlU)
	s.pastes("ip:private-2 or host=host-9")
	s.types(tcell.KeyEnter)
	s.lacks("private-3")
	s.sees("private private-2")
}

// TestStrict_theTableSpeaksOfWhatFindingsName: a stand-in would be a second name.
func TestStrict_theTableSpeaksOfWhatFindingsName(t *testing.T) {
	f := flowtest.To("redacted-vpce-4f1c9a07b2.logs.us-east-1.vpce.amazonaws.com", "10.77.3.2", "")
	f.ID, f.Strict = 1, true
	finding := flow.Finding{Level: flow.LevelProblem, Code: "c", Title: "private-2 doesn't respond", Hosts: []string{f.Request.Host()}, Flows: []flow.ID{1}}
	s := start(t, 140, 30, &stage{flows: []*flow.Flow{f}, findings: []flow.Finding{finding}}, Actions{}, Options{AWS: awsNames(), Strict: true})
	s.types("a:columns host dns", tcell.KeyEnter)
	s.sees("private-2 doesn't respond")
	s.sees("private private-2")
	s.sees("vpce-1.logs.us-east-1")
	s.lacks("PRESENTER")
	s.types("p")
	s.sees("PRESENTER")
	s.sees("private private-2")
	s.types("py")
	s.lacks("PRESENTER")
	s.lacks("10.77.3.2")
}
