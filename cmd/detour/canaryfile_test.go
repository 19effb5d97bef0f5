package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"detour/internal/export"
)

// entries are a HAR's entries with a secret in every place in which an exporter may write
// one, also where the same secret is written twice.
func (n *nest) entries() (out []map[string]any) {
	const console, direct = "https://us-east-1.console.aws.amazon.com", "https://monitoring.us-east-1.amazonaws.com"
	egg := n.egg
	pair := func(name string, v any) map[string]any { return map[string]any{"name": name, "value": v} }
	add := func(method, address string, change func(request, response, entry map[string]any)) {
		request := map[string]any{"method": method, "url": address, "httpVersion": "HTTP/2.0", "headers": []any{pair("Origin", console)}, "bodySize": 9}
		response := map[string]any{"status": 403, "statusText": "", "httpVersion": "HTTP/2.0", "headers": []any{}, "bodySize": 9, "content": map[string]any{}}
		entry := map[string]any{
			"request": request, "response": response, "time": 5, "timings": map[string]any{"send": 0, "wait": 5, "receive": 0},
			"startedDateTime": fmt.Sprintf("2026-11-23T10:%02d:%02d.000Z", len(out)/60, len(out)%60),
		}
		change(request, response, entry)
		out = append(out, entry)
	}
	fields := func(to map[string]any, all ...any) { to["headers"] = append(to["headers"].([]any), all...) }
	content := func(kind, text string) map[string]any {
		return map[string]any{"mimeType": kind, "text": text, "size": len(text)}
	}
	const date = "; Expires=Wed, 21 Oct 2026 07:28:00 GMT; Path=/"
	for _, v := range []any{
		"a=" + egg() + date + "\nb=" + egg() + "; Secure\nc=" + egg(), "a=" + egg() + date + ", b=" + egg() + "; Secure,c=" + egg(),
		[]string{"a=" + egg() + date, "b=" + egg()},
		jsonOf([]string{"a=" + egg() + date, "b=" + egg()}), "a=" + egg() + "\r\n b=" + egg(),
		"a=1; Path=/?token=" + egg() + "; Odd=" + egg(),
	} {
		add("GET", console+"/x", func(q, p, _ map[string]any) {
			fields(p, pair("Set-Cookie", v))
			fields(q, pair("Cookie", strings.ReplaceAll("a="+egg()+"; b="+egg(), "; ", "\n")))
			p["cookies"], q["cookies"] = []any{pair("a", egg())}, []any{pair("b", egg())}
		})
	}
	for _, at := range []string{
		"https://portal.sso.us-east-1.amazonaws.com/session/" + egg() + "/roles", "https://portal.sso.us-east-1.amazonaws.com/saml/assertion/" + egg() + "%3D",
		console + "/token/" + egg(), console + "/x#/session/" + egg(), "https://user:" + egg() + "@monitoring.us-east-1.amazonaws.com/",
		console + "/graphql?query=" + url.QueryEscape(`mutation { a(b: "`+egg()+`") }`), console + "/x;token=" + egg() + "?x=1",
		console + "/x?next=" + url.QueryEscape(url.QueryEscape(url.QueryEscape("https://h/?token="+egg()))),
	} {
		add("GET", at, func(_, p, e map[string]any) {
			fields(p, pair("Location", at), pair("Link", "<"+at+">; rel=next"), pair("Refresh", "0; url="+at), pair("Content-Location", at))
			p["redirectURL"] = at
			e["_initiator"] = map[string]any{"type": "script", "url": at, "stack": map[string]any{"callFrames": []any{map[string]any{"url": at}}}}
			e["comment"] = "failed: " + at
		})
	}
	for _, doc := range []string{
		`mutation { login(user: "bob", password: "` + egg() + `") { id } }`, `{ a: put(name: "x", value: "` + egg() + `") { id } }`,
		`query Q($p: String = "` + egg() + `") { a(b: """` + egg() + `""", otp: 123456) }`,
	} {
		for kind, text := range map[string]string{
			"application/json": jsonOf(map[string]any{"query": doc, "variables": map[string]any{"token": egg()}}), "application/graphql": doc,
			"application/x-www-form-urlencoded": "query=" + url.QueryEscape(doc), "text/plain": jsonOf([]any{map[string]any{"query": doc}}),
		} {
			add("POST", console+"/graphql", func(q, p, _ map[string]any) {
				q["postData"], p["content"] = content(kind, text), content(kind, text)
			})
		}
	}
	add("POST", direct+"/", func(q, p, e map[string]any) {
		q["postData"] = map[string]any{"mimeType": "application/x-www-form-urlencoded", "params": []any{pair("Action", "GetMetricData"), pair("password", egg())}}
		fields(p, pair("x-amzn-requestid", "token="+egg()+" "+egg()), pair("x-amzn-errortype", "A B "+egg()), pair("Grpc-Message", "password%3D"+egg()))
		p["statusText"], p["_error"], e["_error"] = "token="+egg(), "net::ERR_FAILED token="+egg(), "token="+egg()
		p["content"] = content("application/json", `{"__type":"AccessDenied","message":"password=`+egg()+`"}`)
		e["_webSocketMessages"] = []any{map[string]any{"type": "send", "time": 1, "opcode": 1, "data": egg()}}
		e["_resourceType"], e["pageref"], e["connection"], e["_connectionId"] = egg(), egg(), egg(), egg()
		e["_securityDetails"], q["_fullHeaders"] = map[string]any{"issuer": egg()}, egg()
	})
	add("POST", direct+"/", func(q, _, _ map[string]any) {
		q["postData"] = content("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"token="+egg()+"\"\r\n"+
			"X-Odd: "+egg()+"\r\n\r\nhello\r\n--b\r\nContent-Disposition: form-data; name=\"token\"\r\nContent-Transfer-Encoding: base64\r\n\r\n"+
			base64.StdEncoding.EncodeToString([]byte(egg()))+"\r\n--b--\r\n")
	})
	add("OPTIONS", direct+"/", func(q, p, _ map[string]any) { // the names of the next are put into this
		fields(q, pair("Access-Control-Request-Method", "POST"))
		p["content"] = content("application/json", `{"__type":"AccessDeniedException","message":"AWS_SECRET_ACCESS_KEY=`+egg()+`"}`)
	})
	add("POST", direct+"/", func(q, _, _ map[string]any) {
		fields(q, pair("X-Amz-Target", "GraniteServiceVersion20100801.GetMetricData"))
	})
	return out
}

// TestExport_aFilesSecretsAreInNoFormat writes a HAR with secrets in every place in each
// format, reads what can be read in turn, and looks for the secrets, in both privacies.
func TestExport_aFilesSecretsAreInNoFormat(t *testing.T) {
	dir, n := t.TempDir(), &nest{}
	log := map[string]any{
		"version": "1.2 token=" + n.egg(), "creator": map[string]any{"name": "x " + n.egg(), "version": n.egg(), "comment": n.egg()},
		"browser": map[string]any{"name": n.egg(), "version": n.egg()}, "comment": n.egg(),
		"pages": []any{map[string]any{"id": n.egg(), "title": "https://h/?token=" + n.egg(), "comment": n.egg()}}, "entries": n.entries(),
	}
	b, err := json.Marshal(map[string]any{"log": log})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "a.har")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if len(n.hatched) < 80 {
		t.Fatalf("only %d canaries", len(n.hatched))
	}
	for _, privacy := range []string{"normal", "strict"} {
		t.Run(privacy, func(t *testing.T) {
			left := make(map[string]*bytes.Buffer)
			files := []string{file}
			for i := 0; i < len(files); i++ {
				for _, format := range export.Formats() {
					out := filepath.Join(dir, fmt.Sprintf("%s-%d.%s", privacy, i, format))
					var stdout, stderr bytes.Buffer
					if code := run([]string{"export", files[i], "--format", format, "--privacy", privacy, "-o", out}, &stdout, &stderr); code != exitDone {
						t.Fatalf("%s: %s", format, stderr.String())
					}
					b, err := os.ReadFile(out)
					if err != nil {
						t.Fatal(err)
					}
					left[filepath.Base(out)], left[filepath.Base(out)+" stderr"] = bytes.NewBuffer(b), &stderr
					if i == 0 && (format == "har" || format == "jsonl") {
						files = append(files, out)
					}
				}
			}
			var stdout, stderr bytes.Buffer
			_ = run([]string{"diagnose", file}, &stdout, &stderr)
			left["diagnose"], left["diagnose stderr"] = &stdout, &stderr
			n.look(t, left)
		})
	}
}
