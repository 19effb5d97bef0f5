//go:build !windows

package installed

import "detour/internal/browserpolicy"

// readRegistry: there is no registry.
func readRegistry(bool, string) (browserpolicy.Key, error) { return browserpolicy.Key{}, nil }
