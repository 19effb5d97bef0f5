package resolve

import (
	"os"
	"path/filepath"
	"testing"
)

func TestHostsLine_namesTheFirstLineThatHasTheName(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hosts")
	text := "# logs.example\n127.0.0.1 localhost\n\n10.0.0.1 a LOGS.example. b # c.example\n10.0.0.2 logs.example\nlogs.example 10.0.0.3\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"logs.example": path + ":4", "localhost": path + ":2", "c.example": "", "10.0.0.1": ""} {
		if got := hostsLine(path, name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if got := hostsLine(path+".none", "localhost"); got != "" {
		t.Errorf("without a file: %q", got)
	}
}

func TestHostsLines_givesTheLinesOfWantedNames(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hosts")
	text := "127.0.0.1 localhost\n# 10.0.0.1 logs.aws\n10.0.0.2\tx Logs.AWS. # it\n10.0.0.3 y\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	got := HostsLines(path, func(n string) bool { return n == "logs.aws" })
	if want := (HostsLine{path + ":3", "10.0.0.2", "logs.aws"}); len(got) != 1 || got[0] != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
