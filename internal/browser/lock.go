package browser

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// A Holder is the process that has a profile open, or had it open when it was killed.
type Holder struct {
	PID  int    // 0: not known, as on Windows
	Host string // another computer's name or address; "": it is this one
}

// HeldBy returns the process that has a profile open; nil if there is none. It reads the
// links that Chromium ("SingletonLock -> HOST-PID") and Firefox ("lock -> ADDRESS:+PID")
// make in the profile. They stay behind when the browser is killed; then the process no
// longer exists. Whether a process on another computer exists can't be known. On Windows
// they keep a file open in place of the link.
func HeldBy(profile string) *Holder {
	for _, lock := range []struct {
		name, between string
		here          func(host string) bool
	}{
		{"SingletonLock", "-", isHostname},
		{"lock", ":+", isOurs},
	} {
		to, err := os.Readlink(filepath.Join(profile, lock.name))
		at := strings.LastIndex(to, lock.between)
		if err != nil || at < 0 {
			continue
		}
		host := to[:at]
		pid, err := strconv.Atoi(to[at+len(lock.between):])
		switch {
		case err != nil || pid <= 0:
		case !lock.here(host):
			return &Holder{pid, host}
		case alive(pid):
			return &Holder{PID: pid}
		}
	}
	if heldAlone(profile) {
		return &Holder{}
	}
	return nil
}

func isHostname(s string) bool {
	own, err := os.Hostname()
	return err == nil && own == s
}

// isOurs reports whether an address is one of this computer's.
func isOurs(s string) bool {
	ip := net.ParseIP(s)
	if ip == nil || ip.IsLoopback() {
		return true
	}
	addrs, _ := net.InterfaceAddrs()
	for _, a := range addrs {
		if p, ok := a.(*net.IPNet); ok && p.IP.Equal(ip) {
			return true
		}
	}
	return false
}

// alive reports whether a process exists, whoever owns it.
func alive(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	err = p.Signal(syscall.Signal(0))
	return err == nil || errors.Is(err, os.ErrPermission)
}
