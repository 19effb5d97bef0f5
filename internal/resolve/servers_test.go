package resolve

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

func TestServers_lookBehindTheStub(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	own := write("own", "nameserver 10.0.0.2\nnameserver fd00::53\n")
	plain := write("plain", "# nameserver 1.1.1.1\nsearch corp.example\n nameserver 192.0.2.1 \nnameserver not.an.address\noptions edns0\n")
	stub := write("stub", "nameserver 127.0.0.53\noptions edns0 trust-ad\n")
	for path, want := range map[string]string{
		plain:        "[192.0.2.1:53] []",
		stub:         "[127.0.0.53:53] [10.0.0.2:53 [fd00::53]:53]",
		dir + "/not": "[] []",
	} {
		asked, behind, err := serversIn(path, own)
		if got := fmt.Sprintln(asked, behind); got != want+"\n" || err != nil {
			t.Errorf("%s: %s (%v), want %s", filepath.Base(path), got, err, want)
		}
	}
	if asked, _, err := serversIn(dir, own); err == nil || asked != nil { // it isn't a file
		t.Errorf("what can't be read is %v, %v", asked, err)
	}
}
