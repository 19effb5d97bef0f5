package flow

// A Shortage is a resource of this machine that had run out when something failed, so the
// failure says nothing about the network; "" if none had.
type Shortage string

// The shortages.
const (
	ShortDescriptors       Shortage = "descriptors"        // the process has as many files and sockets open as it may (EMFILE)
	ShortSystemDescriptors Shortage = "system-descriptors" // the same of the whole system (ENFILE)
	ShortMemory            Shortage = "memory"             // ENOMEM
	ShortBuffers           Shortage = "buffers"            // ENOBUFS: the system has no memory for sockets; WSAENOBUFS: or no port
	ShortPorts             Shortage = "ports"              // no local port is free for the destination
)

// Sentence says what has run out and what helps; "" if nothing has.
func (s Shortage) Sentence() string {
	switch s {
	case ShortDescriptors:
		return "detour has as many files and connections open as its limit allows: close some, or raise the limit (Linux, macOS: ulimit -n)"
	case ShortSystemDescriptors:
		return "this machine has as many files open as it can: close some programs, or raise its limit (Linux: fs.file-max)"
	case ShortMemory:
		return "this machine has no memory left: close some programs"
	case ShortBuffers:
		return "this machine has no memory left for connections (on Windows, or no local port): close some programs"
	case ShortPorts:
		return "this machine has no local port left for connections to that address: close some, or wait a minute"
	}
	return string(s)
}
