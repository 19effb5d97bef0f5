package aws

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	_ "embed" // for a table of 17,000 prefixes
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// rangesTable is data/models/ip_ranges.tsv.gz: prefix, Region, service.
//
//go:embed data/models/ip_ranges.tsv.gz
var rangesTable []byte

// A Range is what AWS publishes about a public address (ip-ranges.json).
type Range struct {
	Prefix  netip.Prefix
	Region  string // "us-east-1", "GLOBAL"
	Service string // "S3", "EC2"; "AMAZON" if AWS names no service
}

// String returns "S3 ap-northeast-2", or "AMAZON us-east-1" if there is no service.
func (r Range) String() string { return r.Service + " " + r.Region }

// Ranges are AWS's public addresses. They are immutable after LoadRanges and may be used
// concurrently. They don't cover private addresses, and name few of the services behind
// API endpoints.
type Ranges struct {
	owners []Range // each pair of Region and service once, without a prefix
	v4, v6 []block // longest prefixes first
}

// A block has the prefixes of one length, by their first address.
type block struct {
	bits   int
	starts []netip.Addr
	owners []uint16
}

// LoadRanges reads the embedded table of August 2026. It takes about 10 ms and 0.5 MB, so
// it is separate from Load.
func LoadRanges() (*Ranges, error) {
	z, err := gzip.NewReader(bytes.NewReader(rangesTable))
	if err != nil {
		return nil, fmt.Errorf("ip_ranges.tsv.gz: %w", err)
	}
	lines := bufio.NewScanner(z)
	lines.Scan() // the head
	r := &Ranges{}
	known := make(map[string]uint16) // owners by their columns in the table
	var all []owned
	for lines.Scan() {
		prefix, owner, _ := strings.Cut(lines.Text(), "\t")
		region, service, ok := strings.Cut(owner, "\t")
		p, err := netip.ParsePrefix(prefix)
		if err != nil || !ok {
			return nil, fmt.Errorf("ip_ranges.tsv.gz: %q", lines.Text())
		}
		n, seen := known[owner]
		if !seen {
			n = uint16(len(r.owners)) //nolint:gosec // Regions times services are a thousand at most
			known[owner] = n
			r.owners = append(r.owners, Range{Region: strings.Clone(region), Service: strings.Clone(service)})
		}
		all = append(all, owned{p, n})
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("ip_ranges.tsv.gz: %w", err)
	}
	r.index(all)
	return r, nil
}

// owned is a line of the table.
type owned struct {
	prefix netip.Prefix
	owner  uint16
}

// index keeps the most specific service of each prefix: most prefixes are also listed as
// AMAZON, and those of other services often as EC2.
func (r *Ranges) index(all []owned) {
	slices.SortFunc(all, func(a, b owned) int {
		return cmp.Or(
			cmp.Compare(b.prefix.Bits(), a.prefix.Bits()), a.prefix.Addr().Compare(b.prefix.Addr()),
			cmp.Compare(precision(r.owners[b.owner].Service), precision(r.owners[a.owner].Service)),
		)
	})
	var last netip.Prefix
	for _, o := range all {
		if o.prefix == last {
			continue
		}
		last = o.prefix
		blocks := &r.v4
		if o.prefix.Addr().Is6() {
			blocks = &r.v6
		}
		if n := len(*blocks); n == 0 || (*blocks)[n-1].bits != o.prefix.Bits() {
			*blocks = append(*blocks, block{bits: o.prefix.Bits()})
		}
		b := &(*blocks)[len(*blocks)-1]
		b.starts, b.owners = append(b.starts, o.prefix.Addr()), append(b.owners, o.owner)
	}
}

func precision(service string) int {
	switch service {
	case "AMAZON":
		return 0
	case "EC2":
		return 1
	}
	return 2
}

// Lookup returns the longest prefix of an address that names a service, or else the
// longest. ok is false if the address isn't AWS's.
func (r *Ranges) Lookup(a netip.Addr) (found Range, ok bool) {
	a = a.Unmap().WithZone("")
	blocks := r.v4
	if a.Is6() {
		blocks = r.v6
	}
	for i := range blocks {
		b := &blocks[i]
		p, err := a.Prefix(b.bits)
		if err != nil {
			return Range{}, false
		}
		at, known := slices.BinarySearchFunc(b.starts, p.Addr(), netip.Addr.Compare)
		if !known {
			continue
		}
		n := r.owners[b.owners[at]]
		n.Prefix = p
		switch {
		case n.Service != "AMAZON":
			return n, true
		case !ok:
			found, ok = n, true
		}
	}
	return found, ok
}
