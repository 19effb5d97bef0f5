package aws

import (
	"bufio"
	"bytes"
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

// A Range is what AWS publishes of a public address (ip-ranges.json).
type Range struct {
	Prefix  netip.Prefix
	Region  string // "us-east-1", "GLOBAL"
	Service string // "S3", "EC2"; "AMAZON" if AWS says no more
}

// Ranges are AWS's public addresses. They aren't written to after LoadRanges and
// may be used concurrently. They say nothing of private addresses, and name few
// of the services behind API endpoints.
type Ranges struct {
	byPrefix map[netip.Prefix]Range
	lengths4 []int // of the prefixes, longest first
	lengths6 []int
}

// LoadRanges reads the embedded table, of August 2026. It is apart from Load for
// who needs no addresses: it takes a few milliseconds, and a megabyte or two.
func LoadRanges() (*Ranges, error) {
	z, err := gzip.NewReader(bytes.NewReader(rangesTable))
	if err != nil {
		return nil, fmt.Errorf("ip_ranges.tsv.gz: %w", err)
	}
	r := &Ranges{byPrefix: make(map[netip.Prefix]Range, 17_000)}
	lines := bufio.NewScanner(z)
	lines.Scan() // the head
	names := map[string]string{}
	intern := func(s string) string {
		if names[s] == "" {
			names[s] = strings.Clone(s)
		}
		return names[s]
	}
	for lines.Scan() {
		prefix, rest, _ := strings.Cut(lines.Text(), "\t")
		region, service, ok := strings.Cut(rest, "\t")
		p, err := netip.ParsePrefix(prefix)
		if err != nil || !ok {
			return nil, fmt.Errorf("ip_ranges.tsv.gz: %q", lines.Text())
		}
		r.add(Range{p, intern(region), intern(service)})
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("ip_ranges.tsv.gz: %w", err)
	}
	return r, nil
}

// add keeps of one prefix's services the one that says most: most prefixes are
// listed as AMAZON too, and those of other services often as EC2.
func (r *Ranges) add(n Range) {
	if old, known := r.byPrefix[n.Prefix]; known && precision(old.Service) >= precision(n.Service) {
		return
	}
	r.byPrefix[n.Prefix] = n
	lengths := &r.lengths4
	if n.Prefix.Addr().Is6() {
		lengths = &r.lengths6
	}
	if i, known := slices.BinarySearchFunc(*lengths, n.Prefix.Bits(), func(a, b int) int { return b - a }); !known {
		*lengths = slices.Insert(*lengths, i, n.Prefix.Bits())
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

// Lookup finds what AWS publishes of an address: the longest prefix that names a
// service, else the longest. ok is false if it isn't one of AWS's.
func (r *Ranges) Lookup(a netip.Addr) (found Range, ok bool) {
	a = a.Unmap().WithZone("")
	lengths := r.lengths4
	if a.Is6() {
		lengths = r.lengths6
	}
	for _, bits := range lengths {
		p, err := a.Prefix(bits)
		if err != nil {
			return Range{}, false
		}
		n, known := r.byPrefix[p]
		switch {
		case !known:
		case n.Service != "AMAZON":
			return n, true
		case !ok:
			found, ok = n, true
		}
	}
	return found, ok
}
