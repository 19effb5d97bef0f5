//go:build unix

package dial

import "syscall"

// Pending reports whether bytes, or the end of the connection, wait to be read. known is false
// if that can't be told without reading.
func (c *Conn) Pending() (pending, known bool) {
	sc, ok := c.Conn.(syscall.Conn)
	if !ok {
		return false, false
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return false, false
	}
	err = raw.Control(func(fd uintptr) {
		var one [1]byte
		_, _, err := syscall.Recvfrom(int(fd), one[:], syscall.MSG_PEEK) // Go's sockets don't block
		pending = err != syscall.EAGAIN && err != syscall.EINTR
	})
	return pending, err == nil
}
