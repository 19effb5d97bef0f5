package peeruser

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/windows"
)

// A tcpTable looks up the process of a connection (GetExtendedTcpTable), and its user.
type tcpTable struct {
	get  *windows.LazyProc
	self *windows.SID
}

func newFinder() (finder, error) {
	get := windows.NewLazySystemDLL("iphlpapi.dll").NewProc("GetExtendedTcpTable")
	if err := get.Find(); err != nil {
		return nil, err
	}
	self, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return nil, err
	}
	return tcpTable{get, self.User.Sid}, nil
}

func (tcpTable) quick() bool { return false }

func (tcpTable) close() {}

const (
	ownerPIDConnections = 4        // TCP_TABLE_OWNER_PID_CONNECTIONS
	maxTable            = 64 << 20 // bytes
	maxTries            = 4        // the table may grow between two calls
)

// A row is the form of MIB_TCPROW_OWNER_PID or MIB_TCP6ROW_OWNER_PID: where its fields are.
type row struct {
	family, size                      uint32
	local, localPort                  int
	remote, remotePort, pid, addrSize int
}

var (
	row4 = row{family: windows.AF_INET, size: 24, local: 4, localPort: 8, remote: 12, remotePort: 16, pid: 20, addrSize: 4}
	row6 = row{family: windows.AF_INET6, size: 56, local: 0, localPort: 20, remote: 24, remotePort: 44, pid: 52, addrSize: 16}
)

// find implements finder. An IPv4 connection may be of a socket for IPv6.
func (t tcpTable) find(local, peer netip.AddrPort) (user, error) {
	for _, r := range []row{row4, row6} {
		if r.family == windows.AF_INET && !peer.Addr().Is4() {
			continue
		}
		table, err := t.read(r.family)
		if err != nil {
			return user{}, err
		}
		if pid, ok := r.find(table, local, peer); ok {
			return t.userOf(pid)
		}
	}
	return user{}, errUnknown
}

// read returns a table: the number of its rows, then the rows.
func (t tcpTable) read(family uint32) ([]byte, error) {
	size := uint32(64 << 10)
	for range maxTries {
		b := make([]byte, size)
		code, _, _ := t.get.Call(uintptr(unsafe.Pointer(&b[0])), uintptr(unsafe.Pointer(&size)), 0, uintptr(family), ownerPIDConnections, 0)
		switch err := windows.Errno(code); {
		case code == 0:
			return b, nil
		case !errors.Is(err, windows.ERROR_INSUFFICIENT_BUFFER) || size > maxTable:
			return nil, err
		}
	}
	return nil, windows.ERROR_INSUFFICIENT_BUFFER
}

// find returns the process of the row whose own end is peer and whose other end is local.
func (r row) find(table []byte, local, peer netip.AddrPort) (pid uint32, ok bool) {
	if len(table) < 4 {
		return 0, false
	}
	n, rows := binary.LittleEndian.Uint32(table), table[4:]
	for ; n > 0 && len(rows) >= int(r.size); n, rows = n-1, rows[r.size:] {
		if r.endpoint(rows, r.local, r.localPort) == peer && r.endpoint(rows, r.remote, r.remotePort) == local {
			return binary.LittleEndian.Uint32(rows[r.pid:]), true
		}
	}
	return 0, false
}

// endpoint reads an address and a port; both are in network byte order.
func (r row) endpoint(b []byte, addr, port int) netip.AddrPort {
	a, _ := netip.AddrFromSlice(b[addr : addr+r.addrSize])
	return netip.AddrPortFrom(a.Unmap(), binary.BigEndian.Uint16(b[port:]))
}

// userOf is a process's user. The system and its services pass. Of processes that this one
// may not look at, nothing is known.
func (t tcpTable) userOf(pid uint32) (user, error) {
	process, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, pid)
	if err != nil {
		return user{}, errUnknown
	}
	defer windows.CloseHandle(process) //nolint:errcheck // it was only read
	var token windows.Token
	if err := windows.OpenProcessToken(process, windows.TOKEN_QUERY, &token); err != nil {
		return user{}, errUnknown
	}
	defer token.Close()
	owner, err := token.GetTokenUser()
	if err != nil {
		return user{}, errUnknown
	}
	sid := owner.User.Sid
	return user{sid.String(), sid.Equals(t.self) || sid.IsWellKnown(windows.WinLocalSystemSid)}, nil
}

// nameOf is an account as a person knows it.
func nameOf(id string) string {
	sid, err := windows.StringToSid(id)
	if err != nil {
		return id
	}
	account, domain, _, err := sid.LookupAccount("")
	if err != nil {
		return id
	}
	return domain + `\` + account
}
