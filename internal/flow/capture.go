package flow

import "time"

// A Capture is all that is known of a run, or of a file that somebody sent: what
// reports and exports are made of. It is not written to once it is handed on.
type Capture struct {
	File        string // where it was read from; "" while it is being made
	Creator     string // the program that wrote it: "detour 1.0", "WebInspector 537.36"
	Environment *Environment
	Flows       []*Flow // by ID
	Findings    []Finding
	Steps       []Step // by time
	// Redacted counts what was taken out, by kind: "cookie", "signature".
	Redacted map[string]int
	// RawSecrets says that nothing was taken out, as the user asked for.
	RawSecrets bool
	Strict     bool // what identifies somebody was taken out, too
	Omitted    Omitted
}

// Omitted counts what a capture left out for want of room.
type Omitted struct {
	Flows  int `json:"flows"`  // that were evicted, or came while the disk was full
	Bodies int `json:"bodies"` // that were larger than what is kept, or came when that was used up
}

// A Step is what the person was about to do from an instant on: "open the
// alarms". Flows that began after it, and before the next one, belong to it.
type Step struct {
	At   time.Time `json:"at"`
	Text string    `json:"text"`
}

// An Environment is the machine that a capture was made on, as far as it bears on
// the road that requests took. Values are free of secrets.
type Environment struct {
	Detour      string            `json:"detour"` // version
	OS          string            `json:"os"`     // "linux", as GOOS has it
	Arch        string            `json:"arch"`
	System      string            `json:"system,omitempty"` // "Debian GNU/Linux 12 (bookworm)"
	Kernel      string            `json:"kernel,omitempty"` // "6.1.0-18-amd64"
	Began       time.Time         `json:"began"`
	Interfaces  []Interface       `json:"interfaces"`
	Routes      []string          `json:"routes,omitempty"`      // as the system prints them, default routes first
	Nameservers []string          `json:"nameservers,omitempty"` // that the system asks, host:port
	Search      []string          `json:"search,omitempty"`
	Proxies     map[string]string `json:"proxies,omitempty"` // HTTPS_PROXY and its kin, without userinfo
	Browser     string            `json:"browser,omitempty"`
	Flags       []string          `json:"flags,omitempty"` // that were set: "--connect-timeout=3s"
	// ClockOffset is the clock of the machine less AWS's, whole seconds; 0 if it
	// isn't known or right.
	ClockOffset int `json:"clock_offset_s,omitempty"`
}

// An Interface is a network interface of the machine.
type Interface struct {
	Name      string        `json:"name"`
	Kind      InterfaceKind `json:"kind,omitempty"`
	Addresses []string      `json:"addresses"` // with their prefix: "10.0.0.5/24"
	MTU       int           `json:"mtu,omitempty"`
}
