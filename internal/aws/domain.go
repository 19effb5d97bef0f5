package aws

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A DomainKind says what the hosts of a [Domain] are for.
type DomainKind string

// The kinds of domains.
const (
	DomainEndpoint          DomainKind = "endpoint"           // service endpoints: SERVICE.REGION.DOMAIN
	DomainInterfaceEndpoint DomainKind = "interface-endpoint" // interface endpoints' own names: ID.SERVICE.REGION.DOMAIN
	DomainConsole           DomainKind = "console"            // the console's pages: REGION.DOMAIN
	DomainConsoleAPI        DomainKind = "console-api"        // what only the console's pages call
	DomainSignIn            DomainKind = "sign-in"
	DomainStatic            DomainKind = "static"   // scripts and images of the console
	DomainCustomer          DomainKind = "customer" // customers' own resources
	DomainShared            DomainKind = "shared"   // several kinds: what they have in common is that AWS owns the domain
)

// A Domain is a DNS domain of AWS's. A host below it can be a customer's own
// resource whatever the kind; [Tables.IsAWS] tells AWS's hosts from all others.
type Domain struct {
	Name       string   // "amazonaws.com"
	Partitions []string // the partitions that have it, sorted; "aws" and "aws-us-gov" share some
	Kind       DomainKind
	// ServiceLabels says that a label of the host names the service: the one before
	// the Region, or the last one where there is no Region.
	ServiceLabels bool
}

// Domains are all domains of AWS's in all partitions, each once. A domain comes
// before the one that it is a part of: "vpce.amazonaws.com" before "amazonaws.com".
func (t *Tables) Domains() []Domain {
	byName := map[string]Domain{}
	add := func(d Domain) {
		known, ok := byName[d.Name]
		if !ok {
			known = d
			known.Partitions = nil
		}
		known.Partitions = append(known.Partitions, d.Partitions...)
		slices.Sort(known.Partitions)
		byName[d.Name] = known
	}
	for _, p := range t.partitions {
		of := []string{p.name}
		add(Domain{p.dns, of, DomainEndpoint, true})
		add(Domain{p.dualstack, of, DomainEndpoint, true})
		add(Domain{"vpce." + p.dns, of, DomainInterfaceEndpoint, true})
		add(Domain{p.console, of, DomainConsole, false})
		add(Domain{p.signIn, of, DomainSignIn, false})
		_, owned := cutFirst(p.console)
		add(Domain{owned, of, DomainShared, false})
	}
	for _, d := range t.domains {
		add(d)
	}
	out := slices.Collect(maps.Values(byName))
	slices.SortFunc(out, func(a, b Domain) int {
		if n := strings.Count(b.Name, ".") - strings.Count(a.Name, "."); n != 0 {
			return n
		}
		return strings.Compare(a.Name, b.Name)
	})
	return out
}

// addDomain reads domain, partition, kind, and "yes" if a label names a service.
func (t *Tables) addDomain(c []string) error {
	d := Domain{Name: c[0], Partitions: []string{c[1]}, Kind: DomainKind(c[2]), ServiceLabels: c[3] == "yes"}
	switch d.Kind {
	case DomainConsoleAPI, DomainSignIn, DomainStatic, DomainCustomer, DomainShared:
	case DomainEndpoint, DomainInterfaceEndpoint, DomainConsole:
		return fmt.Errorf("domains of kind %q are in partitions.tsv", d.Kind)
	default:
		return fmt.Errorf("no such kind of domain: %q", d.Kind)
	}
	if !slices.ContainsFunc(t.partitions, func(p *partition) bool { return p.name == c[1] }) {
		return fmt.Errorf("no such partition: %q", c[1])
	}
	t.domains = append(t.domains, d)
	return nil
}

// EndpointServicePrefixes are how the names of AWS's own endpoint services begin,
// sorted: "com.amazonaws.", "cn.com.amazonaws.", "gov.ic.c2s.". What follows is
// the Region, or the rest of a name that has none.
func (t *Tables) EndpointServicePrefixes() []string {
	var all []string
	add := func(s endpointService) {
		if s.regional {
			all = append(all, s.before)
		}
	}
	for _, s := range t.endpoints.exact {
		add(s)
	}
	for _, s := range t.endpoints.wildcard {
		add(s)
	}
	for _, patterns := range t.endpoints.pattern {
		for _, p := range patterns {
			add(p.service)
		}
	}
	for region, names := range t.endpoints.byRegion {
		for _, name := range names {
			if before, _, ok := strings.Cut(name, region); ok {
				all = append(all, before)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
