package splitdns

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
)

// resolverFiles is the directory of resolver(5).
const resolverFiles = "/etc/resolver"

// Read returns the system's rules; none if there are none, or they can't be read.
func Read(ctx context.Context) Rules {
	printed, _ := exec.CommandContext(ctx, "/usr/sbin/scutil", "--dns").Output()
	out := scutilRules(string(printed))
	entries, _ := os.ReadDir(resolverFiles)
	for _, e := range entries {
		if text, err := os.ReadFile(filepath.Join(resolverFiles, e.Name())); err == nil {
			out = append(out, fileRule(e.Name(), string(text)))
		}
	}
	return out
}
