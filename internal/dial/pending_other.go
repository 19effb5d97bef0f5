//go:build !unix

package dial

// Pending reports whether bytes, or the end of the connection, wait to be read. known is false
// if that can't be told without reading.
func (*Conn) Pending() (pending, known bool) { return false, false }
