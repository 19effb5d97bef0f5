package filter

import (
	"strconv"
	"time"

	"detour/internal/flow"
)

func amountKeys() []key {
	return []key{
		{
			name: "total", also: []string{"time", "took"}, doc: "the total duration, or the time so far", example: "2s",
			unit: unitTime, moves: true, number: total,
		},
		{
			name: "lookup", doc: "the duration of the DNS lookup", example: "100ms",
			unit: unitTime, number: phase(func(t flow.Timings) time.Duration { return t.DNS }),
		},
		{
			name: "connect", doc: "the duration of TCP and TLS connects", example: "1s",
			unit: unitTime, number: phase(func(t flow.Timings) time.Duration { return t.Connect }),
		},
		{
			name: "wait", doc: "the time until the first byte of the response", example: "500ms",
			unit: unitTime, number: phase(func(t flow.Timings) time.Duration { return t.Wait }),
		},
		{
			name: "measured", doc: "the duration that the page measured and reported in a beacon", example: "20s", unit: unitTime,
			number: count(func(f *flow.Flow) (int64, bool) {
				if f.AWS == nil || f.AWS.Measured == 0 {
					return 0, false
				}
				return int64(f.AWS.Measured), true
			}),
		},
		{
			name: "skew", doc: "how far this machine's clock is ahead of AWS's", example: "5m", unit: unitTime,
			number: count(func(f *flow.Flow) (int64, bool) {
				if f.AWS == nil {
					return 0, false
				}
				return int64(f.AWS.ClockSkew), true
			}),
		},
		{
			name: "size", doc: "the size of the response body, as transferred", example: "100kB", unit: unitBytes,
			number: count(func(f *flow.Flow) (int64, bool) {
				if f.Tunnel != nil {
					return f.Tunnel.Received, true
				}
				if f.Response == nil {
					return 0, false
				}
				return f.Response.BodySize, true
			}),
		},
		{
			name: "sent", doc: "the size of the request body, as transferred", example: "1MB", unit: unitBytes,
			number: count(func(f *flow.Flow) (int64, bool) {
				if f.Tunnel != nil {
					return f.Tunnel.Sent, true
				}
				return f.Request.BodySize, true
			}),
		},
		{
			name: "attempts", doc: "the number of connection attempts", example: "2",
			number: count(func(f *flow.Flow) (int64, bool) {
				if f.Conn == nil || f.Reused {
					return 0, false
				}
				return int64(len(f.Conn.Attempts)), true
			}),
		},
		{
			name: "syns", doc: "the highest number of SYNs that a connect sent, where the system reports it", example: "3",
			number: count(syns),
		},
	}
}

// A number is the getter of a number key.
type number = func(*flow.Flow, time.Time) (int64, bool)

// count returns a getter that doesn't depend on the time.
func count(get func(*flow.Flow) (int64, bool)) number {
	return func(f *flow.Flow, _ time.Time) (int64, bool) { return get(f) }
}

func phase(of func(flow.Timings) time.Duration) number {
	return count(func(f *flow.Flow) (int64, bool) {
		d := of(f.Timings())
		return int64(d), d != flow.NotApplicable
	})
}

func total(f *flow.Flow, now time.Time) (int64, bool) {
	if f.Times.Start.IsZero() || f.Final() && f.Times.Done.IsZero() {
		return 0, false
	}
	return int64(f.Elapsed(now)), true
}

func syns(f *flow.Flow) (most int64, ok bool) {
	if f.Conn == nil || f.Reused {
		return 0, false
	}
	for i := range f.Conn.Attempts {
		if n := f.Conn.Attempts[i].SYNs(); n > 0 {
			most, ok = max(most, int64(n)), true
		}
	}
	return most, ok
}

func numbered(id flow.ID) string { return "#" + strconv.FormatUint(uint64(id), 10) }
