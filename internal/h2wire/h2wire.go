// Package h2wire has what the two ends of an HTTP/2 connection have in common (RFC 9113): a
// [Writer] of frames, field blocks, flow-control windows, and buffers for bodies. See packages
// h2server and h2client.
package h2wire

// Sizes of the protocol, and limits that both ends set.
const (
	MaxFrame      = 16 << 10  // of a frame's payload, in bytes; every peer takes that many (RFC 9113, 4.2)
	MaxTable      = 4 << 10   // of HPACK, in bytes, either way
	MaxControl    = 64 << 10  // bytes of frames that the peer doesn't read, beside those of messages
	MaxSettings   = 100       // in a frame; RFC 9113 defines six
	InitialWindow = 1<<16 - 1 // RFC 9113, 6.9.2
	LargestWindow = 1<<31 - 1
)
