package aws

import (
	"slices"
	"strings"
	"time"

	"detour/internal/flow"
)

// A Pair is a flow that was sent for the sake of another: a preflight, or the
// request to sign one.
type Pair struct{ Before, For *flow.Flow }

// pairWithin is how long after the first the second may begin. A preflight or a
// signature that takes longer has other troubles; SigV4's are good for 5 minutes.
const pairWithin = 5 * time.Minute

// Pairs finds, for each preflight and each request for a signature among flows
// that are tagged, the first request after it that it was for, each at most once.
// The pairs are in the order of the flows that came before.
func Pairs(flows []*flow.Flow) []Pair {
	byStart := slices.Clone(flows)
	slices.SortStableFunc(byStart, func(a, b *flow.Flow) int { return a.Times.Start.Compare(b.Times.Start) })
	waiting := map[string][]int{} // by what is awaited, places in pairs
	var pairs []Pair
	for _, f := range byStart {
		for _, key := range fulfils(f) {
			at := waiting[key]
			for len(at) > 0 && (f.Times.Start.Sub(pairs[at[0]].Before.Times.Start) > pairWithin || pairs[at[0]].For != nil) {
				at = at[1:]
			}
			if len(at) > 0 {
				pairs[at[0]].For, at = f, at[1:]
			}
			waiting[key] = at
		}
		if key := awaits(f); key != "" {
			waiting[key] = append(waiting[key], len(pairs))
			pairs = append(pairs, Pair{Before: f})
		}
	}
	return slices.DeleteFunc(pairs, func(p Pair) bool { return p.For == nil })
}

// awaits is the key of the request that a flow prepares; "" if it prepares none.
func awaits(f *flow.Flow) string {
	switch {
	case f.Request.Method == "OPTIONS":
		if method := flow.Get(f.Request.Headers, "Access-Control-Request-Method"); method != "" {
			return wireKey(f, method)
		}
	case f.AWS != nil && f.AWS.DecodedBy == signingRule:
		return callKey(f.AWS, f.AWS.Service)
	}
	return ""
}

// fulfils are the keys under which a flow may be awaited.
func fulfils(f *flow.Flow) []string {
	if f.Request.Method == "OPTIONS" || f.Request.Method == "CONNECT" {
		return nil
	}
	keys := []string{wireKey(f, f.Request.Method)}
	if f.Origin == flow.OriginDirect && f.AWS != nil && f.AWS.Operation != "" {
		keys = append(keys, callKey(f.AWS, f.AWS.Service))
		for _, s := range f.AWS.Also {
			keys = append(keys, callKey(f.AWS, s))
		}
	}
	return keys
}

// wireKey has a URL, a method and the page's origin.
func wireKey(f *flow.Flow, method string) string {
	return strings.Join([]string{method, f.Request.URL, flow.Get(f.Request.Headers, "Origin")}, " ")
}

// callKey has Region, service and operation; it has no URL's form.
func callKey(a *flow.AWS, service string) string {
	return strings.Join([]string{a.Region, service, a.Operation}, "\t")
}

// Adopt is the call of a preflight, or of a request for a signature, with the
// names of the one that it was for. Neither flow is written to.
func (p Pair) Adopt() *flow.AWS {
	if p.Before.AWS == nil || p.For.AWS == nil {
		return p.Before.AWS
	}
	a, of := *p.Before.AWS, p.For.AWS
	a.Partition, a.Region, a.Service, a.ServiceName = of.Partition, of.Region, of.Service, of.ServiceName
	a.Operation, a.Also = of.Operation, of.Also
	if a.DecodedBy != signingRule {
		a.DecodedBy = preflightRule
	}
	return &a
}
