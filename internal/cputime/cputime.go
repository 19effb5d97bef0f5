// Package cputime measures what a test bounds without the other programs of the machine: the time
// that its own process has on a processor. By the clock, what takes a second on a machine that is
// idle takes several on one that is busy.
package cputime

import "time"

// Of returns the time that this process was on a processor while do ran: all of its threads, in
// programs and in the system.
func Of(do func()) time.Duration {
	before := used()
	do()
	return used() - before
}
