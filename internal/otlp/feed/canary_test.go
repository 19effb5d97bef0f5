package feed

import (
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"detour/internal/alias"
	"detour/internal/capture"
	"detour/internal/flow"
	"detour/internal/flow/alltext"
	"detour/internal/fulltest"
	"detour/internal/intake"
)

// canaries are secrets, and what identifies somebody, as they may be in any text. Each is different, and has one
// of the marks.
var canaries = map[string]func(n int) string{
	"a presigned URL": func(n int) string {
		return fmt.Sprintf("https://b.s3.amazonaws.com/k?X-Amz-Signature=cNrY%04dabcdef", n)
	},
	"a named secret": func(n int) string {
		return fmt.Sprintf("aws_secret_access_key=cNrY%04dUtnFEMIK7MDENGbPxRfiCYEXAMPLE", n)
	},
	"a bearer token":   func(n int) string { return fmt.Sprintf("Authorization: Bearer cNrY%04d.abcdefgh", n) },
	"a session token":  func(n int) string { return fmt.Sprintf("IQoJb3JpZ2luX2VjcNrY%04dabcdefghijkl", n) },
	"a cookie":         func(n int) string { return fmt.Sprintf("Cookie: aws-creds=cNrY%04dabc", n) },
	"a URL's password": func(n int) string { return fmt.Sprintf("https://user:cNrY%04d@h.amazonaws.com/", n) },
	"a query":          func(n int) string { return fmt.Sprintf("https://h.amazonaws.com/?owner=cNrY%04d&cNrY%04d", n, n) },
	"a fragment":       func(n int) string { return fmt.Sprintf("https://h.amazonaws.com/#owner=cNrY%04d", n) },
	"a parameter":      func(n int) string { return fmt.Sprintf("https://h.amazonaws.com/a;owner=cNrY%04d/b", n) },
	"JSON":             func(n int) string { return fmt.Sprintf(`{"sessionToken":"cNrY%04d"}`, n) },
	"an account":       func(n int) string { return fmt.Sprintf("42719004%04d", n) },
	"in a host":        func(n int) string { return fmt.Sprintf("https://42719004%04d.s3.amazonaws.com/42719004%04d/x", n, n) },
	"an ARN":           func(n int) string { return fmt.Sprintf("arn:aws:sts::42719004%04d:assumed-role/cNrY%04d/me", n, n) },
	"in a path": func(n int) string {
		return fmt.Sprintf("https://h.amazonaws.com/tags/arn%%3Aaws%%3Asns%%3Aeu-west-1%%3A42719004%04d%%3AcNrY%04d", n, n)
	},
	"an e-mail":     func(n int) string { return fmt.Sprintf("cNrY%04d@corp.example", n) },
	"a user's name": func(n int) string { return fmt.Sprintf("DOMAIN\\cNrY%04d is not authorized", n) },
	"a resource": func(n int) string {
		return fmt.Sprintf("https://vpce-0cafe0000%04d-a1b2c3d4.logs.us-east-1.vpce.amazonaws.com/", n)
	},
	"the machine": func(n int) string { return fmt.Sprintf("ether 02:ca:fe:11:%02x:%02x is up", n/256, n%256) },
	"its name":    func(int) string { name, _ := os.Hostname(); return "host " + name + " not found" },
	"its address": func(n int) string { return fmt.Sprintf("read tcp 10.213.7.%d:50000->10.0.1.23:443: reset", n%256) },
}

// marks are in no stand-in. The machine's name is one, too, unless it is too short to be told from other texts.
var marks = func() []string {
	all := []string{"cNrY", "42719004", "vpce-0cafe", "10.213.7.", "02:ca:fe", "10.9.8.6"}
	if name, err := os.Hostname(); err == nil && len(name) > 5 {
		all = append(all, "host "+name)
	}
	return all
}()

// words are the types whose values are of closed sets: what is read from a file is checked for that.
var words = map[reflect.Type]bool{
	reflect.TypeFor[flow.Source](): true, reflect.TypeFor[flow.State](): true, reflect.TypeFor[flow.Origin](): true,
	reflect.TypeFor[flow.Evidence](): true, reflect.TypeFor[flow.Exporter](): true, reflect.TypeFor[flow.Stage](): true,
	reflect.TypeFor[flow.FailureKind](): true, reflect.TypeFor[flow.LaterKind](): true, reflect.TypeFor[flow.Side](): true,
	reflect.TypeFor[flow.DNSOutcome](): true, reflect.TypeFor[flow.DNSSource](): true, reflect.TypeFor[flow.DialOutcome](): true,
	reflect.TypeFor[flow.InterfaceKind](): true, reflect.TypeFor[flow.TLSOutcome](): true, reflect.TypeFor[flow.Issuer](): true,
	reflect.TypeFor[flow.ClientCert](): true, reflect.TypeFor[flow.Trait](): true, reflect.TypeFor[flow.Part](): true,
	reflect.TypeFor[flow.Level](): true, reflect.TypeFor[flow.Confidence](): true, reflect.TypeFor[flow.Shortage](): true, reflect.TypeFor[flow.PreflightSource](): true,
}

// fleet is the profile that detour redacts with.
var fleet = sync.OnceValue(func() *intake.Strict { return intake.NewFleet(new(alias.Table)) })

// filled fills what p points at with canaries. Codes of findings are words, too.
func filled(p any, secret func(n int) string) {
	n := 0
	alltext.Fill(p, func(path string, of reflect.Type) string {
		if words[of] || strings.HasPrefix(path, "Findings") || path == "Code" {
			return ""
		}
		n++
		return secret(n)
	})
}

// TestLive_identifiesNobody: no byte that a collector gets has a canary, whichever text of a flow, a step or a
// finding has one. The redaction of the other kinds has tests of its own.
func TestLive_identifiesNobody(t *testing.T) {
	some := []string{"a presigned URL", "a query", "a bearer token", "an account", "a user's name", "its name", "an e-mail"}
	for _, kind := range fulltest.Or(some, slices.Collect(maps.Keys(canaries))) {
		secret := canaries[kind]
		t.Run(kind, func(t *testing.T) {
			b, store := newBackend(t), capture.New(capture.Options{})
			l := b.begin(t, Options{Choice: "all", Traces: true}, store, fleet())
			var step flow.Step
			filled(&step, secret)
			if kind != "a user's name" && kind != "its name" && kind != "a parameter" { // what somebody writes there is sent
				store.AddStep(step)
			}
			var f flow.Flow
			filled(&f, secret)
			f.ID, f.Rev, f.State = 1, 1, flow.StateDone
			f.Origin, f.Failure.Stage, f.AWS.Service = flow.OriginDirect, flow.StageDial, "monitoring" // one that fails
			store.Put(f)
			found := make([]flow.Finding, 1)
			filled(&found[0], secret)
			found[0].Code, found[0].Flows = "dns-failed", []flow.ID{f.ID}
			store.SetFindings(found)
			if stats := l.End(); stats.Lost() > 0 || len(b.logs) < 2 || len(b.spans) < 4 {
				t.Fatalf("%+v; %d records, %d spans", stats, len(b.logs), len(b.spans))
			}
			checkCanaries(t, string(b.bytes))
			f.Response = nil // or the summary alone would have it
			file := newBackend(t)
			o := Options{To: file.URL, Choice: "findings"}
			cfg, err := o.Config()
			if err != nil {
				t.Fatal(err)
			}
			c := &flow.Capture{Flows: []*flow.Flow{&f}, Findings: found, Steps: store.Steps()}
			if _, err := o.File(t.Context(), c, c.Reader(), fleet(), "v1", cfg); err != nil || len(file.logs) < 3 {
				t.Fatalf("%d records, %v", len(file.logs), err)
			}
			checkCanaries(t, string(file.bytes))
		})
	}
}

func checkCanaries(t *testing.T, got string) {
	t.Helper()
	for _, mark := range marks {
		if at := strings.Index(got, mark); at >= 0 {
			t.Errorf("%s is in …%q…", mark, got[max(0, at-120):min(len(got), at+60)])
		}
	}
}
