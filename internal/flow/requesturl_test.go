package flow

import "testing"

func TestRequest_hostAndTarget(t *testing.T) {
	for url, want := range map[string][2]string{
		"https://logs.ap-northeast-1.amazonaws.com/": {"logs.ap-northeast-1.amazonaws.com", "/"},
		"https://h.example":                          {"h.example", "/"},
		"https://h.example:8443/a/b?c=d#e":           {"h.example", "/a/b?c=d#e"},
		"https://h.example?x=https://other.example/": {"h.example", "?x=https://other.example/"},
		"https://user:word@h.example:1/":             {"h.example", "/"},
		"https://[2001:db8::1]:443/x":                {"2001:db8::1", "/x"},
		"https://[2001:db8::1]/":                     {"2001:db8::1", "/"},
		"update.example:443":                         {"update.example", "update.example:443"},
		"[2001:db8::1]:443":                          {"2001:db8::1", "[2001:db8::1]:443"},
		"2001:db8::1":                                {"2001:db8::1", "2001:db8::1"},
		"":                                           {"", ""},
		"https://[":                                  {"", "/"},
	} {
		r := Request{URL: url}
		if got := [2]string{r.Host(), r.Target()}; got != want {
			t.Errorf("%q: %q, want %q", url, got, want)
		}
	}
}

func TestRequest_portIsSaidWhereTheSchemeHasAnother(t *testing.T) {
	for url, want := range map[string]string{
		"https://h.example/": "", "https://h.example:443/": "", "http://h.example:80/": "", "ws://h.example:80": "", "h.example:443": "",
		"https://h.example:8443/a:1": "8443", "http://h.example:443/": "443", "h.example:80": "80", "https://u:p@h.example:80/": "80",
		"https://[2001:db8::1]:8443/": "8443", "https://[2001:db8::1]/": "", "[2001:db8::1]:443": "", "2001:db8::1": "", "": "",
	} {
		r := Request{URL: url}
		if got := r.Port(); got != want {
			t.Errorf("%q: port %q, want %q", url, got, want)
		}
	}
}
