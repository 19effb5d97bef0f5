package aws

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"detour/internal/flow"
)

// beacon reads the measurements that a console page reports:
// /p/log/1/cloudwatch/1/OP/&k0=GetMetricData_Time&m0=105151&k1=…&m1=…&cb=…, with the values
// in the path or the query, which may be escaped as a whole. The names were observed and
// aren't documented: kN is read as the operation, mN as milliseconds. nil for any other
// telemetry.
func beacon(h host, r *request) *flow.AWS {
	measures := measuresIn(beaconFields(r))
	if len(measures) == 0 {
		return nil
	}
	return &flow.AWS{
		Partition: h.partition, Region: h.region, Operation: measures[0].Name, DecodedBy: "beacon", Measured: measures[0].Took, Beacon: measures,
	}
}

// beaconFields returns the part of a URL that has a beacon's values.
func beaconFields(r *request) string {
	fields := r.query
	if _, after, ok := strings.Cut(r.path, "&"); ok {
		fields = after
	} else if plain, err := url.PathUnescape(r.path); err == nil && plain != r.path {
		if _, after, ok := strings.Cut(plain, "&"); ok {
			fields = after
		}
	}
	if plain, err := url.QueryUnescape(fields); err == nil && !strings.Contains(fields, "=") {
		fields = plain // it was escaped as a whole
	}
	return strings.ReplaceAll(strings.TrimPrefix(fields, "amp;"), "&amp;", "&")
}

// measuresIn returns the durations that a beacon's fields have: those of k0, k1 and so on,
// whose names end in _Time. A beacon has a few of them.
func measuresIn(fields string) (out []flow.Measure) {
	const most = 32
	for n := range most {
		at := strconv.Itoa(n)
		k, ok := field(fields, "k"+at)
		if !ok {
			if n > 0 { // some may begin with k1
				break
			}
			continue
		}
		m, _ := field(fields, "m"+at)
		op, timed := strings.CutSuffix(k, "_Time")
		ms, err := strconv.ParseFloat(m, 64)
		if timed && isWord(op) && err == nil && ms >= 0 && ms < 1e9 {
			out = append(out, flow.Measure{Name: op, Took: time.Duration(ms * float64(time.Millisecond))})
		}
	}
	return out
}
