package disk

import (
	"context"
	"database/sql"
	"errors"
	"maps"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// maxValue bounds a row, a text and a blob of a file that is read. What is written is
// some KiB; a stranger's JSON takes a multiple of its length in memory.
const maxValue = 4 << 20

// errSchema says that a file has our number, but not our tables.
var errSchema = errors.New("its tables aren't those that detour makes")

// check limits what a file that may be a stranger's can have SQLite do, and returns
// its version. No table of ours is a view that computes for ever then, and no trigger
// runs when it is edited (sqlite.org/security.html).
func (f *File) check() (version int, err error) {
	ctx := context.Background()
	c, err := f.db.Conn(ctx)
	if err != nil {
		return 0, err
	}
	_, err = sqlite.Limit(c, sqlite3.SQLITE_LIMIT_LENGTH, maxValue)
	if err := errors.Join(err, c.Close()); err != nil {
		return 0, err
	}
	if version, err = versionOf(f.db); err != nil {
		return 0, err
	}
	want, err := pristine(version)
	if err != nil {
		return 0, err
	}
	got, err := objects(f.db)
	if err == nil && !maps.Equal(got, want) {
		err = errSchema
	}
	return version, err
}

// An object is a table, a view or an index of a database.
type object struct{ kind, name, sql string }

// pristine are the objects of a new file of a version.
func pristine(version int) (map[object]bool, error) {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return nil, err
	}
	defer func() { _ = db.Close() }() // nothing was written
	db.SetMaxOpenConns(1)             // each has a memory of its own
	for _, q := range migrations()[:version] {
		if _, err := db.Exec(q); err != nil {
			return nil, err
		}
	}
	return objects(db)
}

func objects(db *sql.DB) (map[object]bool, error) {
	rows, err := db.Query("SELECT type, name, coalesce(sql, '') FROM sqlite_schema")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := make(map[object]bool)
	for rows.Next() {
		var o object
		if err := rows.Scan(&o.kind, &o.name, &o.sql); err != nil {
			return nil, err
		}
		all[o] = true
	}
	return all, rows.Err()
}
