package disk

import (
	"database/sql"
	"fmt"
)

// applicationID marks a SQLite file as a capture: "dtor" (sqlite.org/pragma.html,
// application_id).
const applicationID = 0x64746f72

// schema is version 1. What people query has columns; a complete flow or connection is its
// JSON record (docs/capture.md). Attempts, resolutions and handshakes are views of the
// connections' records, so nothing is stored twice. Not even a comment of it may change:
// check compares files with it.
const schema = `
CREATE TABLE meta (
	key   TEXT PRIMARY KEY,
	value TEXT NOT NULL -- JSON
) STRICT, WITHOUT ROWID;

CREATE TABLE flows (
	id          INTEGER PRIMARY KEY,
	rev         INTEGER NOT NULL,
	final       INTEGER NOT NULL,
	started     TEXT NOT NULL, -- RFC 3339, UTC
	origin      TEXT NOT NULL,
	service     TEXT NOT NULL DEFAULT '',
	operation   TEXT NOT NULL DEFAULT '',
	method      TEXT NOT NULL,
	host        TEXT NOT NULL,
	page        TEXT NOT NULL DEFAULT '',
	status      INTEGER,
	error_code  TEXT NOT NULL DEFAULT '', -- AWS's
	failure     TEXT NOT NULL DEFAULT '', -- the stage at which it failed
	dns         TEXT NOT NULL DEFAULT '',
	tcp         TEXT NOT NULL DEFAULT '',
	tls         TEXT NOT NULL DEFAULT '',
	address     TEXT NOT NULL DEFAULT '', -- that was connected to, or tried last
	scope       TEXT NOT NULL DEFAULT '',
	duration_ms REAL,
	sent        INTEGER NOT NULL DEFAULT 0,
	received    INTEGER NOT NULL DEFAULT 0,
	connection  INTEGER, -- connections.id
	marked      INTEGER NOT NULL DEFAULT 0,
	note        TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE INDEX telling ON flows(id) WHERE failure <> '' OR error_code <> '' OR status >= 400 OR marked OR note <> '';

CREATE TABLE records (
	flow   INTEGER PRIMARY KEY REFERENCES flows(id),
	record TEXT NOT NULL -- the flow record, version 1; of the connection no more than its id
) STRICT;

CREATE TABLE connections (
	id        INTEGER PRIMARY KEY,
	authority TEXT NOT NULL,
	record    TEXT NOT NULL -- the flow record's "connection"
) STRICT;

CREATE TABLE bodies (
	flow      INTEGER NOT NULL REFERENCES flows(id),
	side      TEXT NOT NULL CHECK (side IN ('request', 'response')),
	size      INTEGER NOT NULL, -- of what is kept, uncompressed
	truncated INTEGER NOT NULL,
	zstd      BLOB NOT NULL, -- without secrets and content coding
	PRIMARY KEY (flow, side)
) STRICT, WITHOUT ROWID;

CREATE TABLE findings (
	rank   INTEGER PRIMARY KEY, -- 1 is the one to act on
	code   TEXT NOT NULL,
	level  TEXT NOT NULL,
	title  TEXT NOT NULL,
	record TEXT NOT NULL -- as detour diagnose --json has it
) STRICT;

CREATE TABLE steps (
	at   TEXT NOT NULL,
	text TEXT NOT NULL
) STRICT;

CREATE VIEW attempts AS
SELECT c.id AS connection, c.authority, a.key AS n,
	a.value ->> 'address' AS address, a.value ->> 'outcome' AS outcome, a.value ->> 'at_ms' AS at_ms, a.value ->> 'ms' AS ms,
	a.value ->> 'local' AS local, a.value ->> 'interface' AS interface, a.value ->> 'syn_retransmits' AS syn_retransmits,
	a.value ->> 'message' AS message
FROM connections c, json_each(c.record, '$.attempts') a;

CREATE VIEW resolutions AS
SELECT id AS connection, record ->> '$.resolution.name' AS name, record ->> '$.resolution.outcome' AS outcome,
	record ->> '$.resolution.source' AS source, record ->> '$.resolution.nameserver' AS nameserver,
	record ->> '$.resolution.ms' AS ms, record ->> '$.resolution.ttl_s' AS ttl_s,
	(SELECT group_concat(value ->> 'ip', ' ') FROM json_each(record, '$.resolution.addresses')) AS addresses,
	(SELECT group_concat(value, ' ') FROM json_each(record, '$.resolution.cnames')) AS cnames
FROM connections WHERE record ->> '$.resolution.name' IS NOT NULL;

CREATE VIEW tls AS
SELECT id AS connection, record ->> '$.tls.server_name' AS server_name, record ->> '$.tls.outcome' AS outcome,
	record ->> '$.tls.version' AS version, record ->> '$.tls.alpn' AS alpn, record ->> '$.tls.ms' AS ms,
	record ->> '$.tls.issuer' AS issuer, record ->> '$.tls.chain[0].subject' AS subject, record ->> '$.tls.message' AS message
FROM connections WHERE record ->> '$.tls.outcome' IS NOT NULL;

CREATE VIEW notes AS SELECT id AS flow, note FROM flows WHERE note <> '';
CREATE VIEW marks AS SELECT id AS flow FROM flows WHERE marked;
`

// schemaLater is what version 2 adds.
const schemaLater = `
CREATE VIEW probes AS
SELECT f.id AS flow, f.host, l.value ->> 'kind' AS kind, l.value ->> 'time' AS time, l.value ->> 'address' AS address,
	l.value ->> 'outcome' AS outcome, l.value ->> 'ms' AS ms, l.value ->> 'message' AS message
FROM records r JOIN flows f ON f.id = r.flow, json_each(r.record, '$.later') l;
`

// schemaChecks is what version 3 adds.
const schemaChecks = `
CREATE TABLE checks (
	id      INTEGER PRIMARY KEY,
	kind    TEXT NOT NULL, -- once, watch
	began   TEXT NOT NULL,
	ended   TEXT NOT NULL, -- '' while it goes on
	outcome TEXT NOT NULL, -- works, fails, deadline, stopped; '' while it goes on
	since   TEXT NOT NULL, -- when every address began to answer; '' if one doesn't
	record  TEXT NOT NULL -- JSON: hosts, DNS answers, addresses, tries
) STRICT;
`

// schemaFollow is what version 4 adds, for those who read a file while it is written.
const schemaFollow = `
CREATE TABLE changes (
	n    INTEGER PRIMARY KEY,
	flow INTEGER NOT NULL -- flows.id; only the newest changes are here
) STRICT;

CREATE INDEX pending ON flows(id) WHERE NOT final;
`

// migrations lead from one version to the next, the first from an empty file to version 1.
func migrations() []string { return []string{schema, schemaLater, schemaChecks, schemaFollow} }

// migrate updates a file to the newest version.
func migrate(db *sql.DB, from int) error {
	for v, q := range migrations()[from:] {
		if _, err := db.Exec(fmt.Sprintf("BEGIN; %s; PRAGMA user_version = %d; COMMIT", q, from+v+1)); err != nil {
			return err
		}
	}
	return nil
}

// versionOf returns the version of a capture's schema. The error is ErrNotCapture if the
// file is none.
func versionOf(db *sql.DB) (v int, err error) {
	var id int
	if err := db.QueryRow("PRAGMA application_id").Scan(&id); err != nil {
		return 0, err
	}
	if id != applicationID {
		return 0, ErrNotCapture
	}
	if err := db.QueryRow("PRAGMA user_version").Scan(&v); err != nil {
		return 0, err
	}
	if v < 1 {
		return 0, ErrNotCapture
	}
	if newest := len(migrations()); v > newest {
		return 0, fmt.Errorf("written by a newer detour: its schema version is %d, this detour reads up to %d", v, newest)
	}
	return v, nil
}
