package aws

import (
	"fmt"
	"strings"
)

// A variant is a host label that stands for another: s3-accelerate for s3.
type variant struct {
	label  string // a key of Tables.labels
	before bool   // a bucket, an account or the like may precede it
}

// addVariant reads label, the label that it stands for, and what may precede it.
func (t *Tables) addVariant(c []string) error {
	if _, ok := t.labels[c[1]]; !ok {
		return fmt.Errorf("no such host label: %q", c[1])
	}
	t.variants[c[0]] = variant{label: c[1], before: c[2] != ""}
	return nil
}

// endpointHost parses the host of a service endpoint: label.region.suffix, with the
// additions for FIPS, dual-stack, buckets, accounts and interface endpoints. A host on
// such a domain that doesn't have this form is unlisted.
func (t *Tables) endpointHost(name string) host {
	left, p := t.cutSuffix(name)
	if p == nil {
		return host{}
	}
	h := host{class: classUnlisted, partition: p.name, name: name}
	left, private := strings.CutSuffix(left, ".vpce") // vpce-….monitoring.region.vpce
	left, regional := t.readRegion(&h, left, p)
	if _, last := cutLast(left); private && strings.HasPrefix(last, "vpce-svc-") {
		h.class = classOther // a customer's endpoint service
		return h
	}
	h.left = strings.TrimSuffix(left, ".dualstack")
	label, before, v := t.findLabel(h.left)
	h.before = before
	switch {
	case label == "":
		if h.region != "" && h.left != "" && strings.IndexByte(h.left, '.') < 0 {
			h.class, h.label = classDirect, plain(h.left) // a service newer than the tables
		}
	case before == "" && (regional || isGlobalForm(h.left)),
		before == "fips", private, v.before && before != "":
		h.class, h.label = classDirect, label
	default:
		h.label = label // only a signature tells what it is to the service
	}
	return h
}

// isGlobalForm reports whether a host may have this label and no Region: any label
// without a dot, and these with one.
func isGlobalForm(left string) bool {
	return strings.IndexByte(left, '.') < 0 || left == "global.health"
}

// readRegion removes the Region from left. regional is true if there is one, or if the
// name says that there is none.
func (t *Tables) readRegion(h *host, left string, p *partition) (rest string, regional bool) {
	set := func(region string) {
		h.region = region
		// aws and aws-us-gov share a suffix. A Region of another partition is an error;
		// the suffix decides, as in DNS.
		if rp := t.partitionOf(region); rp.dns == p.dns {
			h.partition = rp.name
		}
	}
	rest, last := cutLast(left)
	switch {
	case t.partitionOf(last) != nil:
		set(last)
		return rest, true
	case last == "global" && rest != "": // iam.global.api.aws
		return rest, true
	case last == "us-gov" && rest != "" && p.dns == "amazonaws.com": // iam.us-gov.amazonaws.com
		h.partition = "aws-us-gov"
		return rest, true
	}
	for _, spelling := range []string{"s3-", "s3-fips-", "s3-website-"} { // S3's spelling before 2019
		region, ok := strings.CutPrefix(last, spelling)
		if ok && t.partitionOf(region) != nil {
			set(region)
			return strings.TrimSuffix(left, last) + "s3", true
		}
	}
	if label, after := cutFirst(left); after != "" && t.partitionOf(label) != nil { // us-east-1.queue
		if found, before, _ := t.findLabel(after); found != "" && before == "" {
			set(label)
			return after, true
		}
	}
	return left, false
}

// findLabel returns the longest tail of left that names a service, and what precedes
// it: a bucket, an account, an endpoint's ID.
func (t *Tables) findLabel(left string) (label, before string, v variant) {
	for tail := left; tail != ""; _, tail = cutFirst(tail) {
		before = strings.TrimSuffix(left[:len(left)-len(tail)], ".")
		for _, l := range [3]string{tail, plain(tail), withoutCell(plain(tail))} {
			v, isVariant := t.variants[l]
			if isVariant && (before != "" || t.labels[l] == nil) {
				return v.label, before, v
			}
			if t.labels[l] != nil {
				return l, before, v
			}
		}
		if strings.HasPrefix(tail, "s3express-") && strings.IndexByte(tail, '.') < 0 { // s3express-usw2-az1
			v := t.variants["s3express"]
			return v.label, before, v
		}
	}
	return "", left, variant{}
}

// withoutCell removes the number of a cell from the first part of a label:
// ingest-cell2.timestream (Timestream developer guide, "The endpoint discovery pattern").
func withoutCell(label string) string {
	first, rest := cutFirst(label)
	name, cell, ok := strings.Cut(first, "-cell")
	if !ok || rest == "" || cell == "" || strings.Trim(cell, "0123456789") != "" {
		return label
	}
	return name + "." + rest
}

// plain removes the FIPS mark from a label: monitoring-fips, api.detective-fips,
// runtime-fips.sagemaker.
func plain(label string) string {
	i := strings.Index(label, "-fips")
	if i < 0 {
		return label
	}
	if after := label[i+len("-fips"):]; after == "" || after[0] == '.' {
		return label[:i] + after
	}
	return label
}
