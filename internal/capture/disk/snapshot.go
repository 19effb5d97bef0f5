package disk

import "context"

// Snapshot makes what follows read the file as it is now, even if a program writes to it meanwhile.
// It lasts until the file is closed (sqlite.org/isolation.html).
func (f *File) Snapshot(ctx context.Context) error {
	_, err := f.db.ExecContext(ctx, "BEGIN") // there is one connection, which stays open
	return err
}
