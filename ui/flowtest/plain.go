package flowtest

import (
	"strconv"

	"detour/internal/flow"
)

// Plain is a finished, answered call of that ID.
func Plain(id flow.ID) *flow.Flow {
	f := Call(id, At(int(id)), flow.OriginConsole, ConsoleHost, "ec2", "EC2", "Describe"+strconv.Itoa(int(id)))
	f.Conn, f.Reused = &flow.Conn{ID: 1}, true
	return Answered(f, 200, Millis(90))
}

// Plains are plain flows with these IDs, both included.
func Plains(from, to flow.ID) []*flow.Flow {
	var out []*flow.Flow
	for id := from; id <= to; id++ {
		out = append(out, Plain(id))
	}
	return out
}

// Conn builds a connection from a resolution and attempts.
func Conn(r *flow.Resolution, as ...flow.DialAttempt) *flow.Conn {
	return &flow.Conn{ID: 1, Start: Start, Resolution: r, Attempts: as}
}

// FailedLookup is a lookup without an address.
func FailedLookup(o flow.DNSOutcome) *flow.Resolution {
	return &flow.Resolution{Outcome: o, Source: flow.SourceDNS, Start: Start, Took: Millis(2)}
}

// ResolvedBy is a lookup whose addresses have that source.
func ResolvedBy(src flow.DNSSource, addrs ...string) *flow.Resolution {
	r := Lookup(Start, "x", addrs...)
	r.Source = src
	return r
}

// To is a call to a host at an address in that range of AWS's, as AWS publishes it; "": in none.
func To(host, addr, published string) *flow.Flow {
	f := Call(1, Start, flow.OriginDirect, host, "logs", "Logs", "X")
	f.Conn = Healthy(1, Start, host, addr)
	f.Conn.Resolution.Ranges = []string{published}
	return f
}
