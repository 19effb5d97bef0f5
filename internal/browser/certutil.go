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

// certutilPatience bounds each call of certutil.
const certutilPatience = 20 * time.Second

// nickname is what our certificates go by in a profile that certutil wrote; the
// second and later ones have a number.
const nickname = "detour"

// trustByCertutil puts certificates into a profile's NSS database, which is made if
// absent, in place of those of the run before.
func trustByCertutil(ctx context.Context, certutil, dir string, roots []byte) error {
	db := "sql:" + dir
	if _, err := os.Stat(filepath.Join(dir, "cert9.db")); err != nil {
		if err := runCertutil(ctx, nil, certutil, "-N", "-d", db, "--empty-password"); err != nil {
			return err
		}
	}
	for i := 0; runCertutil(ctx, nil, certutil, "-D", "-d", db, "-n", nicknameOf(i)) == nil; i++ {
		continue // it fails at the first that isn't there
	}
	for i := 0; ; i++ { // certutil reads no more than one of a file
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
	if runtime.GOOS == "windows" { // its certutil is another program
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

func runCertutil(ctx context.Context, stdin []byte, program string, args ...string) error {
	ctx, cancel := context.WithTimeout(ctx, certutilPatience)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stdin = bytes.NewReader(stdin)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w: %s", program, args[0], err, strings.TrimSpace(string(out)))
	}
	return nil
}
