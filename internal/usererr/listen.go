package usererr

import (
	"runtime"

	"detour/internal/errno"
)

// ListenHint says why a listener can't have a port; "" if err tells nothing of that. The caller
// says which port can be had.
func ListenHint(err error) string {
	switch {
	case errno.IsAddrInUse(err):
		return "another program uses that port"
	case errno.IsPortForbidden(err) && runtime.GOOS == "windows":
		return "Windows reserves that port, or another program uses it alone " +
			"(netsh interface ipv4 show excludedportrange protocol=tcp lists the reserved ones)"
	case errno.IsPortForbidden(err):
		return "this port needs administrator rights"
	}
	return ""
}
