//go:build !windows

package disk

// What files are like on this system.
const (
	private = 0o600 // the mode of one for its owner only
	oddName = "a?b#c%d 'e'.detour"
)
