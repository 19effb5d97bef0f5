package aws

import (
	"regexp"
	"strings"
)

// A partition is a set of Regions with its own identities and domains.
type partition struct {
	name      string
	region    *regexp.Regexp
	dns       string // "amazonaws.com"
	dualstack string // "api.aws"
	console   string // "console.aws.amazon.com"
	signIn    string // "signin.aws.amazon.com"
}

// A suffix is the domain of a partition's service endpoints.
type suffix struct {
	dotted    string // ".amazonaws.com"
	partition *partition
}

// addPartition reads partition, Region pattern, DNS suffix, dual-stack suffix, the
// Region of global services (unused), console domain, sign-in domain and the Regions.
func (t *Tables) addPartition(c []string) error {
	re, err := regexp.Compile(c[1])
	if err != nil {
		return err
	}
	p := &partition{name: c[0], region: re, dns: c[2], dualstack: c[3], console: c[5], signIn: c[6]}
	t.partitions = append(t.partitions, p)
	for _, s := range []string{p.dns, p.dualstack} {
		t.suffixes = append(t.suffixes, suffix{"." + s, p})
	}
	for _, r := range strings.Split(c[7], ",") {
		if !strings.HasSuffix(r, "-global") { // a pseudo Region of the SDKs, which no host has
			t.regions[r] = p
		}
	}
	return nil
}

// partitionOf returns the partition of a Region, nil if it isn't one. A Region that is
// newer than the tables is recognized by its pattern.
func (t *Tables) partitionOf(region string) *partition {
	if p := t.regions[region]; p != nil {
		return p
	}
	n := len(region)
	if n < 6 || n > 32 || region[n-1] < '0' || region[n-1] > '9' || strings.IndexByte(region, '-') < 2 {
		return nil
	}
	for _, p := range t.partitions {
		if p.region.MatchString(region) {
			return p
		}
	}
	return nil
}

// cutSuffix removes the partition's suffix from an endpoint's host. aws and aws-us-gov
// share a suffix: p is the first of them, and the Region decides later.
func (t *Tables) cutSuffix(name string) (left string, p *partition) {
	for i := range t.suffixes {
		if left, ok := strings.CutSuffix(name, t.suffixes[i].dotted); ok {
			return left, t.suffixes[i].partition
		}
	}
	return "", nil
}
