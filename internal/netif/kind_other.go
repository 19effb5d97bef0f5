//go:build !linux && !windows

package netif

import (
	"net"

	"detour/internal/flow"
)

// systemKind knows nothing but the name: macOS calls cards en0, en1 …, wireless ones too.
func systemKind(net.Interface) (kind flow.InterfaceKind, description string) { return "", "" }
