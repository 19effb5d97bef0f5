package aws

import (
	"maps"
	"slices"
	"strings"
)

// An Endpoint is a service's API host in a Region.
type Endpoint struct {
	Service         string // "monitoring"
	ServiceName     string // "CloudWatch"
	Label           string // of the host, before Region and domain: "api.ecr"
	Host            string
	EndpointService string // the interface endpoint service that would carry it; "" if none is known
	// Console says that a page of the console may call it: it answered a preflight with
	// CORS headers (measured in 2021, so it is a hint only).
	Console bool
}

// Regions returns the known Regions, sorted.
func (t *Tables) Regions() []string { return slices.Sorted(maps.Keys(t.regions)) }

// Endpoints returns the API hosts of a Region, sorted by host; none if there is no such
// Region. Not every service is in every Region: whether the host exists, DNS knows.
func (t *Tables) Endpoints(region string) []Endpoint {
	p := t.partitionOf(region)
	if p == nil {
		return nil
	}
	var out []Endpoint
	for _, label := range slices.Sorted(maps.Keys(t.labels)) {
		hosts := []string{label + "." + region + "." + p.dns}
		if t.global[label] {
			hosts = []string{label + "." + p.dns}
			if label == "sts" { // has both forms
				hosts = append(hosts, label+"."+region+"."+p.dns)
			}
		}
		for _, h := range hosts {
			service := t.labels[label][0]
			out = append(out, Endpoint{
				Service: service, ServiceName: t.services[service].name, Label: label, Host: h,
				EndpointService: t.EndpointService(h), Console: t.cors[label],
			})
		}
	}
	slices.SortFunc(out, func(a, b Endpoint) int { return strings.Compare(a.Host, b.Host) })
	return out
}
