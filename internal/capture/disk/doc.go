// Package disk stores a capture in one SQLite file. [Record] writes the flows of a store
// to a file made by [Create]; [Open] and [File.Flows] read it, even while it is written.
// Any SQLite shell can read it too.
//
// The flows have been redacted before; the package doesn't redact. If the process is
// killed, only uncommitted data is lost: the next one to open the file replays SQLite's
// write-ahead log.
package disk
