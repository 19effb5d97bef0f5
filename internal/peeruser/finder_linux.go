package peeruser

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strconv"
	"sync"

	"golang.org/x/sys/unix"
)

// newFinder asks the kernel about one socket (sock_diag(7)), or reads its list of all where
// that isn't possible, as in some sandboxes.
func newFinder() (finder, error) {
	d, err := newDiag()
	if err != nil {
		return procNet{dir: "/proc/net"}, nil //nolint:nilerr // New tries it
	}
	if err := try(d); err != nil {
		d.close()
		return procNet{dir: "/proc/net"}, nil //nolint:nilerr // New tries it
	}
	return d, nil
}

// userOf is a socket's user. A socket that no process has any more has no inode, and its
// user shows as 0, which says nothing.
func userOf(uid, inode uint32) (user, error) {
	if inode == 0 {
		return user{}, errUnknown
	}
	return user{strconv.FormatUint(uint64(uid), 10), uid == 0 || int(uid) == os.Geteuid()}, nil
}

// A diag asks through a netlink socket. It belongs to the network namespace that it was
// made in, as a listener does.
type diag struct {
	mu  sync.Mutex
	fd  int // -1: closed
	seq uint32
}

// Constants of linux/sock_diag.h, linux/inet_diag.h and net/tcp_states.h.
const (
	sockDiagByFamily = 20
	requestSize      = unix.SizeofNlMsghdr + 56 // struct inet_diag_req_v2
	messageSize      = 72                       // struct inet_diag_msg
	tcpListen        = 10
	// answerSeconds limits the wait for an answer, which the kernel has before the request
	// returns.
	answerSeconds = 1
)

func newDiag() (*diag, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
	if err != nil {
		return nil, err
	}
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Sec: answerSeconds}); err != nil {
		_ = unix.Close(fd)
		return nil, err
	}
	return &diag{fd: fd}, nil
}

func (*diag) quick() bool { return true }

func (d *diag) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fd >= 0 {
		_ = unix.Close(d.fd)
		d.fd = -1
	}
}

// find implements finder.
func (d *diag) find(local, peer netip.AddrPort) (user, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fd < 0 {
		return user{}, os.ErrClosed
	}
	d.seq++
	if err := unix.Sendto(d.fd, request(d.seq, local, peer), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return user{}, err
	}
	var b [1 << 10]byte
	for {
		n, from, err := unix.Recvfrom(d.fd, b[:], 0)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return user{}, err
		}
		kernel, ok := from.(*unix.SockaddrNetlink)
		if !ok || kernel.Pid != 0 || n < unix.SizeofNlMsghdr || binary.NativeEndian.Uint32(b[8:]) != d.seq {
			continue // not the kernel's, or of a request that timed out
		}
		return answerOf(b[:n], local, peer)
	}
}

// request asks for the socket whose own end is peer and whose other end is local.
func request(seq uint32, local, peer netip.AddrPort) []byte {
	b := make([]byte, requestSize)
	binary.NativeEndian.PutUint32(b, requestSize)
	binary.NativeEndian.PutUint16(b[4:], sockDiagByFamily)
	binary.NativeEndian.PutUint16(b[6:], unix.NLM_F_REQUEST)
	binary.NativeEndian.PutUint32(b[8:], seq)
	r := b[unix.SizeofNlMsghdr:]
	r[0], r[1] = unix.AF_INET6, unix.IPPROTO_TCP
	if peer.Addr().Is4() {
		r[0] = unix.AF_INET
	}
	binary.NativeEndian.PutUint32(r[4:], ^uint32(0)) // every state
	id := r[8:]
	binary.BigEndian.PutUint16(id, peer.Port())
	binary.BigEndian.PutUint16(id[2:], local.Port())
	copy(id[4:20], peer.Addr().AsSlice())
	copy(id[20:36], local.Addr().AsSlice())
	for i := 40; i < 48; i++ {
		id[i] = 0xff // INET_DIAG_NOCOOKIE
	}
	return b
}

// answerOf reads the kernel's answer. For a connection that it doesn't have, it may answer
// with a socket that listens on the same port.
func answerOf(b []byte, local, peer netip.AddrPort) (user, error) {
	m := b[unix.SizeofNlMsghdr:]
	switch kind := binary.NativeEndian.Uint16(b[4:]); {
	case kind == unix.NLMSG_ERROR && len(m) >= 4:
		if errno := unix.Errno(-int32(binary.NativeEndian.Uint32(m))); errno != unix.ENOENT {
			return user{}, fmt.Errorf("sock_diag: %w", errno)
		}
		return user{}, errUnknown
	case kind != sockDiagByFamily || len(m) < messageSize:
		return user{}, errors.New("sock_diag: an answer of another form")
	case m[1] == tcpListen || binary.BigEndian.Uint16(m[4:]) != peer.Port() || binary.BigEndian.Uint16(m[6:]) != local.Port():
		return user{}, errUnknown
	}
	return userOf(binary.NativeEndian.Uint32(m[64:]), binary.NativeEndian.Uint32(m[68:]))
}
