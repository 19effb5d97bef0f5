package flow

import "slices"

// Authorities returns the host:port of each of the finding's hosts, as its flows reached them,
// in the order of Hosts; without those that were only reached without TLS. get returns a flow;
// nil if there is none.
func (f *Finding) Authorities(get func(ID) *Flow) []string {
	by := make(map[string][]string)
	for _, id := range f.Flows {
		x := get(id)
		if x == nil || x.Request.IsPlain() {
			continue
		}
		to, host := x.Request.Authority(), x.Request.Host()
		if x.Conn != nil && x.Conn.Authority != "" {
			to = x.Conn.Authority
		}
		if !slices.Contains(by[host], to) {
			by[host] = append(by[host], to)
		}
	}
	var out []string
	for _, h := range f.Hosts {
		out = append(out, by[h]...)
	}
	return out
}
