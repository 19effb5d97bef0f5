package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"runtime"
	"strconv"
	"strings"

	"detour/internal/browser"
	"detour/internal/session"
	"detour/internal/usererr"
	"detour/internal/wording"
	"detour/ui"
)

// browserFacts are what the table's head says of a browser that isn't open: its state,
// and why. None, if it is open.
func (o *runOptions) browserFacts(s browser.State) []ui.Fact {
	value := o.browserState(s)
	if value == "" {
		return nil
	}
	facts := []ui.Fact{{Name: "browser", Value: value}}
	if s.Reason != "" {
		facts = append(facts, ui.Fact{Name: "why", Value: wording.Clip(s.Reason, maxFact)})
	}
	return facts
}

// maxFact is how many characters of a reason the table's head has, which leaves out
// what is too long for it; the empty table has all of it.
const maxFact = 36

// browserState is the state with the key that opens the browser; "" if it is open.
func (o *runOptions) browserState(s browser.State) string {
	key := cmp.Or(o.keys.bound["browse"], "b")
	switch s.Status {
	case browser.Closed:
		return "closed; " + key + " opens it again"
	case browser.Ended:
		return "ended; " + key + " starts it again"
	case browser.NotStarted:
		return "not started; " + key + " tries again"
	case browser.Open:
	}
	return ""
}

// browserAdvice is what to do about a browser that can't be used; nil for others.
func (o *runOptions) browserAdvice(s browser.State, run manualSetup) (out []string) {
	if !s.Unusable {
		return nil
	}
	kept := o.profileDir() != ""
	var file *fs.PathError
	switch {
	case kept && s.Err == nil:
		out = append(out, "another browser may have the profile open and have shown the page: close it, or use another --profile")
	case errors.Is(s.Err, browser.ErrInUse):
		out = append(out, "stop that run, or use another --profile")
	case usererr.As(s.Err) != nil:
		out = append(out, usererr.As(s.Err).Hint)
	case kept && errors.As(s.Err, &file):
		out = append(out, "without --profile, detour uses a temporary one in "+os.TempDir())
	case runtime.GOOS == "linux" && os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "":
		out = append(out, "there is no display: neither DISPLAY nor WAYLAND_DISPLAY is set")
	}
	out = append(out, "--browser selects another browser; detour help browsers lists the installed ones")
	if o.log == "" {
		out = append(out, "--log FILE records the browser's output")
	}
	return append(out, run.steps()...)
}

// printBrowser prints a browser's state, unless it is open, and what to do about it.
func (o *runOptions) printBrowser(stderr io.Writer, s browser.State, run manualSetup) {
	if s.Status == browser.Open {
		return
	}
	fmt.Fprintln(stderr, "detour: "+s.String())
	for _, l := range o.browserAdvice(s, run) {
		fmt.Fprintln(stderr, "hint: "+l)
	}
}

// A manualSetup is what one's own browser needs to go through the proxy.
type manualSetup struct {
	proxy string // its URL
	root  string // the file of the certificate to trust; "": it is in memory
	spki  string
	ssh   string // the command that forwards the proxy's port; "": the terminal is local
}

func setupOf(s *session.Session) manualSetup {
	return manualSetup{proxy: s.URL(), root: s.Decrypt().Path(), spki: s.Decrypt().SPKI(), ssh: sshForward(os.Getenv, s.Addr())}
}

// steps are what to do, a line each.
func (m manualSetup) steps() []string {
	root := m.root
	if root == "" {
		root = m.proxy + "/ca.pem, which is valid for this run only"
	}
	var remote []string
	if m.ssh != "" {
		remote = []string{
			"this terminal is remote: on the computer with your browser, run " + m.ssh +
				" in another terminal, and use the proxy there as below; --browser none starts no browser here",
		}
	}
	return append(remote,
		"set "+m.proxy+" as the HTTP and HTTPS proxy, and trust "+root,
		"or open "+m.proxy+" in a browser: it has a PAC file, the certificate and the steps for your system",
		"Chrome or Edge: --proxy-server="+m.proxy+" --ignore-certificate-errors-spki-list="+m.spki+" --user-data-dir=NEW_DIRECTORY",
		"terminal: eval \"$(detour env)\"; for fish, PowerShell and cmd see detour env --help",
	)
}

// sshForward is the command that gives another computer the proxy's port, if this terminal is
// one over SSH without a display: SSH_CONNECTION has the client's address and port and the
// server's (ssh(1)). "" if it isn't.
func sshForward(getenv func(string) string, proxy string) string {
	at := strings.Fields(getenv("SSH_CONNECTION"))
	_, port, err := net.SplitHostPort(proxy)
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

// withoutBrowser is why no browser is started, and what to do instead. moved is the
// notice that the proxy's port isn't the usual one, or "".
func (o *runOptions) withoutBrowser(why error, moved string, run manualSetup) []string {
	no := fmt.Sprintf("no browser is started: %v", why)
	if o.profile != "" {
		no += "; --profile " + o.profile + " is not used"
	}
	lines := []string{no}
	if moved != "" {
		lines = append(lines, moved)
	}
	return append(lines, run.steps()...)
}
