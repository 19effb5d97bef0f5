package redact

import (
	"maps"
	"strings"
	"testing"

	"detour/internal/flow"
)

func TestPseudonym_equalWithinACaptureAndUnlinkableAcross(t *testing.T) {
	other := New(Options{Key: []byte("a key of another capture")})
	query, field := the.URL("https://h/?token="+canary), redactBody(the, `{"token":"`+canary+`"}`, "", nil)
	word := strings.TrimPrefix(query, "https://h/?token=")
	if !isPseudonym(word) || !strings.Contains(field, word) {
		t.Errorf("one token has the names %s and %s", query, field)
	}
	if other.URL("https://h/?token="+canary) == query {
		t.Error("another capture gives it the same")
	}
	if the.URL("https://h/?token=x"+canary) == query {
		t.Error("another token has the same")
	}
}

func TestPseudonym_withoutAKeyTellsNothing(t *testing.T) {
	r := New(Options{})
	if a, b := r.URL("/?otp=123456"), r.URL("/?otp=654321"); a != b {
		t.Errorf("%s and %s can be told apart", a, b)
	}
}

func TestPseudonym_onlyTheExactFormIsLeft(t *testing.T) {
	for in, left := range map[string]bool{
		"redacted:token:0123456789": true, "-": true, "redacted:token:0123456789a": false, "redacted:token:012345678": false,
		"redacted:token:012345678G": false, "redacted:TOKEN:0123456789": false, "redacted::0123456789": false,
		"redacted:token:0123456789 ": false, "redacted:averyverylongkind:0123456789": false, "xredacted:token:0123456789": false,
	} {
		p := newPass()
		if got := p.pseudonym("token", in); (got == in) != left {
			t.Errorf("%q becomes %q", in, got)
		}
	}
}

func TestKeepSecrets_leavesAllAndCountsNothing(t *testing.T) {
	r := New(Options{Key: []byte("k"), KeepSecrets: true})
	f := &flow.Flow{CredentialVend: true, Request: flow.Request{URL: "https://h/?token=x", Headers: []flow.Header{{Name: "Cookie", Value: "a=b"}}, Body: []byte("x")}}
	r.Flow(f)
	if f.Request.URL != "https://h/?token=x" || f.Request.Headers[0].Value != "a=b" || string(f.Request.Body) != "x" || r.Text("token=x") != "token=x" {
		t.Errorf("changed: %+v", f.Request)
	}
	if n := r.Counts(); len(n) != 0 {
		t.Errorf("counted %v", n)
	}
}

func TestCounts_aFlowInSeveralRevisionsCountsOnce(t *testing.T) {
	r := New(Options{Key: []byte("k")})
	revision := func(rev uint32, state flow.State, answered bool) *flow.Flow {
		f := &flow.Flow{
			ID: 7, Rev: rev, State: state,
			Request: flow.Request{URL: "https://h/?token=x", Headers: []flow.Header{{Name: "Cookie", Value: "a=b; c=d"}}, Body: []byte(`{"password":"x"}`)},
		}
		if answered {
			f.Response = &flow.Response{Headers: []flow.Header{{Name: "Set-Cookie", Value: "e=f"}}, Body: []byte("\x00")}
		}
		return f
	}
	r.Flow(revision(1, flow.StateWaiting, false))
	r.Flow(revision(2, flow.StateReceiving, true))
	done := revision(3, flow.StateDone, true)
	r.Flow(done)
	want := map[string]int{"token": 1, "cookie": 3, "password": 1, "body": 1}
	if got := r.Counts(); !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	r.Flow(done)
	if got := r.Counts(); !maps.Equal(got, want) {
		t.Errorf("redacting again counts: %v", got)
	}
}

func TestFlow_writesToNothingThatWasShared(t *testing.T) {
	asked, answered := []byte(`{"token":"a"}`), []byte(`{"token":"b"}`)
	response := &flow.Response{Body: answered, BodySize: 99, BodyTruncated: true}
	f := &flow.Flow{Request: flow.Request{Body: asked, BodySize: 77}, Response: response}
	the.Flow(f)
	if string(asked) != `{"token":"a"}` || string(answered) != `{"token":"b"}` || &response.Body[0] != &answered[0] {
		t.Error("a body that was given is changed")
	}
	if f.Request.BodySize != 77 || f.Response.BodySize != 99 || !f.Response.BodyTruncated {
		t.Error("a size is lost")
	}
	plain := []byte(`{"a":1}`)
	f = &flow.Flow{Request: flow.Request{Body: plain}}
	the.Flow(f)
	if &f.Request.Body[0] != &plain[0] {
		t.Error("a body without a secret is copied")
	}
}

func TestFlow_sensitiveMembersOfTheServiceGo(t *testing.T) {
	in := `{"FullName":"` + canary + `","City":{"x":"` + canary + `"}}`
	for _, a := range []*flow.AWS{{Service: "account"}, {Service: "x", Also: []string{"account"}}, {Service: "x", Batch: []string{"x:A", "account:B"}}} {
		if got := short(redactBody(the, in, "application/json", a)); got != `{"FullName":"<member>","City":{"x":"<member>"}}` {
			t.Errorf("%+v: %s", a, got)
		}
	}
	if got := redactBody(the, in, "application/json", &flow.AWS{Service: "ec2"}); got != in {
		t.Errorf("of another service: %s", got)
	}
	f := &flow.Flow{AWS: &flow.AWS{Service: "account"}, Request: flow.Request{URL: "https://h/?Member.1.FullName=" + canary + "&x=1"}}
	the.Flow(f)
	if got := short(f.Request.URL); got != "https://h/?Member.1.FullName=<member>&x=1" {
		t.Errorf("in a query: %s", got)
	}
}

func TestConn_isItselfIfNothingIsToBeDone(t *testing.T) {
	c := &flow.Conn{Authority: "vpce-0123456789abcdef0.x:443", Via: &flow.Via{Status: 200}}
	if the.Conn(c) != c || the.Conn(nil) != nil {
		t.Error("copied without need")
	}
	if got := strict.Conn(c); strings.Contains(got.Authority, "0123456789abcdef0") || !strings.Contains(c.Authority, "0123456789abcdef0") {
		t.Errorf("strictly: %+v of %+v", got, c)
	}
	refused := &flow.Conn{Via: &flow.Via{Err: "password=" + canary}}
	if got := the.Conn(refused); strings.Contains(got.Via.Err, canary) || !strings.Contains(refused.Via.Err, canary) {
		t.Errorf("of a refusal is kept %s", got.Via.Err)
	}
}

func TestTables_areRead(t *testing.T) {
	if len(the.names.parts) < 10 || len(the.names.last) < 20 || len(the.names.soft) < 5 || len(the.members) < 150 {
		t.Errorf("%d parts, %d names, %d services", len(the.names.parts), len(the.names.last), len(the.members))
	}
	if p := the.names.path["variables"]; p.holder != "environment" || p.kind == "" {
		t.Errorf("Lambda's variables: %+v", p)
	}
	for _, table := range []map[string]string{the.names.last, the.names.soft} {
		for name, kind := range table {
			if !isPseudonym(newPass().pseudonym(kind, "x")) || name == "" {
				t.Errorf("%q has the kind %q", name, kind)
			}
		}
	}
	for _, p := range the.names.parts {
		if !isPseudonym(newPass().pseudonym(p.kind, "x")) || p.word == "" {
			t.Errorf("%q has the kind %q", p.word, p.kind)
		}
	}
}
