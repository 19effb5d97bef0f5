package disk

import (
	"os"
	"time"
)

// logName is the name of a capture's write-ahead log.
func logName(path string) string { return path + "-wal" }

// followEvery is how often a reader is expected to look whether a file has changed.
const followEvery = 250 * time.Millisecond

// Live reports whether a process writes the file: it was created by a run that goes on. The
// log of such a file is locked, and the system releases the lock however the process ends. A
// copy isn't live.
func (f *File) Live() bool { return isMarked(logName(f.Path)) }

// Live reports whether a process writes the capture at path, as [File.Live].
func Live(path string) bool { return isMarked(logName(path)) }

// unmark lets readers know that the file isn't written any more.
func (f *File) unmark() {
	if f.mark != nil {
		_ = f.mark.Close()
	}
}

// markLive locks a log until it is closed. It returns nil if that isn't possible: readers then
// take the file for one that isn't written.
func markLive(path string) *os.File {
	log, err := os.OpenFile(logName(path), os.O_RDWR, 0)
	if err != nil {
		return nil
	}
	if !lockLog(log) {
		_ = log.Close()
		return nil
	}
	return log
}
