package disk

import (
	"context"
	"database/sql/driver"
	"errors"
)

// A statement is a prepared statement and its arguments. They are those of the execution before
// until they are set: of most columns, a row has the value that the row before had, which then
// needs no new space. database/sql would copy them all for each row.
type statement struct {
	driver.Stmt
	args []driver.NamedValue
	n    int // of the arguments that were set
}

// errDriver says that the driver lacks what a statement needs.
var errDriver = errors.New("the driver can't execute a statement with its arguments")

func prepare(c driver.Conn, query string) (*statement, error) {
	s, err := c.Prepare(query)
	if err != nil {
		return nil, err
	}
	if _, ok := s.(driver.StmtExecContext); !ok {
		return nil, errors.Join(errDriver, s.Close())
	}
	return &statement{Stmt: s}, nil
}

// exec executes the statement with the arguments that were set, and returns how many rows it
// changed.
func (s *statement) exec() (rows int64, err error) {
	s.n = 0
	result, err := s.Stmt.(driver.StmtExecContext).ExecContext(context.Background(), s.args)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// next returns the next argument.
func (s *statement) next() *driver.Value {
	if s.n == len(s.args) {
		s.args = append(s.args, driver.NamedValue{Ordinal: s.n + 1})
	}
	s.n++
	return &s.args[s.n-1].Value
}

// set sets the next argument.
func set[T int64 | float64 | bool | string](s *statement, v T) {
	if at := s.next(); *at != driver.Value(v) {
		*at = v
	}
}

// setAll sets the next arguments.
func setAll[T int64 | string](s *statement, all ...T) {
	for _, v := range all {
		set(s, v)
	}
}

// null sets the next argument to NULL.
func (s *statement) null() { *s.next() = nil }

// bytes sets the next argument. The statement doesn't keep b.
func (s *statement) bytes(b []byte) { *s.next() = b }
