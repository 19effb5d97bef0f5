package flow

import (
	"time"

	"detour/internal/wording"
)

// A Capture is everything that is known of a run, or was read from a file: the input of
// reports and exports. It is immutable once it is passed on.
type Capture struct {
	File        string // that it was read from; "" while it is recorded
	Creator     string // the program that wrote it: "detour 1.0", "WebInspector 537.36"
	Environment *Environment
	Flows       []*Flow // by ID
	Findings    []Finding
	Steps       []Step   // by time
	Checks      []*Check // by ID: hosts that were tested again
	// Redacted counts redacted values by kind: "cookie", "signature".
	Redacted map[string]int
	// RawSecrets says that nothing was redacted, as the user chose.
	RawSecrets bool
	Strict     bool // identities were redacted, too
	// Account says what was read of the AWS account's configuration; nil without one.
	Account *AccountReport
	// Names has the names of stand-ins, for texts about a strict capture; nil if they have none.
	Names   Namer
	Omitted Omitted
	Unread  Unread // of File
	// Last is the latest instant that File knows, at which flows in progress had no end yet. It
	// is zero while the capture is recorded.
	Last time.Time
	// Selected counts the flows of File that the reader asked for: more than Flows has if there
	// was a maximum. It is 0 while the capture is recorded.
	Selected int
}

// A Namer puts names into a text in place of stand-ins.
type Namer interface{ Text(s string) string }

// Unread counts the flows of a file that couldn't be read. The zero value means that all were.
type Unread struct {
	Flows   int  `json:"flows"`
	AtLeast bool `json:"at_least,omitempty"` // there may be more, and nobody knows how many
}

// None reports whether everything was read.
func (u Unread) None() bool { return u == Unread{} }

// String returns the count as a phrase: "3 flows", "at least 1 flow", "an unknown number of
// flows".
func (u Unread) String() string {
	switch n := wording.Count(u.Flows, "flow"); {
	case !u.AtLeast:
		return n
	case u.Flows == 0:
		return "an unknown number of flows"
	default:
		return "at least " + n
	}
}

// Simulated reports whether the network, AWS and the browser were simulated, as in the demo.
func (c *Capture) Simulated() bool { return c.Environment != nil && c.Environment.Simulated }

// Missing reports whether flows couldn't be read, of File or of the file that it was made from.
func (c *Capture) Missing() bool { return c.Omitted.Unread > 0 || !c.Unread.None() }

// Omitted counts what didn't fit into a capture.
type Omitted struct {
	Flows  int `json:"flows"`            // evicted, or dropped while the disk was full
	Bodies int `json:"bodies"`           // beyond the limits of what is kept
	Unread int `json:"unread,omitempty"` // flows of a damaged file that it was made from, at least
}

// A Step says what the user did from an instant on: "open the alarms". Flows that started
// after it, and before the next step, belong to it.
type Step struct {
	At   time.Time `json:"at"`
	Text string    `json:"text"`
}

// An Environment describes the machine that a capture was recorded on, as far as it affects
// the route of requests. It has no secrets.
type Environment struct {
	Detour string `json:"detour"` // version
	// Simulated says that the network, AWS and the browser were simulated, as in the demo. The
	// rest then describes the simulated machine, and nothing the real one.
	Simulated   bool        `json:"simulated,omitempty"`
	OS          string      `json:"os"` // "linux", as GOOS has it
	Arch        string      `json:"arch"`
	System      string      `json:"system,omitempty"` // "Debian GNU/Linux 12 (bookworm)"
	Kernel      string      `json:"kernel,omitempty"` // "6.1.0-18-amd64"
	Began       time.Time   `json:"began"`
	Interfaces  []Interface `json:"interfaces"`
	Routes      []string    `json:"routes,omitempty"`      // as printed by the system, default routes first
	Nameservers []string    `json:"nameservers,omitempty"` // that the system asks, host:port
	Search      []string    `json:"search,omitempty"`
	// DNSTools are the programs for DNS queries that the machine has, by name: "dig", "nslookup",
	// "resolvectl". None if it wasn't searched.
	DNSTools []string          `json:"dns_tools,omitempty"`
	Proxies  map[string]string `json:"proxies,omitempty"` // HTTPS_PROXY and similar variables, without credentials
	// UnusedProxy is what the system's settings have, if the run read the environment alone.
	UnusedProxy *SystemProxy `json:"unused_proxy,omitempty"`
	Browser     string       `json:"browser,omitempty"`
	Flags       []string     `json:"flags,omitempty"` // that were set: "--connect-timeout=3s"
	// ClockOffset is how far the machine's clock is ahead of AWS's, in whole seconds; 0 if it
	// is right or not known.
	ClockOffset int `json:"clock_offset_s,omitempty"`
}

// A SystemProxy is what the settings of a system say of a proxy.
type SystemProxy struct {
	Source string `json:"source"` // whose settings: "Windows"
	Text   string `json:"text"`   // without credentials: "the proxy http://proxy:3128"
	Flag   string `json:"flag"`   // the value of --upstream-proxy that uses it: "system" or "wpad"
}

// String says what it is: "the proxy http://proxy:3128 (the system's settings: Windows)".
func (p SystemProxy) String() string { return p.Text + " (the system's settings: " + p.Source + ")" }

// An Interface is a network interface of the machine.
type Interface struct {
	Name      string        `json:"name"`
	Kind      InterfaceKind `json:"kind,omitempty"`
	Addresses []string      `json:"addresses"` // with their prefix: "10.0.0.5/24"
	MTU       int           `json:"mtu,omitempty"`
}
