package aws

import (
	"slices"
	"strings"

	"detour/internal/flow"
)

// policyKinds returns the kinds of policies that IAM's messages name (IAM user guide,
// "Troubleshoot access denied error messages").
func policyKinds() []string {
	return []string{
		"identity-based policy", "resource-based policy", "permissions boundary", "session policy", "service control policy",
		"resource control policy", flow.DenyVPCEndpoint, "role trust policy",
	}
}

// denial reads which kind of policy denied a call. IAM's wording is fixed: "… with an
// explicit deny in a KIND[: ARN]", "… because no KIND allows the ACTION action".
func denial(e *flow.AWSError) {
	kind := ""
	if _, rest, ok := strings.Cut(e.Message, "explicit deny in "); ok {
		_, kind, _ = strings.Cut(rest, " ") // the article
		kind, rest, ok = strings.Cut(kind, ": ")
		kind = strings.TrimRight(kind, ". ")
		if ok && strings.HasPrefix(rest, "arn:") {
			e.PolicyARN, _, _ = strings.Cut(rest, " ")
			e.PolicyARN = strings.TrimRight(e.PolicyARN, ".,")
		}
		e.Explicit = true
	} else if _, rest, ok := strings.Cut(e.Message, "because no "); ok {
		kind, _, _ = strings.Cut(rest, " allows the ")
	}
	if !slices.Contains(policyKinds(), kind) {
		e.PolicyARN, e.Explicit = "", false
		return
	}
	e.Deny = kind
}
