package proxyauth

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
)

func TestMethods_theStrongestThatCanBeAnswered(t *testing.T) {
	me, named := url.UserPassword("me", "s3cret"), url.User("me")
	for _, tc := range []struct {
		user    *url.Userinfo
		accepts string
		want    string
	}{
		{me, "Basic", "Basic"},
		{me, "basic NTLM", "NTLM"},
		{me, "Basic NTLM Negotiate", "Negotiate NTLM"},
		{me, "negotiate Basic", "Negotiate Basic"},
		{nil, "Basic NTLM Negotiate", "Negotiate"},
		{nil, "Basic NTLM", ""},
		{named, "Basic NTLM", "Basic"},
		{me, "Digest", ""},
		{me, "", ""},
	} {
		var got []string
		for _, m := range Methods("proxy.corp", tc.user, strings.Fields(tc.accepts)) {
			got = append(got, string(m.Scheme))
		}
		if strings.Join(got, " ") != tc.want {
			t.Errorf("%v, %s: %s, want %s", tc.user != nil, tc.accepts, got, tc.want)
		}
	}
}

func TestParse_theFieldsOfAProxy(t *testing.T) {
	schemes, challenges := Parse([]string{`Basic realm="a b"`, "NTLM", "Negotiate abc=", " "})
	if !reflect.DeepEqual(schemes, []string{"Basic", "NTLM", "Negotiate"}) ||
		!reflect.DeepEqual(challenges, map[string]string{"basic": `realm="a b"`, "ntlm": "", "negotiate": "abc="}) {
		t.Errorf("%q, %q", schemes, challenges)
	}
}

func TestExchange_namesWhatTicketsLack(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("SSPI has the tickets")
	}
	torn := filepath.Join(t.TempDir(), "torn")
	if err := os.WriteFile(torn, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for cache, want := range map[string]string{
		"/nonexistent/tickets": "no Kerberos tickets (kinit gets them)", "FILE:" + torn: "the ticket cache is malformed",
		"KCM:0": "can't read a ticket cache of the kind KCM: put one into a file (kinit -c FILE:",
	} {
		t.Setenv("KRB5CCNAME", cache)
		e := Methods("proxy.corp", nil, []string{"Negotiate"})[0].Begin()
		if _, err := e.Answer(""); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", cache, err)
		}
		e.Close()
	}
}

func FuzzExchange(f *testing.F) {
	f.Add("TlRMTVNTUAACAAAA")
	f.Add("")
	f.Fuzz(func(t *testing.T, challenge string) {
		e := Methods("proxy.corp", url.UserPassword("me", "s3cret"), []string{"NTLM"})[0].Begin()
		defer e.Close()
		for _, c := range []string{"", challenge, challenge, challenge, challenge} {
			if _, err := e.Answer(c); err != nil && strings.Contains(fmt.Sprint(err), "s3cret") {
				t.Error(err)
			}
		}
	})
}
