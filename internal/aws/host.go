package aws

import (
	"slices"
	"strings"
)

// A host is what a host name says. The zero host isn't AWS's.
type host struct {
	class     class
	partition string
	region    string // "" if the name has none
	name      string // normalized
	label     string // of a service endpoint: "monitoring", "api.ecr", "s3"
	before    string // of an endpoint's: a bucket, an account or an interface endpoint's id before the label
	left      string // what an endpoint's name has before Region and suffix: "monitoring-fips"
}

// host tells what a host is, with or without a port. First the families, in
// their order, then the grammar of service endpoints.
func (t *Tables) host(name string) host {
	name = normalize(name)
	if name == "" {
		return host{}
	}
	families, tail := t.families[lastTwo(name)], newTail(name)
	for i := range families {
		f := &families[i]
		region, ok := f.match(t, &tail)
		if !ok {
			continue
		}
		if region == "" && f.any && f.class == classConsole {
			region = t.regionIn(name)
		}
		h := host{class: f.class, partition: f.partition, region: region, name: name}
		if p := t.partitionOf(region); p != nil {
			h.partition = p.name
		}
		return h
	}
	return t.endpointHost(name)
}

// regionIn is the first label that is a Region's name; the console has sessions
// and services before it.
func (t *Tables) regionIn(name string) string {
	for label := ""; name != ""; {
		if label, name = cutFirst(name); t.partitionOf(label) != nil {
			return label
		}
	}
	return ""
}

// IsAWS reports whether a host, with or without a port, belongs to AWS: the
// console and what it needs, service endpoints, customers' resources on AWS's
// domains.
func (t *Tables) IsAWS(name string) bool { return t.host(name).class != classNone }

// Suffixes are the DNS suffixes that cover every host that IsAWS knows, sorted,
// without those that another covers.
func (t *Tables) Suffixes() []string {
	var all []string
	for _, p := range t.partitions {
		all = append(all, p.dns, p.dualstack)
	}
	for _, families := range t.families {
		for i := range families {
			all = append(all, families[i].suffix())
		}
	}
	slices.Sort(all)
	all = slices.Compact(all)
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool {
		return slices.ContainsFunc(all, func(o string) bool { return strings.HasSuffix(s, "."+o) })
	})
}
