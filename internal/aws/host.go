package aws

import (
	"slices"
	"strings"
)

// A host is a parsed host name. The zero host isn't AWS's.
type host struct {
	class     class
	partition string
	region    string // "" if the name has none
	name      string // normalized
	label     string // of a service endpoint: "monitoring", "api.ecr", "s3", "portal.sso"
	before    string // before an endpoint's label: a bucket, an account or an interface endpoint's ID
	left      string // of an endpoint: everything before Region and suffix, "monitoring-fips"
}

// host parses a host, with or without a port: by the families in their order, then by
// the grammar of service endpoints.
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
		if region == "" {
			region = t.regionIn(name, !f.any)
		}
		h := host{class: f.class, partition: f.partition, region: region, name: name}
		if p := t.partitionOf(region); p != nil {
			h.partition = p.name
		}
		if f.class == classSignIn { // portal.sso and oidc are a service's endpoints as well
			if like := t.endpointHost(name); like.class == classDirect && like.before == "" {
				h.label, h.left = like.label, like.left
			}
		}
		return h
	}
	return t.endpointHost(name)
}

// regionIn returns the last label that is a Region: sessions, services and what customers
// choose come before it. In the name of one certain host, a label may also end in one:
// amcs-captcha-prod-us-east-1.
func (t *Tables) regionIn(name string, ending bool) string {
	for label := ""; name != ""; {
		name, label = cutLast(name)
		for more := true; more; _, label, more = strings.Cut(label, "-") {
			if t.partitionOf(label) != nil {
				return label
			}
			if !ending {
				break
			}
		}
	}
	return ""
}

// IsAWS reports whether a host, with or without a port, is AWS's: a host of the
// console, a service endpoint, or a customer's resource on an AWS domain.
func (t *Tables) IsAWS(name string) bool { return t.host(name).class != classNone }

// Suffixes returns the DNS suffixes that cover every host for which IsAWS is true,
// sorted, without those that another covers.
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
