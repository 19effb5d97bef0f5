package truststore

import (
	"context"
	"os/exec"
)

// readRoots reads the two keychains with roots for all users (security(1)): Apple's, and
// the administrator's.
func readRoots(ctx context.Context) ([]byte, error) {
	return exec.CommandContext(ctx, "/usr/bin/security", "find-certificate", "-a", "-p",
		"/System/Library/Keychains/SystemRootCertificates.keychain", "/Library/Keychains/System.keychain").Output()
}
