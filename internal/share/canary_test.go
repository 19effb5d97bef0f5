package share

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"detour/internal/alias"
	"detour/internal/capture"
	"detour/internal/flow"
	"detour/internal/flow/alltext"
	"detour/internal/intake"
)

// canaries are secrets, and what identifies somebody, as they may be in any text. Each is different,
// and has one of the marks.
var canaries = map[string]func(n int) string{
	"a presigned URL": func(n int) string {
		return fmt.Sprintf("https://b.s3.amazonaws.com/k?X-Amz-Expires=60&X-Amz-Signature=cNrY%04dabcdef", n)
	},
	"a named secret": func(n int) string {
		return fmt.Sprintf("aws_secret_access_key=cNrY%04dUtnFEMIK7MDENGbPxRfiCYEXAMPLE", n)
	},
	"a bearer token":   func(n int) string { return fmt.Sprintf("Authorization: Bearer cNrY%04d.abcdefgh", n) },
	"a session token":  func(n int) string { return fmt.Sprintf("IQoJb3JpZ2luX2VjcNrY%04dabcdefghijkl", n) },
	"a cookie":         func(n int) string { return fmt.Sprintf("Cookie: aws-creds=cNrY%04dabc", n) },
	"a URL's password": func(n int) string { return fmt.Sprintf("proxy http://user:cNrY%04d@proxy.example:3128 said no", n) },
	"JSON":             func(n int) string { return fmt.Sprintf(`{"sessionToken":"cNrY%04d"}`, n) },
	"an account":       func(n int) string { return fmt.Sprintf("of account 42719004%04d it is", n) },
	"a principal": func(n int) string {
		return fmt.Sprintf("User: arn:aws:sts::42719004%04d:assumed-role/cNrY%04d/me is not authorized", n, n)
	},
	"an e-mail address": func(n int) string { return fmt.Sprintf("ask cNrY%04d@corp.example", n) },
	"a resource": func(n int) string {
		return fmt.Sprintf("vpce-0cafe0000%04d-a1b2c3d4.logs.us-east-1.vpce.amazonaws.com", n)
	},
	"an address":  func(n int) string { return fmt.Sprintf("dial tcp 10.213.7.%d:443: refused", n%256) },
	"its IPv6":    func(n int) string { return fmt.Sprintf("[fd42:cafe::%x]:443", n+1) },
	"the machine": func(n int) string { return fmt.Sprintf("ether 02:ca:fe:11:%02x:%02x is up", n/256, n%256) },
}

// marks are in no stand-in.
var marks = []string{"cNrY", "42719004", "vpce-0cafe", "10.213.7.", "fd42:cafe", "02:ca:fe", "10.9.8.7"}

// words are the types whose values are of closed sets: what is read from a file is checked for that.
var words = map[reflect.Type]bool{
	reflect.TypeFor[flow.Source](): true, reflect.TypeFor[flow.State](): true, reflect.TypeFor[flow.Origin](): true,
	reflect.TypeFor[flow.Evidence](): true, reflect.TypeFor[flow.Exporter](): true, reflect.TypeFor[flow.Stage](): true,
	reflect.TypeFor[flow.FailureKind](): true, reflect.TypeFor[flow.LaterKind](): true, reflect.TypeFor[flow.CheckKind](): true,
	reflect.TypeFor[flow.CheckOutcome](): true, reflect.TypeFor[flow.Side](): true, reflect.TypeFor[flow.DNSOutcome](): true,
	reflect.TypeFor[flow.DNSSource](): true, reflect.TypeFor[flow.DialOutcome](): true, reflect.TypeFor[flow.InterfaceKind](): true,
	reflect.TypeFor[flow.TLSOutcome](): true, reflect.TypeFor[flow.Issuer](): true, reflect.TypeFor[flow.ClientCert](): true,
	reflect.TypeFor[flow.Trait](): true, reflect.TypeFor[flow.Part](): true, reflect.TypeFor[flow.Shortage](): true,
	reflect.TypeFor[flow.PreflightSource](): true,
}

// filled fills what p points at with canaries. Codes of findings are words, too.
func filled(p any, secret func(n int) string) {
	n := 0
	alltext.Fill(p, func(path string, of reflect.Type) string {
		if words[of] || strings.HasPrefix(path, "Findings") || strings.HasPrefix(path, "Codes") {
			return ""
		}
		n++
		return secret(n)
	})
}

// A telltale is a source that has a canary in each of its texts.
type telltale struct {
	*capture.Store
	found []flow.Finding
}

func (s telltale) Findings() []flow.Finding { return s.found }

// TestFeed_identifiesNobody: nothing that a watcher gets has a canary, and nothing that a Renderer
// gets. The run may keep its secrets.
func TestFeed_identifiesNobody(t *testing.T) {
	for kind, secret := range canaries {
		synctest.Test(t, func(t *testing.T) {
			src := telltale{Store: capture.New(capture.Options{}), found: make([]flow.Finding, 1)}
			for id, state := range []flow.State{flow.StateDone, flow.StateWaiting} {
				var f flow.Flow
				filled(&f, secret)
				f.ID, f.Rev, f.State = flow.ID(id+1), 1, state //nolint:gosec // it is small
				src.Put(f)
			}
			var step flow.Step
			filled(&step, secret)
			src.AddStep(step)
			var check flow.Check
			filled(&check, secret)
			src.PutCheck(check)
			filled(&src.found[0], secret)
			src.found[0].Code, src.found[0].Flows = "dns-failed", []flow.ID{1}
			strict := intake.NewStrict(new(alias.Table))
			judging := &intake.StrictJudging{Strict: strict}
			f := New(Config{
				Source: src, Strict: strict, Renderer: rows{}, Now: time.Now, Judge: judging.Judge,
				Title: secret(1), Facts: func() []Fact { return []Fact{{"note", secret(2)}, {"disk", "/home/cNrY0001/x.detour: full"}} },
			})
			for _, opt := range []Options{{}, {Rows: true}} {
				w := f.Watch(opt)
				defer w.Close()
				var s screen
				got := s.read(t, w)
				if len(s.flows) != 2 || s.events[EventSteps] == 0 || s.events[EventChecks] == 0 || s.events[EventState] == 0 {
					t.Errorf("%s: it has %d flows, and %v", kind, len(s.flows), s.events)
				}
				for _, mark := range marks {
					if at := strings.Index(got, mark); at >= 0 {
						t.Errorf("%s, rows %v: …%s…", kind, opt.Rows, got[max(0, at-120):min(len(got), at+60)])
					}
				}
			}
			for _, x := range append(f.Flows(), f.Get(1)) {
				alltext.Each(x, func(path, text string) {
					for _, mark := range marks {
						if strings.Contains(text, mark) {
							t.Errorf("%s: %s is %q", kind, path, text)
						}
					}
				})
			}
		})
	}
}

// read is drain, and returns all that came.
func (s *screen) read(t *testing.T, w *Watcher) string {
	t.Helper()
	var b strings.Builder
	s.seen = func(e Event) { fmt.Fprintf(&b, "%s %s\n", e.Name, e.Data) }
	s.drain(t, w, -1)
	return b.String()
}
