package redact

import (
	"encoding/base64"
	"encoding/json"
	"html"
	"net/url"
	"strings"
	"testing"
)

// wraps put a value into another syntax.
var wraps = map[string]func(string) string{
	"JSON":     func(s string) string { return marshal(map[string]any{"n": 1, "a": s}) },
	"array":    func(s string) string { return marshal([]any{s, nil, "x"}) },
	"form":     func(s string) string { return "x=1&b=" + url.QueryEscape(s) },
	"base64":   func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"percents": url.QueryEscape,
	"XML":      func(s string) string { return "<r><a b=\"c\">" + html.EscapeString(s) + "</a></r>" },
	"HTML":     func(s string) string { return `<div data-x="` + html.EscapeString(s) + `">y</div>` },
	"CDATA":    func(s string) string { return "<r><![CDATA[" + s + "]]></r>" },
}

func TestFlow_noSecretSurvivesInsideOtherValues(t *testing.T) {
	cores := map[string]string{
		"JSON": `{"password":"` + canary + `"}`, "a form": "z=1&password=" + canary, "XML": "<r><password>" + canary + "</password></r>",
		"a URL": "https://h/?x=1&X-Amz-Signature=" + canary,
	}
	n := 0
	var try func(in, path string, depth int)
	try = func(in, path string, depth int) {
		n++
		out := redactBody(the, in, "", nil)
		if leaks(out, 8) {
			t.Errorf("in %s: %.300s becomes %.300s", path, in, out)
		}
		if out == "" {
			t.Errorf("in %s: %s is lost", path, in)
		}
		if depth == 0 {
			return
		}
		for name, wrap := range wraps {
			if strings.HasPrefix(path, "CDATA") && name == "CDATA" {
				continue // they don't nest
			}
			try(wrap(in), name+" of "+path, depth-1)
		}
	}
	for name, core := range cores {
		try(core, name, 3)
	}
	deep := cores["JSON"]
	for range 9 {
		deep = wraps["JSON"](deep)
	}
	if out := redactBody(the, deep, "", nil); leaks(out, 12) {
		t.Errorf("nine deep: %s", out)
	}
	if n < 1000 {
		t.Errorf("only %d were tried", n)
	}
}

// leaks reports whether the canary can be got out of s by undoing what wraps do.
func leaks(s string, depth int) bool {
	if strings.Contains(s, canary) {
		return true
	}
	if depth == 0 || len(s) < len(canary) {
		return false
	}
	inner := []string{html.UnescapeString(s)}
	var v any
	if json.Unmarshal([]byte(s), &v) == nil {
		inner = append(inner, stringsOf(v)...)
	}
	if u, err := url.QueryUnescape(s); err == nil {
		inner = append(inner, u)
	}
	for _, cut := range []string{"&", "=", "<", ">", "\"", "[", "]"} {
		if strings.Contains(s, cut) {
			inner = append(inner, strings.Split(s, cut)...)
			break
		}
	}
	if b, err := base64.StdEncoding.DecodeString(s); err == nil {
		inner = append(inner, string(b))
	}
	for _, one := range inner {
		if one != s && leaks(one, depth-1) {
			return true
		}
	}
	return false
}

func stringsOf(v any) (all []string) {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		for _, one := range v {
			all = append(all, stringsOf(one)...)
		}
	case map[string]any:
		for _, one := range v {
			all = append(all, stringsOf(one)...)
		}
	}
	return all
}
