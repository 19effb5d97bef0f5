package probe

import "testing"

func TestAuthority_isThatOfAHostOrOfAPastedURL(t *testing.T) {
	for host, want := range map[string]string{
		"https://console.aws.amazon.com/ec2/home?region=x#y": "console.aws.amazon.com:443",
		"http://a.example/":       "a.example:80",
		"http://a.example:8080/x": "a.example:8080",
		"https://[fd00::1]/":      "[fd00::1]:443",
		"b.example:1":             "b.example:1",
	} {
		if got, ok := Authority(host); !ok || got != want {
			t.Errorf("%q: %q %v, want %q", host, got, ok, want)
		}
	}
	for _, host := range []string{"https://", "a.example/path", "user@a.example", "https://user@/x", "a.example:0", "a.example:99999", ""} {
		if got, ok := Authority(host); ok {
			t.Errorf("%q: %q", host, got)
		}
	}
}
