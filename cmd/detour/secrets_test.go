package main

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"strings"
	"testing"

	"detour/ui"
)

// TestErrors_quoteNoSecret: what somebody typed is quoted without its password.
func TestErrors_quoteNoSecret(t *testing.T) {
	const secret = "hunter2hunter2"
	for _, args := range [][]string{
		{"probe", "https://u:" + secret + "@h/ x"},
		{"run", "--tries", "http://u:" + secret + "@proxy.example:3128"},
		{"run", "--connect-timeout", "password=" + secret},
		{"export", "x?X-Amz-Signature=" + secret},
		{"diagnose", "-", "--filter", "url:'https://h/?X-Amz-Signature=" + secret + "' and ("},
	} {
		var out, said bytes.Buffer
		if code := run(args, &out, &said); code == exitDone || strings.Contains(out.String()+said.String(), secret) {
			t.Errorf("%v: %d, %s%s", args, code, out.String(), said.String())
		}
	}
}

// TestSavedView_keepsNoSecret: a filter that was made of a URL may have one.
func TestSavedView_keepsNoSecret(t *testing.T) {
	var act ui.Actions
	(&screenOptions{}).options(&act)
	const secret = "hunter2hunter2"
	if err := act.Save.View(ui.SavedView{Name: "one", Filter: "url:X-Amz-Signature=" + secret}); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(string(savedViews()))
	if err != nil || strings.Contains(string(b), secret) || !strings.Contains(string(b), "redacted:") {
		t.Errorf("%v: kept is %q", err, b)
	}
}

// TestLog_hasNoSecret: neither in what is said nor in the errors that go with it.
func TestLog_hasNoSecret(t *testing.T) {
	var b bytes.Buffer
	const secret = "hunter2hunter2"
	log := slog.New(redactingHandler(&b))
	log.Error("can't get https://u:"+secret+"@h/", "error", errors.New(`Get "https://h/?X-Amz-Signature=`+secret+`": refused`), "line", "password="+secret, "n", 7)
	if got := b.String(); strings.Contains(got, secret) || strings.Count(got, "redacted:") != 3 || !strings.Contains(got, "level=ERROR") || !strings.Contains(got, "n=7") {
		t.Errorf("the log has %s", got)
	}
}
