// Package spareprocessor gives Go's scheduler one processor more than the machine.
package spareprocessor

import "runtime"

// Add adds a processor for the whole process. The thread that writes a capture lets others go first
// (internal/capture/disk), and meanwhile keeps one of Go's processors, which requests would lack.
func Add() { runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + 1) }
