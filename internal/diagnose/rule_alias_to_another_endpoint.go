package diagnose

import (
	"fmt"
	"strings"
	"time"

	"detour/internal/diagnose/ending"
	"detour/internal/diagnose/flowset"
	"detour/internal/flow"
)

func aliasToAnotherEndpoint() Rule {
	return Rule{
		Code:     "alias-to-another-endpoint",
		Level:    flow.LevelProblem,
		lasting:  true,
		Meaning:  "An AWS name is a CNAME for another service's or Region's interface endpoint, and the call fails.",
		HowKnown: "The CNAME chain: the name of an interface endpoint contains its service and Region.",
		WhatElse: "An endpoint that serves several names.",
		Asks:     []flow.Ask{askAccountOwner("Point the private DNS name %h to the endpoint of its own service and Region (%e).")},
		Concepts: []string{conceptInterfaceEndpoint, conceptPrivateDNS},
		Source:   "https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html",
		match: func(f *flow.Flow, _ time.Time) bool {
			return ending.Known(f) && f.Failure != nil && f.Conn != nil && wrongAlias(f) != ""
		},
		explain: func(g group) flow.Finding {
			return flow.Finding{
				Title: fmt.Sprintf("%s: the name points to another endpoint: "+
					"consistent with a wrong record in a private hosted zone", g.HostList()),
				Because:      append(g.Distinct(func(f *flow.Flow) []string { return []string{wrongAlias(f)} }), g.rejected()...),
				Confidence:   flow.ConfidenceHigh,
				Alternatives: []string{"a record that was copied from another name"},
				Try: []flow.NextStep{
					g.LookUp("Show the CNAME chain"),
					step("Correct the record, or enable the endpoint's private DNS, which makes the record unnecessary"),
				},
			}
		},
	}
}

// An alias is the name of an interface endpoint, which says what the endpoint is for:
// vpce-ID-RANDOM[-ZONE].SERVICE.REGION.vpce.DOMAIN, with the domain of its partition
// (docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html).
type alias struct{ name, service, region, domain string }

// aliasOf is the interface endpoint that a name's CNAMEs point to; ok is false if
// there is none.
func aliasOf(r *flow.Resolution) (a alias, ok bool) {
	if r == nil {
		return a, false
	}
	for _, c := range r.CNAMEs {
		left, domain, isEndpoint := strings.Cut(c, ".vpce.")
		if !isEndpoint || !strings.HasPrefix(left, "vpce-") {
			continue
		}
		_, left, _ = strings.Cut(left, ".") // the endpoint's own label
		dot := strings.LastIndexByte(left, '.')
		if dot < 0 || strings.HasPrefix(left, "vpce-svc-") {
			return a, false
		}
		return alias{c, left[:dot], left[dot+1:], domain}, true
	}
	return a, false
}

// wrongAlias says why the endpoint that a name points to isn't the one for the call; "" if
// it is the right one, or if that isn't known.
func wrongAlias(f *flow.Flow) string {
	a, ok := aliasOf(f.Conn.Resolution)
	if !ok || f.AWS == nil || f.AWS.Region == "" {
		return ""
	}
	if a.region != f.AWS.Region {
		return fmt.Sprintf("%s is a CNAME for %s, an endpoint in %s", flowset.HostOf(f), clean(a.name), clean(a.region))
	}
	// The label of an endpoint's own name is the host's, without what stands for FIPS.
	label, _, _ := strings.Cut(strings.TrimSuffix(flowset.HostOf(f), "."+a.domain), "."+f.AWS.Region)
	if plain := strings.NewReplacer("-fips", "", ".dualstack", ""); plain.Replace(label) != plain.Replace(a.service) &&
		!strings.HasSuffix(label, "."+a.service) {
		return fmt.Sprintf("%s is a CNAME for %s, an endpoint of %s", flowset.HostOf(f), clean(a.name), clean(a.service))
	}
	return ""
}
