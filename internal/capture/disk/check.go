package disk

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// maxValue limits a row, a text and a blob of a file that is read. Recorder writes some
// KiB; untrusted JSON can take a multiple of its length in memory.
const maxValue = 4 << 20

// errSchema says that a file has a capture's application ID, but other tables.
var errSchema = errors.New("the tables aren't those of a capture")

// check protects against an untrusted file, and returns the version of its schema. After
// it, no table is a view that computes forever, and no trigger runs on an edit
// (sqlite.org/security.html).
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
	maps.DeleteFunc(got, func(o object, _ bool) bool { return o.recovered() })
	if err == nil && !maps.Equal(got, want) {
		err = errSchema
	}
	return version, err
}

// An object is a table, a view or an index of a database.
type object struct{ kind, name, sql string }

// createTable begins the SQL of a table that isn't virtual, as SQLite stores it.
const createTable = "CREATE TABLE "

// recovered reports whether the object is the table in which the shell's .recover puts rows
// that it can't assign (sqlite.org/cli.html, 9.2). Nothing reads it.
func (o object) recovered() bool {
	return o.kind == "table" && strings.HasPrefix(o.name, "lost_and_found") && strings.HasPrefix(o.sql, createTable)
}

// pristine returns the objects of a new file of a version.
func pristine(version int) (map[object]bool, error) {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return nil, err
	}
	defer func() { _ = db.Close() }() // nothing was written
	db.SetMaxOpenConns(1)             // each connection has its own database
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
