package truststore

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
)

// A Machine is what the choice of stores depends on.
type Machine struct {
	Home     string                            // the user's
	Top      string                            // root of the system's absolute paths; "": the real one
	UID      int                               // 0 is root; -1 on Windows
	Env      func(name string) string          // the environment
	LookPath func(name string) (string, error) // as exec.LookPath
}

// ThisMachine returns the machine that the program runs on.
func ThisMachine() (Machine, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return Machine{}, err
	}
	return Machine{Home: home, UID: os.Geteuid(), Env: os.Getenv, LookPath: exec.LookPath}, nil
}

// Stores returns the machine's trust stores, the system's first.
func (m Machine) Stores() []Store { return m.stores() }

// administrators are directories of administrators' programs, which aren't in the PATH of
// ordinary users on Debian.
var administrators = [...]string{"/usr/sbin", "/usr/local/sbin", "/sbin"}

// program finds an executable in PATH, or among those of administrators.
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
			Err:  errors.New("only root can change it, and sudo isn't installed"),
			Hint: "as root: " + Shell(args) + "; or use --store nss, without the system's store",
		}
	}
	return append([]string{sudo}, args...), nil
}
