package har

import "detour/internal/flow"

// bodySize returns the size of the response's body as it was transferred, without its header
// fields; 0 if the file doesn't say.
func (e *entry) bodySize() int64 {
	r := &e.Response
	headers := max(0, r.HeadersSize.count())
	size := r.BodySize
	if e.exporter == flow.ExporterFirefox { // it writes what was transferred, with the header fields
		size.v = max(0, size.v-float64(headers))
	}
	switch c := r.Content; {
	case size.is && size.v >= 0:
		return size.count()
	case c.Size.is && c.Size.v >= 0 && c.Compression.is:
		return max(0, c.Size.count()-c.Compression.count())
	case r.TransferSize.is && r.TransferSize.v > 0 && r.HeadersSize.is && r.HeadersSize.v >= 0:
		return max(0, r.TransferSize.count()-headers)
	case r.TransferSize.is && r.TransferSize.v > 0: // with the header fields
		return min(c.Size.count(), r.TransferSize.count())
	default:
		return c.Size.count()
	}
}
