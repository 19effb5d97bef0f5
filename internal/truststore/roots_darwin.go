package truststore

import (
	"context"
	"os/exec"
)

// readRoots prints the two keychains with roots for everybody (security(1)): Apple's,
// and the one that an administrator adds to.
func readRoots(ctx context.Context) ([]byte, error) {
	return exec.CommandContext(ctx, "/usr/bin/security", "find-certificate", "-a", "-p",
		"/System/Library/Keychains/SystemRootCertificates.keychain", "/Library/Keychains/System.keychain").Output()
}
