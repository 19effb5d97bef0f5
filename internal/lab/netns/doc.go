// Package netns makes network namespaces and runs code in them, for tests with real packets.
// It needs Linux and root.
package netns
