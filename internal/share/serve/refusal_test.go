package serve

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"detour/internal/share/link"
)

// data are the routes that have some.
var data = []string{"/events", "/events?as=rows", "/matches?q=", "/flow/17", "/complete?q=&at=0"}

func TestData_isForThoseWithTheLink(t *testing.T) {
	_, _, l := sharedOnLoopback(t)
	_, other := newSecret()
	good := session(t, l)
	for name, change := range map[string]func(*http.Request){
		"nothing":                 func(*http.Request) {},
		"an empty token":          func(r *http.Request) { r.Header.Set("Authorization", "Bearer ") },
		"a wrong token":           func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+other) },
		"the token's beginning":   func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+l.Token[:21]) },
		"the token and more":      func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+l.Token+"A") },
		"another scheme":          func(r *http.Request) { r.Header.Set("Authorization", "Basic "+l.Token) },
		"two tokens":              func(r *http.Request) { r.Header["Authorization"] = []string{"Bearer " + l.Token, "Bearer " + other} },
		"the token in the query":  func(r *http.Request) { r.URL.RawQuery += "&token=" + l.Token },
		"the token as the cookie": func(r *http.Request) { r.AddCookie(&http.Cookie{Name: good.Name, Value: l.Token}) },
		"the cookie as the token": func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+good.Value) },
		"the cookie's beginning":  func(r *http.Request) { r.AddCookie(&http.Cookie{Name: good.Name, Value: good.Value[:20]}) },
		"a cookie of that name":   func(r *http.Request) { r.AddCookie(&http.Cookie{Name: good.Name, Value: other}) },
		"the cookie's value elsewhere": func(r *http.Request) {
			r.AddCookie(&http.Cookie{Name: "detour-other", Value: good.Value})
		},
	} {
		for _, path := range append(data, "/session") {
			resp, text := send(t, request(t, l.Base()+path, func(r *http.Request) {
				browserOf(r.Header)
				change(r)
			}))
			if resp.StatusCode != http.StatusUnauthorized || !strings.Contains(text, "the link isn't valid") || len(resp.Cookies()) > 0 {
				t.Errorf("%s gets %s from %s: %s", name, resp.Status, path, text)
			}
		}
	}
}

func TestData_isSentToThePageAndToPrograms(t *testing.T) {
	_, _, l := sharedOnLoopback(t)
	cookie := session(t, l)
	for name, change := range map[string]func(*http.Request){
		"the page": func(r *http.Request) {
			browserOf(r.Header)
			r.AddCookie(cookie)
		},
		"a page that says its origin": func(r *http.Request) {
			browserOf(r.Header)
			r.AddCookie(cookie)
			r.Header.Set("Origin", l.Base())
		},
		"a page through ssh -L": func(r *http.Request) {
			browserOf(r.Header)
			r.AddCookie(cookie)
			r.Host = "localhost:9000"
			r.Header.Set("Origin", "http://localhost:9000")
		},
		"a page with cookies of other ports": func(r *http.Request) {
			browserOf(r.Header)
			r.AddCookie(&http.Cookie{Name: "detour-other", Value: "x"})
			r.AddCookie(&http.Cookie{Name: cookie.Name, Value: "set by another port"})
			r.AddCookie(cookie)
		},
		"a program": func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+l.Token) },
	} {
		resp, text := send(t, request(t, l.Base()+"/flow/17?as=rows", change))
		if resp.StatusCode != http.StatusOK || text != `{"id":17,"rows":true}` {
			t.Errorf("%s gets %s: %s", name, resp.Status, text)
		}
	}
	for path, want := range map[string]string{
		"/flow/17":                 `{"id":17,"rows":false}`,
		"/complete?q=tcp%3At&at=5": `{"q":"tcp:t","at":5}`,
	} {
		resp, text := send(t, request(t, l.Base()+path, func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+l.Token) }))
		if resp.StatusCode != http.StatusOK || text != want || resp.Header.Get("Content-Type") != "application/json; charset=utf-8" {
			t.Errorf("%s: %s %s", path, resp.Status, text)
		}
	}
	for path, want := range map[string]int{
		"/flow/18": 404, "/flow/": 404, "/flow/-1": 404, "/flow/17/": 404, "/nothing": 404, "//": 404, "/events/": 404, "/%2e%2e/": 404,
		"/complete?q=a&at=2": 404, "/complete?q=a&at=-1": 404, "/complete?q=a": 404,
		"/complete?at=0&q=" + strings.Repeat("a", maxExpression+1): 414,
		"/matches?q=" + strings.Repeat("a", maxExpression+1):       414,
	} {
		resp, text := send(t, request(t, l.Base()+path, func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+l.Token) }))
		if resp.StatusCode != want {
			t.Errorf("%.40s: %s %s", path, resp.Status, text)
		}
	}
}

func TestData_isRefusedToOtherPages(t *testing.T) {
	_, _, l := sharedOnLoopback(t)
	cookie := session(t, l)
	for name, c := range map[string]struct {
		header map[string]string
		why    string
	}{
		"a foreign origin":           {map[string]string{"Origin": "https://evil.example"}, "another site's page"},
		"an opaque origin":           {map[string]string{"Origin": "null"}, "another site's page"},
		"the origin of another port": {map[string]string{"Origin": "http://127.0.0.1:1"}, "another site's page"},
		"the origin with TLS":        {map[string]string{"Origin": "https://" + l.Addr}, "another site's page"},
		"an origin with a path":      {map[string]string{"Origin": "http://" + l.Addr + "/x"}, "another site's page"},
		"an empty origin":            {map[string]string{"Origin": ""}, "another site's page"},
		"a cross-site fetch":         {map[string]string{"Sec-Fetch-Site": "cross-site"}, "another site's page"},
		"another port of localhost":  {map[string]string{"Sec-Fetch-Site": "same-site"}, "another site's page"},
		"a typed address":            {map[string]string{"Sec-Fetch-Site": "none", "Sec-Fetch-Dest": "document"}, "the page's own script"},
		"an extension's fetch":       {map[string]string{"Sec-Fetch-Site": "none"}, "the page's own script"},
		"a browser that half says":   {map[string]string{"Sec-Fetch-Site": ""}, "the page's own script"},
		"a frame":                    {map[string]string{"Sec-Fetch-Dest": "iframe"}, "the page's own script"},
		"a script":                   {map[string]string{"Sec-Fetch-Dest": "script"}, "the page's own script"},
		"an image":                   {map[string]string{"Sec-Fetch-Dest": "image"}, "the page's own script"},
		"a browser that doesn't say": {map[string]string{"Sec-Fetch-Site": "", "Sec-Fetch-Dest": "", "Sec-Fetch-Mode": ""}, "the page's own script"},
	} {
		for _, path := range data {
			resp, text := send(t, request(t, l.Base()+path, func(r *http.Request) {
				browserOf(r.Header)
				r.AddCookie(cookie)
				set(r.Header, c.header)
			}))
			if resp.StatusCode != http.StatusForbidden || !strings.Contains(text, c.why) {
				t.Errorf("%s gets %s from %s: %s", name, resp.Status, path, text)
			}
		}
		if strings.Contains(name, "doesn't say") {
			continue // as a program
		}
		resp, text := send(t, request(t, l.Base()+"/session", func(r *http.Request) { // with the token, too
			browserOf(r.Header)
			r.Header.Set("Authorization", "Bearer "+l.Token)
			set(r.Header, c.header)
		}))
		if resp.StatusCode != http.StatusForbidden || len(resp.Cookies()) > 0 {
			t.Errorf("%s gets %s from /session: %s", name, resp.Status, text)
		}
	}
}

// set sets header fields, and removes those without a value but Origin.
func set(h http.Header, fields map[string]string) {
	for name, value := range fields {
		h.Set(name, value)
		if value == "" && name != "Origin" {
			h.Del(name)
		}
	}
}

// A cross-site navigation is a link that was followed from a chat.
func TestDocument_isSentToNavigationsFromAnywhereAndHasNoData(t *testing.T) {
	_, _, l := sharedOnLoopback(t)
	for _, site := range []string{"cross-site", "same-site", "same-origin", "none", ""} {
		resp, text := send(t, request(t, l.Base()+"/", func(r *http.Request) {
			if site != "" {
				set(r.Header, map[string]string{"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"})
			}
		}))
		if resp.StatusCode != http.StatusOK || text != testPage {
			t.Errorf("%q: %s %s", site, resp.Status, text)
		}
		if got := resp.Header.Get("Content-Security-Policy"); got != testPolicy {
			t.Errorf("the policy is %s", got)
		}
	}
	for _, dest := range []string{"iframe", "frame", "object", "embed", "script", "image", "empty", "worker"} {
		resp, text := send(t, request(t, l.Base()+"/", func(r *http.Request) {
			set(r.Header, map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": dest})
		}))
		if resp.StatusCode != http.StatusForbidden || !strings.Contains(text, "can't be embedded") {
			t.Errorf("%s: %s %s", dest, resp.Status, text)
		}
	}
	resp, _ := send(t, request(t, l.Base()+"/", func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") }))
	if resp.StatusCode != http.StatusForbidden {
		t.Errorf("a script of another site gets %s", resp.Status)
	}
}

func TestResponses_areProtected(t *testing.T) {
	_, _, l := sharedOnLoopback(t)
	want := map[string]string{
		"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
		"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
	}
	for _, path := range []string{"/", "/nothing", "/flow/17", "/session"} {
		for _, token := range []string{l.Token, "wrong"} {
			resp, _ := send(t, request(t, l.Base()+path, func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }))
			for name, value := range want {
				if got := resp.Header.Get(name); got != value {
					t.Errorf("%s has %s %q", path, name, got)
				}
			}
			policy := resp.Header.Get("Content-Security-Policy")
			if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") {
				t.Errorf("%s has the policy %q", path, policy)
			}
			for name := range resp.Header {
				if strings.HasPrefix(name, "Access-Control-") {
					t.Errorf("%s has %s", path, name)
				}
			}
		}
	}
}

func TestSession_isACookieForThisRunAlone(t *testing.T) {
	_, _, l := sharedOnLoopback(t)
	c := session(t, l)
	if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Domain != "" || c.MaxAge != 0 || !c.Expires.IsZero() || c.Secure {
		t.Errorf("the cookie is %s", c)
	}
	if strings.Contains(c.Value, l.Token) {
		t.Error("the cookie has the token")
	}
	other := New((&run{streams: map[*stream]struct{}{}}).config("run-2"))
	defer other.Close("over")
	ol, err := other.Share(Options{})
	if err != nil {
		t.Fatal(err)
	}
	if oc := session(t, ol); oc.Name == c.Name || oc.Value == c.Value || !strings.HasPrefix(oc.Name, "detour-") {
		t.Errorf("two runs have the cookies %s and %s", c, oc)
	}
	resp, _ := send(t, request(t, ol.Base()+"/flow/17", func(r *http.Request) {
		browserOf(r.Header)
		r.AddCookie(c) // a browser sends it: cookies ignore ports
	}))
	if resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("another run's cookie gets %s", resp.Status)
	}
}

func TestRequests_areRefusedWhateverTheyAskFor(t *testing.T) {
	_, _, l := sharedOnLoopback(t)
	end := "Authorization: Bearer " + l.Token + "\r\nConnection: close\r\n\r\n"
	head := func(line, host string) string { return line + " HTTP/1.1\r\nHost: " + host + "\r\n" + end }
	get := func(fields string) string {
		return "GET /flow/17 HTTP/1.1\r\nHost: " + l.Addr + "\r\n" + fields + "\r\n" + end
	}
	for text, want := range map[string]string{
		head("GET /flow/17", l.Addr): "200 OK",

		head("HEAD /flow/17", l.Addr):                    "405 Method Not Allowed",
		head("POST /flow/17", l.Addr):                    "405 Method Not Allowed",
		head("PUT /flow/17", l.Addr):                     "405 Method Not Allowed",
		head("DELETE /flow/17", l.Addr):                  "405 Method Not Allowed",
		head("PATCH /flow/17", l.Addr):                   "405 Method Not Allowed",
		head("OPTIONS /flow/17", l.Addr):                 "405 Method Not Allowed",
		head("OPTIONS *", l.Addr):                        "405 Method Not Allowed",
		head("TRACE /flow/17", l.Addr):                   "405 Method Not Allowed",
		head("CONNECT "+l.Addr, l.Addr):                  "405 Method Not Allowed",
		head("PROPFIND /", l.Addr):                       "405 Method Not Allowed",
		head("get /flow/17", l.Addr):                     "405 Method Not Allowed",
		get("Content-Length: 1"):                         "400 Bad Request",
		get("Transfer-Encoding: chunked"):                "400 Bad Request",
		head("GET /flow/17", "evil.example"):             "403 Forbidden", // DNS rebinding
		head("GET /", "evil.example"):                    "403 Forbidden",
		head("GET /", "127.0.0.1.evil.example:"+port(l)): "403 Forbidden",
		head("GET /", "localhost.evil.example:"+port(l)): "403 Forbidden",
		head("GET /", "0.0.0.0:"+port(l)):                "403 Forbidden",
		head("GET /", "10.1.2.3:"+port(l)):               "403 Forbidden",
		head("GET /", ""):                                "403 Forbidden",
		head("GET /flow/17", "localhost:9000"):           "200 OK", // ssh -L
		head("GET /flow/17", "LOCALHOST"):                "200 OK",
		head("GET /flow/17", "[::1]:9000"):               "200 OK",
		head("GET /flow/17", "127.0.0.1"):                "200 OK",

		head("GET http://"+l.Addr+"/flow/17", l.Addr):                  "403 Forbidden", // to a proxy
		head("GET http:/flow/17", l.Addr):                              "403 Forbidden",
		head("GET https://localhost/", "localhost"):                    "403 Forbidden",
		get("Via: 1.1 detour"):                                         "403 Forbidden",
		get("Forwarded: for=192.0.2.1"):                                "403 Forbidden",
		get("X-Forwarded-For: 192.0.2.1"):                              "403 Forbidden",
		get("x-real-ip: 192.0.2.1"):                                    "403 Forbidden",
		get("Proxy-Connection: keep-alive"):                            "403 Forbidden",
		get("Proxy-Authorization: Basic eDp5"):                         "403 Forbidden",
		get("X-Padding: " + strings.Repeat("x", maxHeaderBytes+8<<10)): "431 Request Header Fields Too Large",
	} {
		line, _, _ := strings.Cut(raw(t, l.Addr, text), "\r\n")
		if line != "HTTP/1.1 "+want {
			t.Errorf("%.90q gets %q, want %s", text, line, want)
		}
	}
	if resp, _ := send(t, request(t, l.Base()+"/", func(r *http.Request) { r.Method = http.MethodPost })); resp.Header.Get("Allow") != "GET" {
		t.Errorf("405 allows %q", resp.Header.Get("Allow"))
	}
}

func port(l link.Link) string {
	u := url.URL{Host: l.Addr}
	return u.Port()
}

func TestSecret_isComparedByItsHash(t *testing.T) {
	s, text := newSecret()
	other, _ := newSecret()
	if !s.is(text) || other.is(text) || s.is("") || s.is(text+"x") {
		t.Error("a secret isn't recognised")
	}
	if len(text) != 22 { // 128 bits in base64url
		t.Errorf("%q", text)
	}
}
