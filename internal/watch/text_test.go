package watch

import (
	"strings"
	"testing"
)

func TestNotification_cannotEndItself(t *testing.T) {
	got := Notification("a\x07b\x1b\\c;d\u009ce" + strings.Repeat("x", 1000))
	body := strings.TrimSuffix(strings.TrimPrefix(got, "\a\x1b]777;notify;detour;"), "\x1b\\")
	if strings.ContainsAny(body, "\a\x1b;\u009c") || len(body) > 1000 || len(got)-len(body) < 20 {
		t.Errorf("%q", got)
	}
}
