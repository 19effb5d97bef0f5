package diagnose

import (
	"fmt"
	"strings"
	"time"

	"detour/internal/flow"
)

// An alias is what the name of an interface endpoint says that it is for:
// vpce-ID-RANDOM[-ZONE].SERVICE.REGION.vpce.DOMAIN, with the domain of its partition
// (docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html).
type alias struct{ name, service, region, domain string }

// aliasOf is the interface endpoint that a name leads to by CNAME; ok is false if
// it leads to none.
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

// misled says how the endpoint that a name leads to isn't the one for the call; ""
// if it is, or nothing can be said.
func misled(f *flow.Flow) string {
	a, ok := aliasOf(f.Conn.Resolution)
	if !ok || f.AWS == nil || f.AWS.Region == "" {
		return ""
	}
	if a.region != f.AWS.Region {
		return fmt.Sprintf("%s leads to %s, which is of %s", hostOf(f), clean(a.name), clean(a.region))
	}
	// The label of an endpoint's own name is the host's, without what stands for FIPS.
	label, _, _ := strings.Cut(strings.TrimSuffix(hostOf(f), "."+a.domain), "."+f.AWS.Region)
	if plain := strings.NewReplacer("-fips", "", ".dualstack", ""); plain.Replace(label) != plain.Replace(a.service) && !strings.HasSuffix(label, "."+a.service) {
		return fmt.Sprintf("%s leads to %s, which is of %s", hostOf(f), clean(a.name), clean(a.service))
	}
	return ""
}

// wrongAlias is a name that somebody has sent to another service's endpoint.
func wrongAlias() Rule {
	return Rule{
		Code:     "alias-to-another-endpoint",
		Level:    flow.LevelProblem,
		lasting:  true,
		Meaning:  "A name of AWS's leads by CNAME to an interface endpoint of another service or Region, and the call fails.",
		HowKnown: "The CNAME chain: the name of an interface endpoint says its service and Region.",
		WhatElse: "An endpoint that serves several names.",
		Asks:     []flow.Ask{askAccountOwner("Have the private DNS name %h lead to the endpoint of its own service and Region (%e).")},
		Source:   "https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html",
		match: func(f *flow.Flow, _ time.Time) bool {
			return f.Final() && f.Failure != nil && f.Conn != nil && misled(f) != ""
		},
		explain: func(g group) flow.Finding {
			return flow.Finding{
				Title:        fmt.Sprintf("%s: the name leads to another endpoint: consistent with a wrong record in a private hosted zone", list(g.hosts(), "")),
				Because:      append(g.distinct(func(f *flow.Flow) []string { return []string{misled(f)} }), g.tried()...),
				Confidence:   flow.ConfidenceHigh,
				Alternatives: []string{"the record is meant for another name, and was copied"},
				Try:          texts("dig "+g.hosts()[0], "correct the record, or switch the endpoint's private DNS on: then no record of your own is needed"),
			}
		},
	}
}
