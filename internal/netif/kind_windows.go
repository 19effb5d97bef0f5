package netif

import (
	"net"

	"golang.org/x/sys/windows"

	"detour/internal/flow"
)

// systemKind reads the type and the description of an interface, which name its maker. Its own
// name is what the user or the company calls it.
func systemKind(i net.Interface) (kind flow.InterfaceKind, description string) {
	row := windows.MibIfRow2{InterfaceIndex: uint32(i.Index)} //nolint:gosec // Windows' own, of 32 bits
	if err := windows.GetIfEntry2Ex(windows.MibIfEntryNormal, &row); err != nil {
		return "", ""
	}
	return ofType(row.Type), windows.UTF16ToString(row.Description[:])
}
