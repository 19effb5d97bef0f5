// Package manualsetup says what one's own browser needs to go through a run's proxy, and how
// another computer gets a port of this one.
package manualsetup

import (
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// A Setup is what one's own browser needs to go through the proxy.
type Setup struct {
	Proxy string // its URL
	Root  string // the file of the certificate to trust; "": it is in memory
	SPKI  string // of the certificate's public key, as Chromium's flag takes it
	SSH   string // the command that forwards the proxy's port; "": the terminal is local
}

// Steps are what to do, a line each.
func (m Setup) Steps() []string {
	root := m.Root
	if root == "" {
		root = m.Proxy + "/ca.pem, which is valid for this run only"
	}
	var remote []string
	if m.SSH != "" {
		remote = []string{
			"this terminal is remote: on the computer with your browser, run " + m.SSH +
				" in another terminal, and use the proxy there as below; --browser none starts no browser here",
		}
	}
	return append(remote,
		"set "+m.Proxy+" as the HTTP and HTTPS proxy, and trust "+root,
		"or open "+m.Proxy+" in a browser: it has a PAC file, the certificate and the steps for your system",
		"Chrome or Edge: --proxy-server="+m.Proxy+" --ignore-certificate-errors-spki-list="+m.SPKI+" --user-data-dir=NEW_DIRECTORY",
		"terminal: eval \"$(detour env)\"; for fish, PowerShell and cmd see detour env --help",
	)
}

// SSHForward is the command that gives another computer a port of loopback, if this terminal is
// one over SSH without a display: SSH_CONNECTION has the client's address and port and the
// server's (ssh(1)). "" if it isn't.
func SSHForward(getenv func(string) string, addr string) string {
	at := strings.Fields(getenv("SSH_CONNECTION"))
	_, port, err := net.SplitHostPort(addr)
	if len(at) != 4 || err != nil || getenv("DISPLAY") != "" || getenv("WAYLAND_DISPLAY") != "" {
		return ""
	}
	server, err := netip.ParseAddr(at[2])
	sshPort, perr := strconv.ParseUint(at[3], 10, 16)
	if err != nil || perr != nil {
		return ""
	}
	user := getenv("USER")
	if user == "" || strings.Trim(user, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") != "" || user[0] == '-' {
		user = "USER"
	}
	command := "ssh -L " + port + ":127.0.0.1:" + port
	if sshPort != 22 {
		command += " -p " + at[3]
	}
	return command + " " + user + "@" + server.String()
}
