package ui

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gdamore/tcell/v2"

	"detour/internal/flow"
	"detour/ui/detail"
	"detour/ui/flowtest"
	"detour/ui/pane"
	"detour/ui/table"
	"detour/ui/text"
)

// Canaries identify somebody, in all the forms that come to the screen. The parts of
// their names are such as nothing else on the screen has.
const (
	canaryAccount = "987654321098"
	canaryARN     = "arn:aws:sts::987654321098:assumed-role/Qxroleadm/qxbobby"
	canaryMail    = "qxalice@zvmail.example"
	canaryWords   = canaryAccount + " " + canaryARN + " " + canaryMail + ` 9876-5432-1098 "UserName": "qxclara" qxbobby qxwiki QXWIKI:8080 ` +
		`Qxgraf.Zvtern.Corp qxgraf\.zvtern\.corp qxgita.zvcorp.map http://qxlone/path qxbuckt9.s3.us-east-1.amazonaws.com /qxbuckt9/key ` +
		"10.77.66.55 [fd00:77:66::55]:443 198.51.100.77:443 010.077.066.055 ip-10-77-66-55 10-77-66-55.qxwiki vpce-0abc77de66fa55b12 AROAQXEXAMPLE77:qxbobby"
)

// canaryPieces are what must not be on the screen, nor in all of it without its blanks and
// line ends: five characters in a row of a name or a number tell which it is.
func canaryPieces() []string {
	out := []string{
		"10.77", "77.66", "66.55", "077.0", "77:66", "198.51", "51.100", "0.77:", "10-77", "77-66", "66-55", "9876-",
		"5432-1", "abc77", "77de66", "mple77",
	}
	for _, word := range []string{
		canaryAccount, "qxalice", "zvmail", "qxroleadm", "qxbobby", "qxclara", "qxwiki", "qxgraf",
		"zvtern", "qxgita", "zvcorp", "qxlone", "qxbuckt9",
	} {
		for i := 0; i+5 <= len(word); i++ {
			out = append(out, word[i:i+5])
		}
	}
	return out
}

// canaryFlows have the canaries in each of their texts, and one of each form as their host.
func canaryFlows() []*flow.Flow {
	s := canaryWords
	f := flowtest.Hostile(s)
	f.Request.URL = "https://qxwiki:8080/page?owner=" + s
	f.Page = "https://Qxgraf.Zvtern.Corp/d/" + canaryAccount
	f.Request.Headers = append(f.Request.Headers, flow.Header{Name: "Host", Value: "qxlone"},
		flow.Header{Name: "X-Forwarded-Host", Value: "qxgita"})
	for _, n := range []int{3, 7, 15, 25, 40} { // texts that are cut within a canary
		for _, c := range []string{canaryAccount, canaryARN, canaryMail, "198.51.100.77", "qxgita.zvcorp.map"} {
			f.Request.Headers = append(f.Request.Headers, flow.Header{
				Name:  "x",
				Value: strings.Repeat("a ", (text.MaxLine-n)/2) + c + " " + strings.Repeat("b ", 100),
			})
		}
	}
	f.Conn.Authority = "qxwiki:8080"
	f.Conn.UpstreamProxy = "qxlone:3128"
	r := f.Conn.Resolution
	r.Name, r.Addrs = "qxwiki", []netip.Addr{
		netip.MustParseAddr("10.77.66.55"), netip.MustParseAddr("198.51.100.77"),
		netip.MustParseAddr("fd00:77:66::55"),
	}
	r.Nameserver = netip.MustParseAddrPort("10.77.66.55:53")
	f.Conn.Attempts[0].Local = netip.MustParseAddrPort("198.51.100.77:50000")
	f.Conn.TLS.Chain[0].Subject = "CN=qxgita"
	f.Findings = []string{s}
	flows := []*flow.Flow{f}
	for i, host := range []string{
		"qxwiki", "Qxgraf.Zvtern.Corp", "qxgita.zvcorp.map", "qxlone",
		"qxbuckt9.s3.us-east-1.amazonaws.com", "10.77.66.55", "198.51.100.77", "[fd00:77:66::55]",
	} {
		id := flow.ID(i + 2)
		x := flowtest.Call(id, flowtest.At(i), flow.OriginDirect, host, "s3", "S3", "GetObject")
		x.Conn = flowtest.Private(id, flowtest.At(i), strings.Trim(host, "[]"), flow.DialTimeout, 4*time.Second, "10.77.66.55",
			"198.51.100.77")
		x.Page, x.Note = f.Page, s
		if i%2 == 0 {
			x.AWS, x.Origin = nil, flow.OriginOther
		}
		flows = append(flows, flowtest.TimedOut(x, 4*time.Second))
	}
	tunnel := flowtest.Call(20, flowtest.At(50), flow.OriginOther, "qxlone", "", "", "")
	tunnel.AWS, tunnel.Request.URL, tunnel.Tunnel = nil, "qxlone:8443", &flow.Tunnel{ServerName: "qxgita.zvcorp.map"}
	return append(flows, flowtest.Answered(tunnel, 200, flowtest.Millis(9)), stuckFlow(21))
}

// stuckFlow waits for somebody's own address.
func stuckFlow(id flow.ID) *flow.Flow {
	f := flowtest.Call(id, flowtest.At(60), flow.OriginDirect, "qxgita.zvcorp.map", "logs", "Logs", "X")
	f.State = flow.StateConnecting
	f.Conn = flowtest.Private(id, flowtest.At(60), "qxgita.zvcorp.map", flow.DialPending, 0, "10.77.66.55", "198.51.100.77")
	return f
}

// A still is an app that is drawn after each key, without an event loop.
type still struct {
	*testing.T
	a      *app
	screen tcell.SimulationScreen
	w, h   int
	pieces []string
	blanks *strings.Replacer
	last   string
	looked int
}

func newStill(t *testing.T, w, h int, presenter bool) *still {
	s := tcell.NewSimulationScreen("UTF-8")
	if err := s.Init(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Fini)
	s.SetSize(w, h)
	c := canaryWords
	finding := flow.Finding{
		Level: flow.LevelProblem, Code: "c", Title: c, Because: []string{c}, Screens: []string{c}, Alternatives: []string{c},
		CloudTrail: []string{c}, Try: []flow.NextStep{{Text: c, Command: c}}, Asks: []flow.Ask{{
			Of:   flow.NetworkTeam,
			What: c,
		}}, Hosts: []string{"qxwiki", "qxgita.zvcorp.map"}, Flows: []flow.ID{1},
	}
	src := &stage{flows: canaryFlows(), findings: []flow.Finding{finding, finding}}
	says := func(context.Context, string) (string, error) { return c, nil }
	counts := func(context.Context, Export) (Exported, error) { return Exported{Flows: 1}, nil }
	act := Actions{
		Copy: func(context.Context, string) []string { return []string{"pbcopy"} },
		Edit: EditActions{
			Mark: func(flow.ID) error { return errors.New(c) },
			Note: func(flow.ID, string) error { return errors.New(c) },
		},
		PassUnread: func(string) (bool, error) { return true, nil },
		Probe:      ProbeActions{Run: says, Counterfactual: says, Reference: func() string { return "198.51.100.77" }},
		Clear:      ClearActions{Run: func() int { return 1 }, Kept: c},
		Export:     ExportActions{Write: counts, Count: counts, Name: c},
		Compare: CompareActions{Run: func(context.Context, string) (Comparison, error) {
			part := ComparisonPart{c, []ComparisonLine{{0, "qxwiki", "qxwiki"}, {1, "", c}}}
			return Comparison{A: c, B: c, Verdict: c, Notes: []string{c}, Hosts: []ComparisonPart{part}, Around: []ComparisonPart{part}}, nil
		}},
		Browse: BrowseActions{
			Open:      func(context.Context, string) (bool, error) { return false, errors.New(c) },
			StartPage: "https://qxwiki/",
		},
	}
	a := newApp(src, act, Options{
		AWS:       awsNames(),
		Presenter: presenter, Hint: hinting(c), Facts: func() []Fact {
			return []Fact{{"file", canaryMail + " " + canaryAccount + ".har"}, {"unread", "qxwiki"}}
		},
		Steps: []flow.Step{{At: flowtest.Start, Text: c}},
		Views: []SavedView{
			{Name: "qxwiki", Digit: 9, Filter: `host~qxgraf\.zv or qxgita or ip:10.77.66.0/24`, Group: "host"},
			{Name: "of 987654321098", Filter: "qxlone"},
		},
		Now:    func() time.Time { return flowtest.At(13_300) },
		Filter: "",
	})
	a.screen = s
	a.tasks.Within(t.Context())
	a.theme, _ = pane.NewTheme("", 256)
	t.Cleanup(func() {
		a.tasks.Cancel()
		a.tasks.Wait()
	})
	a.frame(true, snapshot{flows: src.flows, findings: src.findings})
	x := &still{t, a, s, w, h, canaryPieces(), strings.NewReplacer("\n", "", " ", ""), "", 0}
	if !presenter {
		x.press("p")
	}
	return x
}

// press is each key, and a look at what it made of the screen.
func (s *still) press(keys ...any) {
	s.Helper()
	for _, k := range keys {
		switch k := k.(type) {
		case string:
			for _, r := range k {
				s.a.key(tcell.NewEventKey(tcell.KeyRune, r, tcell.ModNone))
				s.look(k)
			}
		case tcell.Key:
			s.a.key(tcell.NewEventKey(k, 0, tcell.ModNone))
			s.look(tcell.KeyNames[k])
		}
	}
}

// paste is a text that comes at once.
func (s *still) paste(text string) {
	s.Helper()
	s.a.prompts.paste(text)
	s.look("pasted")
}

// look fails if a piece of a canary is on the screen.
func (s *still) look(when string) {
	s.Helper()
	s.screen.Clear()
	s.a.draw(pane.Canvas{Screen: s.screen, Theme: s.a.theme, W: s.w, H: s.h, Mask: s.a.panes.reading.Mask})
	s.looked++
	flat := s.blanks.Replace(strings.ToLower(screenAll(s.screen)))
	if flat == s.last {
		return
	}
	s.last = flat
	for _, p := range s.pieces {
		if strings.Contains(flat, p) {
			s.Fatalf("%dx%d, after %q: %q is on the screen:\n%s", s.w, s.h, when, p, theLineWith(screenAll(s.screen), p))
		}
	}
}

// theLineWith is the line that contains a text; all lines if no single one does.
func theLineWith(text, p string) string {
	for l := range strings.Lines(text) {
		if strings.Contains(strings.ToLower(l), p) {
			return l
		}
	}
	return text
}

func screenAll(s tcell.Screen) string {
	w, h := s.Size()
	var b strings.Builder
	for y := range h {
		for x := 0; x < w; {
			c, _, n := s.Get(x, y)
			b.WriteString(c)
			x += max(1, n)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// TestPresenter_showsNoPieceOfACanary: in any pane, at any place that it is scrolled to,
// in prompts, offers, menus, forms and outcomes, at several sizes.
func TestPresenter_showsNoPieceOfACanary(t *testing.T) {
	for i, size := range [][2]int{{38, 12}, {80, 24}, {170, 30}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			t.Parallel()
			s := newStill(t, size[0], size[1], i%2 == 0)
			for _, look := range []func(*still){
				(*still).tables, (*still).texts, (*still).prompts, (*still).menus, (*still).others,
				(*still).outcomes,
			} {
				look(s)
				s.press(tcell.KeyEscape, tcell.KeyEscape, tcell.KeyEscape, "6g")
			}
			if s.looked < 500 {
				t.Errorf("only %d pictures", s.looked)
			}
		})
	}
}

// tables looks at every view, column, order and grouping.
func (s *still) tables() {
	s.Helper()
	s.press("6gjjjjjjjjjj123456789")
	s.press("6")
	for _, c := range table.Columns() {
		s.a.askCommand("columns id " + c.Name + ":60 host page")
		s.press(tcell.KeyEnter)
		s.a.askCommand("sort " + c.Name)
		s.press(tcell.KeyEnter, "Gg")
	}
	s.a.askCommand("columns default")
	s.press(tcell.KeyEnter)
	for _, g := range table.Groupings() {
		s.a.askCommand("group " + g.Name)
		s.press(tcell.KeyEnter)
		for range 4 {
			s.press("g", tcell.KeyEnter, "j", tcell.KeyEscape, "j")
		}
	}
	s.press("6")
}

// texts reads every pane to its end, wrapped and cut.
func (s *still) texts() {
	s.Helper()
	s.a.probes.probed["qxwiki"] = &detail.Probe{At: flowtest.Start, Kind: "probe", Text: canaryWords + "\n" + canaryWords}
	s.press("6g", tcell.KeyEnter, tcell.KeyTab)
	for i := range detail.Tabs() {
		s.press(string(rune('1' + i)))
		s.toTheEnd()
		s.press("w")
		for range 30 {
			s.press("l", tcell.KeyPgDn)
		}
		s.press("wg/")
		s.paste("qx")
		s.press(tcell.KeyEnter, "nnN", tcell.KeyEscape)
	}
	for range 10 {
		s.press(tcell.KeyRight)
	}
	s.press("!", tcell.KeyRight)
	s.toTheEnd()
	s.press("w")
	for range 20 {
		s.press("l")
	}
	s.press("w?")
	for range 20 {
		s.press("j")
	}
	s.press("x", tcell.KeyEscape)
}

func (s *still) toTheEnd() {
	s.Helper()
	s.press("g")
	for last := -1; last != s.a.scroll().Top; {
		last = s.a.scroll().Top
		s.press(tcell.KeyPgDn)
	}
}

// prompts types, scrolls what is typed and goes through what is offered.
func (s *still) prompts() {
	s.Helper()
	s.press("6gn", tcell.KeyHome)
	for range len(canaryWords) / 3 {
		for range 2 {
			s.a.key(tcell.NewEventKey(tcell.KeyRight, 0, tcell.ModNone))
		}
		s.press(tcell.KeyRight)
	}
	s.press(tcell.KeyEnd)
	for range 12 {
		s.press(tcell.KeyCtrlW)
	}
	s.press(tcell.KeyEnter, tcell.KeyEscape)
	s.press("n", tcell.KeyCtrlU)
	s.paste("acct 987654321098 mail qxalice@zvmail.example ")
	s.press(strings.Repeat("x", 2*s.w/3+20), tcell.KeyEscape)
	for _, filter := range []string{
		`host~^qxgraf\.zvtern\.corp`, "host:qxwiki", `"qxgita.zvcorp"`, "ip:10.77.66.55", "host:QXLONE or qxgraf", "qxwiki", "proxy=qxlone", `not (page:"qxgraf`, "path:987654321098",
		"nosuch:qxwiki", "host~(qxwiki", "ip:10.77.66.555",
	} {
		s.press("/", filter)
		s.press(tcell.KeyEnter, tcell.KeyEscape, tcell.KeyEscape)
		s.press(":")
		s.paste("filter " + filter)
		s.press(tcell.KeyEnter, tcell.KeyEscape, tcell.KeyEscape)
	}
	for _, key := range []string{
		"host", "page", "url", "path", "cname", "proxy", "issuer", "message", "note", "step",
		"nameserver", "operation", "service", "policy", "code",
	} {
		s.press("/", tcell.KeyCtrlU)
		s.paste(key + ":")
		for range 8 {
			s.press(tcell.KeyTab)
		}
		s.press(tcell.KeyEnter, tcell.KeyEscape, tcell.KeyEscape)
	}
	for _, command := range []string{"view ", "save ", "forget "} {
		s.press(":", command, tcell.KeyTab, tcell.KeyTab, tcell.KeyEscape)
	}
	s.press(":")
	s.paste("step " + canaryWords)
	s.press(tcell.KeyHome, tcell.KeyEnd, tcell.KeyEnter, tcell.KeyEscape)
	s.press(":")
	s.paste("save 8 qxgraf " + canaryAccount)
	s.press(tcell.KeyEnter, tcell.KeyEscape)
	s.press(":")
	s.paste("qxwiki " + canaryAccount)
	s.press(tcell.KeyEnter, tcell.KeyEscape)
}

// menus opens each of them, and the form.
func (s *still) menus() {
	s.Helper()
	s.press("6g")
	for _, k := range []string{"y", "yy", "yc", "z", "zn", "0", "01", "02", "u", "m", "p"} {
		s.press(k, tcell.KeyEscape)
	}
	s.press("6G", "x", tcell.KeyEscape)
	s.a.exports.form = nil
	s.press("e", "jl", tcell.KeyEnter, tcell.KeyHome, tcell.KeyRight, tcell.KeyRight, tcell.KeyEscape)
	s.a.exports.form.err = errors.New(canaryWords)
	s.look("the form's error")
	s.press(tcell.KeyEscape)
}

// others opens what was asked of a file, of the browser and of the columns.
func (s *still) others() {
	s.Helper()
	s.press("6g", "b", tcell.KeyTab, tcell.KeyEscape, ":browse ", tcell.KeyTab, tcell.KeyEscape, "c ", tcell.KeyEscape)
	x, _ := s.a.act.Compare.Run(s.Context(), "")
	s.a.diff.result = newCompared(canaryWords, x)
	s.a.diff.open()
	s.toTheEnd()
	s.press("w", "l", "w", "y", tcell.KeyEscape, tcell.KeyRight, tcell.KeyEnter, "j", tcell.KeyEscape, tcell.KeyEscape)
	s.press("!", tcell.KeyEnter, "j", tcell.KeyEscape, tcell.KeyEscape)
}

// outcomes says what actions come to.
func (s *still) outcomes() {
	s.Helper()
	for _, c := range slices.Concat(strings.Fields(canaryWords), []string{canaryWords}) {
		if slices.Contains([]string{`"UserName":`, `"qxclara"`}, c) {
			continue // what the one is says the other
		}
		s.a.notify(pane.Bad, "export: %s", c)
		s.look(c)
		s.a.notices.EndOutcome()
		s.a.notices.Watch(nil) // at first, nothing is new
		s.a.notices.Watch([]flow.Finding{{Code: "a", Title: "the banner's"}, {Code: c, Level: flow.LevelProblem, Title: c}})
		s.look(c)
		s.a.notices.EndNews()
		s.a.openMessages()
		s.look(c)
		s.press(tcell.KeyEscape)
		s.a.tasks.Start("probing "+c, func(ctx context.Context) func() { <-ctx.Done(); return nil })
		s.look(c)
		s.press("?", tcell.KeyPgDn, tcell.KeyPgDn, tcell.KeyEscape)
		s.a.tasks.Cancel()
	}
}
