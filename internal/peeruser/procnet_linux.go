package peeruser

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"sync"
)

// A procNet reads the lists of all sockets, as /proc/net/tcp (proc_net(5)).
type procNet struct{ dir string }

// maxList limits what is read of a list: a line has 150 bytes, so this is more than
// 400,000 sockets.
const maxList = 64 << 20

// oneList lets one look-up at a time read a list, which may take a tenth of a second.
var oneList sync.Mutex

func (procNet) quick() bool { return false }

func (procNet) close() {}

// find implements finder. An IPv4 connection may be of a socket for IPv6.
func (p procNet) find(local, peer netip.AddrPort) (user, error) {
	oneList.Lock()
	defer oneList.Unlock()
	for _, list := range []struct {
		name  string
		bytes func(netip.Addr) []byte
	}{
		{"tcp", netip.Addr.AsSlice},
		{"tcp6", func(a netip.Addr) []byte { b := a.As16(); return b[:] }},
	} {
		if list.name == "tcp" && !peer.Addr().Is4() {
			continue
		}
		key := fmt.Sprintf(" %s:%04X %s:%04X ", inWords(list.bytes(peer.Addr())), peer.Port(), inWords(list.bytes(local.Addr())), local.Port())
		u, err := findIn(filepath.Join(p.dir, list.name), key)
		if !errors.Is(err, errUnknown) && !errors.Is(err, fs.ErrNotExist) {
			return u, err
		}
	}
	return user{}, errUnknown
}

// inWords is an address as the kernel writes it: in words of 32 bits, of the machine's
// byte order.
func inWords(addr []byte) (out string) {
	for ; len(addr) >= 4; addr = addr[4:] {
		out += fmt.Sprintf("%08X", binary.NativeEndian.Uint32(addr))
	}
	return out
}

// findIn reads the user of the line that has these endpoints.
func findIn(file, endpoints string) (user, error) {
	f, err := os.Open(file)
	if err != nil {
		return user{}, err
	}
	defer f.Close()
	lines := bufio.NewScanner(io.LimitReader(f, maxList))
	for lines.Scan() {
		if bytes.Contains(lines.Bytes(), []byte(endpoints)) {
			return inLine(lines.Text())
		}
	}
	if err := lines.Err(); err != nil {
		return user{}, err
	}
	return user{}, errUnknown
}

// inLine reads the user and the inode of a line.
func inLine(line string) (user, error) {
	const uidField, inodeField = 7, 9
	fields := bytes.Fields([]byte(line))
	if len(fields) <= inodeField {
		return user{}, errUnknown
	}
	uid, err := strconv.ParseUint(string(fields[uidField]), 10, 32)
	if err != nil {
		return user{}, err
	}
	inode, err := strconv.ParseUint(string(fields[inodeField]), 10, 32)
	if err != nil {
		return user{}, err
	}
	return userOf(uint32(uid), uint32(inode))
}
