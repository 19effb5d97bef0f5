package disk

import (
	"context"
	"encoding/json"
	"errors"

	"detour/internal/flow"
)

// maxChecks limits the checks that are read: the latest.
const maxChecks = 64

// putCheck writes a check, or a newer state of it.
func putCheck(q querier, c *flow.Check) error {
	r := c.Record()
	b, err := json.Marshal(r)
	if err != nil {
		return err
	}
	since, ended := "", ""
	if t := c.Since(); !t.IsZero() {
		since = stamp(t)
	}
	if !c.Ended.IsZero() {
		ended = stamp(c.Ended)
	}
	_, err = q.Exec("INSERT OR REPLACE INTO checks VALUES (?, ?, ?, ?, ?, ?, ?)",
		c.ID, string(c.Kind), stamp(c.Began), ended, string(c.Outcome), since, string(b))
	return err
}

// PutCheck writes a check to a file that Edit opened: a new one if its ID is 0, which it returns.
func (f *File) PutCheck(c flow.Check) (id int, err error) {
	if c.ID == 0 {
		if err := f.db.QueryRow("SELECT coalesce(max(id), 0) + 1 FROM checks").Scan(&c.ID); err != nil {
			return 0, err
		}
	}
	return c.ID, putCheck(f.db, &c)
}

// checks reads the latest checks. A file of an older version has none.
func (f *File) checks(ctx context.Context, c *flow.Capture) error {
	var tables int
	if err := f.db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema WHERE name = 'checks'").Scan(&tables); err != nil || tables == 0 {
		return err
	}
	const latest = "SELECT record FROM (SELECT id, record FROM checks ORDER BY id DESC LIMIT ?) ORDER BY id"
	return f.texts(ctx, latest, func(text string) error {
		var r flow.RecordCheck
		if err := json.Unmarshal([]byte(text), &r); err != nil {
			return err
		}
		if !r.Valid() {
			return errors.New("it has words that detour doesn't write")
		}
		x := r.Check()
		c.Checks = append(c.Checks, &x)
		return nil
	}, maxChecks)
}
