package sharing

import (
	"net"
	"strings"
	"time"
)

// A Link is what a watcher needs. It is a secret, and shown once.
type Link struct {
	URL         string
	Addr        string    // host:port
	Fingerprint []byte    // SHA-256 of the certificate; nil: other machines can't reach the address
	Until       time.Time // when it ends; zero: with the run
	// Forward is the command that gives another computer the port; "": a general one.
	Forward string
}

// Text is what is shown of a link: a QR code, the link, and what whoever has it can do.
func (l Link) Text() string {
	return QR(l.URL) + "\n" + l.Words()
}

// Words is Text without the code.
func (l Link) Words() string {
	lines := []string{
		l.URL,
		"",
		"Whoever has this link can watch, and can change nothing. It is shown once.",
		"What is sent is redacted as by --privacy strict: secrets, account IDs, names",
		"in ARNs, e-mail and private addresses.",
	}
	if l.Fingerprint == nil {
		lines = append(lines, "It works on this machine. Elsewhere, forward the port first, then open the", "same link:", "  "+l.forward())
	} else {
		lines = append(lines, "Other machines on the network can reach it. No authority has signed the",
			"certificate: in the browser's warning, compare its SHA-256 fingerprint, then", "go on. detour attach compares it itself.")
		lines = append(lines, fingerprint(l.Fingerprint)...)
	}
	end := "It ends with detour, or with :share stop."
	if !l.Until.IsZero() {
		end = "It ends at " + l.Until.Format("15:04:05") + ", with detour, or with :share stop."
	}
	return strings.Join(append(lines, end), "\n") + "\n"
}

func (l Link) forward() string {
	if l.Forward != "" {
		return l.Forward
	}
	_, port, _ := net.SplitHostPort(l.Addr) // a listener's
	return "ssh -L " + port + ":" + l.Addr + " THIS_MACHINE"
}

// fingerprint writes bytes as browsers do, in two lines.
func fingerprint(b []byte) (lines []string) {
	const digits = "0123456789ABCDEF"
	for len(b) > 0 {
		n := min(16, len(b))
		var line strings.Builder
		for i, x := range b[:n] {
			if i > 0 {
				line.WriteByte(':')
			}
			line.WriteByte(digits[x>>4])
			line.WriteByte(digits[x&15])
		}
		lines, b = append(lines, "  "+line.String()), b[n:]
	}
	return lines
}
