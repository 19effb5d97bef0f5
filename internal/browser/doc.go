// Package browser starts and supervises a run's browser. [Find] finds the program,
// [Start] starts it isolated: with its own profile, the run's proxy, and trust in the
// run's certificates only. A [Keeper] does both, starts the browser again, and hands pages
// over. The machine's other browsers, profiles and trust stores don't change.
package browser
