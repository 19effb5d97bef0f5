package truststore

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
)

// A Machine is what the choice of the stores depends on.
type Machine struct {
	Home     string                            // the user's
	Top      string                            // what absolute paths of the system are below; "": the real ones
	UID      int                               // 0 is root; -1 on Windows
	Env      func(name string) string          // the environment
	LookPath func(name string) (string, error) // as exec.LookPath
}

// ThisMachine is the one we run on.
func ThisMachine() (Machine, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return Machine{}, err
	}
	return Machine{Home: home, UID: os.Geteuid(), Env: os.Getenv, LookPath: exec.LookPath}, nil
}

// Stores are those of the machine that detour knows and that are there, the
// system's first.
func (m Machine) Stores() []Store { return m.stores() }

// administrators are where programs of administrators are, which an ordinary
// user's PATH doesn't have on Debian.
var administrators = [...]string{"/usr/sbin", "/usr/local/sbin", "/sbin"}

// program finds an executable in PATH, or where administrators have theirs.
func (m Machine) program(name string) (string, bool) {
	if path, err := m.LookPath(name); err == nil {
		return path, true
	}
	for _, dir := range administrators {
		if path, err := m.LookPath(filepath.Join(dir, name)); err == nil {
			return path, true
		}
	}
	return "", false
}

// asRoot is a command that only root may run.
func (m Machine) asRoot(args ...string) ([]string, error) {
	if m.UID == 0 {
		return args, nil
	}
	sudo, ok := m.program("sudo")
	if !ok {
		return nil, &Error{
			Err:  errors.New("only root may change it, and there is no sudo"),
			Hint: "as root: " + Shell(args) + "; --store nss leaves the system's programs out",
		}
	}
	return append([]string{sudo}, args...), nil
}
