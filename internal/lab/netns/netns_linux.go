package netns

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

var labs atomic.Int64 // of this process, for their names

// Prefix is how the names of a lab's namespaces begin. What a killed process left is removed.
func Prefix() string {
	sweep()
	return fmt.Sprintf("detour-%d-%d-", os.Getpid(), labs.Add(1))
}

// Available returns why namespaces can't be made here; nil if they can.
func Available() error { return available() }

// available tries it once: tests ask at the same time.
var available = sync.OnceValue(func() error {
	if os.Geteuid() != 0 {
		return errors.New("network namespaces need root")
	}
	for _, tool := range []string{"ip", "nft"} {
		if _, err := exec.LookPath(tool); err != nil {
			return fmt.Errorf("needs %s (Debian: iproute2, nftables)", tool)
		}
	}
	name := fmt.Sprintf("detour-%d-probe", os.Getpid())
	if err := IP("netns", "add", name); err != nil {
		return fmt.Errorf("network namespaces aren't permitted: %w", err)
	}
	return IP("netns", "del", name)
})

// In runs f on a thread in a network namespace. Sockets that f opens stay there.
// The thread isn't reused: it ends with its goroutine.
func In(ns string, f func() error) error {
	result := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		result <- func() error {
			h, err := os.Open(filepath.Join("/run/netns", ns))
			if err != nil {
				return err
			}
			defer h.Close()
			if err := unix.Setns(int(h.Fd()), unix.CLONE_NEWNET); err != nil {
				return os.NewSyscallError("setns", err)
			}
			return f()
		}()
	}()
	return <-result
}

// IP runs ip(8); its message is in the error.
func IP(args ...string) error {
	out, err := exec.Command("ip", args...).CombinedOutput() //nolint:noctx // it takes milliseconds
	if err != nil {
		return fmt.Errorf("ip %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(string(out)))
	}
	return nil
}
