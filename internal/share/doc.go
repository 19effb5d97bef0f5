// Package share lets others watch a run: a [Feed] turns what a [Source] has into a stream of
// events for each [Watcher]. It has no listener, and nothing that a watcher does changes the run.
//
// Everything that leaves a Feed was redacted strictly, with the stand-ins and names that the run's
// strict exports have. The proxy never waits for a watcher: work is bounded in time, and a watcher
// that is too slow loses events and is told how many.
package share
