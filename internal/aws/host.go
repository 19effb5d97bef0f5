package aws

import (
	"net"
	"net/netip"
	"slices"
	"strings"
)

// A host is what a host name says.
type host struct {
	class     class
	partition string
	region    string
	label     string // of a service endpoint: "monitoring", "api.ecr", "s3"
}

// normalize brings a host, with or without port, to lower case without a final
// dot. It returns "" for what cannot be a DNS name of AWS: addresses, empty
// labels, anything but letters, digits, hyphens and underscores.
func normalize(h string) string {
	if i := strings.LastIndexByte(h, '@'); i >= 0 {
		h = h[i+1:]
	}
	if name, _, err := net.SplitHostPort(h); err == nil {
		h = name
	}
	h = strings.TrimSuffix(h, ".")
	if len(h) > 253 || h == "" {
		return ""
	}
	if _, err := netip.ParseAddr(strings.Trim(h, "[]")); err == nil {
		return ""
	}
	prev := byte('.')
	for i := range len(h) {
		c := h[i]
		switch {
		case c == '.' && prev == '.':
			return ""
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == '.':
		default:
			return ""
		}
		prev = c
	}
	return strings.ToLower(h)
}

// host tells what a host is; ok is false if it isn't AWS's.
func (t *Tables) host(name string) (h host, ok bool) {
	name = normalize(name)
	if name == "" {
		return host{}, false
	}
	labels := strings.Split(name, ".")
	for i := range t.families {
		f := &t.families[i]
		if region, ok := f.match(t, labels); ok {
			if f.class == classConsole && region == "" {
				region = t.firstRegion(labels)
			}
			return host{class: f.class, partition: f.partition, region: region}, true
		}
	}
	return t.direct(name)
}

func (t *Tables) firstRegion(labels []string) string {
	for _, l := range labels {
		if _, ok := t.partitionOf(l); ok {
			return l
		}
	}
	return ""
}

// direct reads a service endpoint's host: label.region.suffix, with the
// decorations of FIPS, dual-stack, S3 buckets and account prefixes.
func (t *Tables) direct(name string) (host, bool) {
	for _, p := range t.partitions {
		for _, suffix := range p.suffixes {
			rest, found := strings.CutSuffix(name, "."+suffix)
			if !found {
				continue
			}
			h := t.endpointHost(strings.Split(rest, "."))
			if h.region != "" {
				if rp, ok := t.partitionOf(h.region); ok && slices.Contains(rp.suffixes, suffix) {
					p = rp // aws and aws-us-gov share a suffix
				}
			}
			h.partition = p.name
			return h, true
		}
	}
	return host{}, false
}

// endpointHost reads the labels left of the suffix.
func (t *Tables) endpointHost(labels []string) host {
	h := host{class: classDirect}
	rest := labels
	if last := len(rest) - 1; rest[last] == "vpce" && last > 0 { // vpce-….monitoring.region.vpce
		rest = rest[:last]
	}
	if last := len(rest) - 1; rest[last] == "global" && last > 0 {
		rest = rest[:last]
	} else if _, ok := t.partitionOf(rest[last]); ok {
		h.region, rest = rest[last], rest[:last]
	} else if region, legacy, ok := t.legacyS3(rest); ok {
		h.region, h.label = region, legacy
		return h
	}
	rest = slices.DeleteFunc(slices.Clone(rest), func(l string) bool { return l == "dualstack" || l == "fips" })
	// The label is the longest tail that names a service; what is left of it is a
	// bucket, an account or an endpoint's id.
	for i := range rest {
		l := strings.Join(rest[i:], ".")
		for _, form := range []string{l, strings.TrimSuffix(l, "-fips"), strings.Replace(l, "-fips.", ".", 1)} {
			if known, ok := t.labels[form]; ok && (h.region != "" || known.global || form == "s3" || len(rest) == 1) {
				h.label = form
				return h
			}
		}
	}
	if len(rest) > 0 && h.region != "" {
		h.label = strings.TrimSuffix(rest[len(rest)-1], "-fips")
		return h
	}
	h.class = classOther // on AWS's domain, but no endpoint that we know
	return h
}

// legacyS3 reads the old spelling s3-region, with or without a bucket before it.
func (t *Tables) legacyS3(labels []string) (region, label string, ok bool) {
	r, found := strings.CutPrefix(labels[len(labels)-1], "s3-")
	if !found {
		return "", "", false
	}
	if _, ok := t.partitionOf(r); ok {
		return r, "s3", true
	}
	return "", "", false
}

// IsAWS reports whether a host, with or without a port, belongs to AWS: the
// console and what it needs, service endpoints, customers' resources on AWS's
// domains.
func (t *Tables) IsAWS(name string) bool {
	_, ok := t.host(name)
	return ok
}

// Suffixes are the DNS suffixes that cover every host that IsAWS knows, sorted,
// without those that another covers.
func (t *Tables) Suffixes() []string {
	var all []string
	for _, p := range t.partitions {
		all = append(all, p.suffixes...)
	}
	for i := range t.families {
		all = append(all, t.families[i].suffix())
	}
	slices.Sort(all)
	all = slices.Compact(all)
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool {
		return slices.ContainsFunc(all, func(o string) bool { return strings.HasSuffix(s, "."+o) })
	})
}

// EndpointService is the name of the interface endpoint service for an API
// host, "" if none is known.
func (t *Tables) EndpointService(name string) string {
	h, ok := t.host(name)
	if !ok || h.class != classDirect {
		return ""
	}
	return t.endpointService(h)
}

func (t *Tables) endpointService(h host) string {
	l := t.labels[h.label]
	if l.endpoint == "" || strings.Contains(l.endpoint, "{region}") && h.region == "" {
		return ""
	}
	name := strings.ReplaceAll(l.endpoint, "{region}", h.region)
	if _, svc, ok := strings.Cut(l.endpoint, "{region}."); ok {
		if other := t.endpoints[h.region+" "+svc]; other != "" {
			return other
		}
	}
	return name
}
