package har

import "detour/internal/flow"

// reuse notes whether a connection was made for f. Firefox doesn't name connections: f has
// used an earlier one if it made none, and there is one to its host.
func (d *decoder) reuse(f *flow.Flow) {
	at := f.Conn.Authority
	if f.Response == nil || at == "" {
		return
	}
	if f.Exporter == flow.ExporterFirefox {
		f.Reused = d.met[at] && f.Phases.Connect == flow.NotApplicable
	}
	if len(d.met) < maxConns {
		d.met[at] = true
	}
}

// maxConns limits the connections that are distinguished.
const maxConns = 1 << 16

// conn returns the ID of a connection; 0 if the file doesn't name it. known says that an
// earlier entry had it.
func (d *decoder) conn(name string) (id flow.ID, known bool) {
	if name == "" {
		return 0, false
	}
	if id, known = d.conns[name]; known || len(d.conns) >= maxConns {
		return id, known
	}
	d.lastConn++
	d.conns[name] = d.lastConn
	return d.lastConn, false
}
