package browser

import (
	"bytes"
	"context"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// certutilTimeout limits each call of certutil.
const certutilTimeout = 20 * time.Second

// nickname is the name of our certificates in a profile that certutil wrote; the second
// and later ones have a number.
const nickname = "detour"

// trustByCertutil puts certificates into an NSS database, which it creates if there is none, in place of those of earlier runs.
func trustByCertutil(ctx context.Context, certutil, dir string, roots []byte) error {
	db := "sql:" + dir
	if _, err := os.Stat(filepath.Join(dir, "cert9.db")); err != nil {
		if err := runCertutil(ctx, nil, certutil, "-N", "-d", db, "--empty-password"); err != nil {
			return err
		}
	}
	for i := 0; runCertutil(ctx, nil, certutil, "-D", "-d", db, "-n", nicknameOf(i)) == nil; i++ {
		continue // it fails at the first that doesn't exist
	}
	for i := 0; ; i++ { // certutil reads one certificate per file
		var block *pem.Block
		if block, roots = pem.Decode(roots); block == nil {
			return nil
		}
		if err := runCertutil(ctx, pem.EncodeToMemory(block), certutil, "-A", "-d", db, "-n", nicknameOf(i), "-t", "C,,", "-a"); err != nil {
			return err
		}
	}
}

func nicknameOf(i int) string {
	if i == 0 {
		return nickname
	}
	return nickname + "-" + strconv.Itoa(i+1)
}

// findCertutil returns the path of NSS's certutil; "" if it isn't installed.
func findCertutil() string {
	if runtime.GOOS == "windows" { // Windows has another program of this name
		return ""
	}
	path, err := exec.LookPath("certutil")
	if err != nil {
		path, err = exec.LookPath("/opt/homebrew/opt/nss/bin/certutil")
	}
	if err != nil {
		return ""
	}
	return path
}

// runCertutil runs certutil. It gives no password, so that certutil fails if a database
// has one, and doesn't ask for it on the user's terminal.
func runCertutil(ctx context.Context, stdin []byte, program string, args ...string) error {
	ctx, cancel := context.WithTimeout(ctx, certutilTimeout)
	defer cancel()
	if args[0] != "-N" {
		args = append(args, "-f", os.DevNull)
	}
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stdin = bytes.NewReader(stdin)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w: %s", program, args[0], err, strings.TrimSpace(string(out)))
	}
	return nil
}
