package web_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"regexp"
	"strings"
	"testing"

	"detour/ui/web"
)

// maxDocument is how long the page with its script and style is at most, in bytes of gzip.
const maxDocument = 40_000

func TestDocument_isSmall(t *testing.T) {
	body, _ := web.New(web.Options{}).Document()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(body)
	_ = z.Close()
	t.Logf("%d bytes, %d in gzip", len(body), b.Len())
	if b.Len() > maxDocument {
		t.Errorf("%d bytes in gzip, want at most %d", b.Len(), maxDocument)
	}
}

// TestDocument_policyAllowsItsOwnScriptAndStyleAlone.
func TestDocument_policyAllowsItsOwnScriptAndStyleAlone(t *testing.T) {
	body, csp := web.New(web.Options{}).Document()
	if !strings.HasPrefix(csp, "default-src 'none'; ") || strings.Contains(csp, "unsafe") || strings.Contains(csp, "*") {
		t.Errorf("the policy is %s", csp)
	}
	for _, want := range []string{"connect-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"} {
		if !strings.Contains(csp, want) {
			t.Errorf("the policy lacks %s: %s", want, csp)
		}
	}
	parts := regexp.MustCompile(`(?s)<(script|style)>(.*?)</(?:script|style)>`).FindAllSubmatch(body, -1)
	if len(parts) < 5 {
		t.Fatalf("%d scripts and styles", len(parts))
	}
	for _, p := range parts {
		sum := sha256.Sum256(p[2])
		if hash := "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !strings.Contains(csp, hash) {
			t.Errorf("the policy has no hash of the %s that begins with %.40q", p[1], p[2])
		}
	}
	const namespace = "xmlns='http://www.w3.org/2000/svg'" // of the icon
	body = bytes.ReplaceAll(body, []byte(namespace), nil)
	for _, bad := range []string{" style=", " onclick=", " onload=", "http://", "https://", "javascript:"} {
		if bytes.Contains(regexp.MustCompile(`(?s)<(script|style).*?</(script|style)>`).ReplaceAll(body, nil), []byte(bad)) {
			t.Errorf("the document has %q", bad)
		}
	}
}

// TestDocument_asksNobodyElse: no script or style names another server.
func TestDocument_asksNobodyElse(t *testing.T) {
	body, _ := web.New(web.Options{}).Document()
	for _, u := range regexp.MustCompile(`(?:https?:)?//[\w.-]+\.[a-z]+[^\s"']*`).FindAll(body, -1) {
		if s := string(u); s != "http://www.w3.org/2000/svg" { // a namespace
			t.Errorf("the document names %s", s)
		}
	}
}
