package intake

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"detour/internal/capture/disk"
	"detour/internal/interrupt"
	"detour/internal/unpack"
)

// capture reads a capture that is compressed, in an archive, or on stdin, with its log if the
// archive has that. SQLite reads files, so both are copied to temporary ones, which only their
// user can read.
func (t *texts) capture(file io.Reader, x unpack.Text) (err error) {
	if t.whole != nil {
		return errors.New("the archive has several captures, and one is read: unpack it, and compare them with detour diff")
	}
	dir, err := os.MkdirTemp("", "detour-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	defer interrupt.Undo(t.ctx, func() { _ = os.RemoveAll(dir) })()
	path := filepath.Join(dir, "capture"+disk.Ext)
	if err := write(path, file); err != nil {
		return err
	}
	if x.Beside != nil {
		const log = "-wal"
		if wal := x.Beside(log); wal != nil {
			err := write(path+log, wal)
			t.beside = append(t.beside, x.Name+log)
			_ = wal.Close()
			if err != nil {
				return err
			}
		}
	}
	f, err := disk.Open(path)
	switch {
	case errors.Is(err, disk.ErrNoLog):
		return &Error{x.Name, NoLog, bare(err)}
	case errors.Is(err, disk.ErrNotCapture):
		return foreign{"it is a database of SQLite, but not a capture of detour's", openSource}
	case err != nil:
		return &Error{x.Name, Damaged, bare(err)}
	}
	defer f.Close()
	f.Path = t.path
	t.whole, err = t.Reader.capture(t.ctx, f)
	return err
}

// write writes a new file.
func write(path string, from io.Reader) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("a temporary copy: %w", err)
	}
	_, err = io.Copy(f, from)
	return errors.Join(err, f.Close())
}
