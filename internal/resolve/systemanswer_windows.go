package resolve

import (
	"context"
	"errors"
	"net/netip"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// noHostsFile is DNS_QUERY_NO_HOSTS_FILE (windns.h): its lines have no records.
const noHostsFile = 0x40

// systemRecords asks Windows' resolver for a name's records. It follows the same policies (NRPT)
// as the lookup before, and usually finds the answer in the same cache. ok is false if ctx ended
// first: the call can't be called off, and ends on its own.
func systemRecords(ctx context.Context, name string, six bool) (a systemAnswer, ok bool) {
	answer := make(chan systemAnswer, 1)
	go func() { answer <- dnsQuery(name, six) }()
	select {
	case a = <-answer:
		return a, true
	case <-ctx.Done():
		return a, false
	}
}

func dnsQuery(name string, six bool) (a systemAnswer) {
	kind := uint16(windows.DNS_TYPE_A)
	if six {
		kind = windows.DNS_TYPE_AAAA
	}
	var first *windows.DNSRecord
	if err := windows.DnsQuery(name, kind, noHostsFile, nil, &first, nil); err != nil {
		var code syscall.Errno
		_ = errors.As(err, &code)
		a.code = uint32(code)
		return a
	}
	defer windows.DnsRecordListFree(first, freeRecordList)
	for r := first; r != nil; r = r.Next {
		if r.Dw&sectionMask != windows.DnsSectionAnswer {
			continue
		}
		switch r.Type {
		case windows.DNS_TYPE_CNAME:
			target := *(**uint16)(unsafe.Pointer(&r.Data[0]))
			a.aliases = append(a.aliases, systemAlias{windows.UTF16PtrToString(r.Name), windows.UTF16PtrToString(target)})
		case windows.DNS_TYPE_A:
			a.addrs = append(a.addrs, netip.AddrFrom4([4]byte(r.Data[:4])))
		case windows.DNS_TYPE_AAAA:
			a.addrs = append(a.addrs, netip.AddrFrom16([16]byte(r.Data[:16])))
		default:
			continue
		}
		if ttl := time.Duration(r.Ttl) * time.Second; a.ttl == 0 || ttl < a.ttl {
			a.ttl = ttl
		}
	}
	return a
}

// freeRecordList is DnsFreeRecordList (windns.h).
const freeRecordList = 1

// sectionMask selects the section of a message in a record's flags (windns.h).
const sectionMask = 3
