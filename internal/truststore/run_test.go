package truststore

import "testing"

func TestShell_whatIsPrintedCanBeTyped(t *testing.T) {
	got := posixLine([]string{"certutil", "-d", "sql:/home/a b", "-t", "C,,", "it's", "", "$HOME", "--x=y@1%2+"})
	if want := `certutil -d 'sql:/home/a b' -t C,, 'it'\''s' '' '$HOME' --x=y@1%2+`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	got = windowsLine([]string{`C:\Windows\System32\certutil.exe`, "-user", "-addstore", "Root", `C:\Users\A B\ca.pem`, ""})
	if want := `C:\Windows\System32\certutil.exe -user -addstore Root "C:\Users\A B\ca.pem" ""`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
