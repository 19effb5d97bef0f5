package account

import (
	"fmt"
	"slices"
	"strings"

	"detour/internal/account/policy"
	"detour/internal/flow"
)

// endpointPolicy decides about a call by an endpoint's policy: a statement that denies it wins, and
// one must allow it. What depends on a fact that isn't known is unknown, unless the service's error
// says which policy denied the call. AWS:
// docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
func (c *Config) endpointPolicy(e *endpoint, x policy.Call, said *flow.AWSError) result {
	const check = flow.CheckEndpointPolicy
	if e.Policy == "" {
		return unknown(check, e.ID, c.need(setEndpoints, e.Region, "--vpc-endpoint-ids "+e.ID), "its policy isn't in these files")
	}
	all, ok := policy.Parse(e.Policy)
	if !ok {
		return unknown(check, e.ID, nil, "its policy can't be read")
	}
	d := policyOf(e, all, x)
	named := said.Deny == flow.DenyVPCEndpoint
	switch {
	case named && !said.Explicit && len(d.denies) > 0, named && said.Explicit && len(d.denies)+len(d.mayDeny) == 0:
		return unknown(check, e.ID, nil, "the service's error doesn't fit its policy in these files, which are of another time")
	case len(d.denies) > 0:
		return denies(check, e.ID, d.at(d.denies[0]), "%s of its policy denies %s", d.name(d.denies[0]), x.Action)
	case named && said.Explicit && len(d.mayDeny) == 1:
		return denies(check, e.ID, d.at(d.mayDeny[0]), "%s of its policy, the only one that may, denies %s", d.name(d.mayDeny[0]), x.Action)
	case named && said.Explicit:
		return denies(check, e.ID, d.document(), "one of the statements of its policy that may denies %s: %s", x.Action, d.names(d.mayDeny))
	case len(d.allows)+len(d.mayAllow) == 0:
		return denies(check, e.ID, d.document(), "no statement of its policy allows %s%s", x.Action, d.except())
	case named && len(d.allows) == 0:
		return denies(check, e.ID, d.at(d.mayAllow[0]),
			"no statement of its policy allows %s to this call: %s does to others, by the principal, the resource or a condition",
			x.Action, d.names(d.mayAllow))
	case len(d.mayDeny) > 0 || len(d.allows) == 0:
		i := slices.Concat(d.mayDeny, d.mayAllow)[0]
		r := unknown(check, e.ID, nil, "%s of its policy decides about %s by the principal, the resource or a condition", d.name(i), x.Action)
		r.at = d.at(i)
		return r
	}
	return admits(check, e.ID, d.at(d.allows[0]), "%s of its policy allows %s", d.name(d.allows[0]), x.Action)
}

// A decision is which statements of an endpoint's policy are about a call, or may be.
type decision struct {
	endpoint                          *endpoint
	all                               []policy.Statement
	denies, mayDeny, allows, mayAllow []int
	others                            []int // that allow the action, but not this call
}

func policyOf(e *endpoint, all []policy.Statement, x policy.Call) decision {
	d := decision{endpoint: e, all: all}
	for i, s := range all {
		to, perhapsTo := &d.allows, &d.mayAllow
		if s.Effect == "Deny" {
			to, perhapsTo = &d.denies, &d.mayDeny
		}
		switch s.Applies(x) {
		case policy.Yes:
			*to = append(*to, i)
		case policy.Perhaps:
			*perhapsTo = append(*perhapsTo, i)
		case policy.No:
			if s.Effect == "Allow" && s.About(x.Action) {
				d.others = append(d.others, i)
			}
		}
	}
	return d
}

func (d decision) name(i int) string { return d.all[i].Name(i) }

func (d decision) names(all []int) string {
	var out []string
	for _, i := range all {
		out = append(out, d.name(i))
	}
	return strings.Join(out, ", ")
}

// except says which statements allow the action to others.
func (d decision) except() string {
	if len(d.others) == 0 {
		return ""
	}
	return " to this call: " + d.names(d.others) + " does to others, by the principal, the resource or a condition"
}

func (d decision) document() place {
	return place{d.endpoint.File, d.endpoint.Path + ".PolicyDocument"}
}

func (d decision) at(i int) place {
	at := d.document()
	at.Path += fmt.Sprintf(".Statement[%d]", i)
	return at
}

// callOf is what is known of a call that was answered.
func (s *Study) callOf(f *flow.Flow, e *endpoint) policy.Call {
	x := policy.Call{Action: f.AWS.Error.Action, VPC: e.VPC, Endpoint: e.ID}
	if w := f.Conn.Winner(); w != nil {
		x.Client = s.packet(f, w.Addr, w.Local).From.Addr()
	}
	x.Principal, x.Resource = policy.Named(f.AWS.Error.Message, x.Action)
	return x
}

// deniedCodes are the errors of a call that a policy denied. Others with 403, as of credentials
// that have expired, say nothing of one.
var deniedCodes = []string{
	"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized", "NotAuthorizedException", "AuthorizationError",
	"AuthorizationErrorException", "UnauthorizedException", "ForbiddenException", "Forbidden",
}

// policies is the proof of calls that were answered with 403 and went to an interface endpoint:
// false if none did, or their actions aren't known, or the service names another policy.
func (s *Study) policies(f flow.Finding) (flow.Proof, bool) {
	var out flow.Proof
	verdicts := make(map[flow.CheckVerdict]int)
	for _, id := range f.Flows {
		x := s.flows[id]
		if x == nil || x.Response == nil || x.Response.Status != 403 || x.Conn == nil || x.AWS == nil || x.AWS.Error == nil {
			continue
		}
		if s.client.Strict {
			return flow.Proof{Verdict: flow.Unknown, Says: strictly}, true
		}
		w, said := x.Conn.Winner(), x.AWS.Error
		if w == nil || said.Action == "" || said.Deny != "" && said.Deny != flow.DenyVPCEndpoint ||
			said.Deny == "" && !slices.Contains(deniedCodes, said.Code) {
			return out, false
		}
		_, e, _ := s.config.endpointOf(s.packet(x, w.Addr, w.Local))
		if e == nil {
			return out, false
		}
		r := s.config.endpointPolicy(e, s.callOf(x, e), said)
		c := flow.ProofCheck{Check: r.check, Verdict: r.verdict, Object: r.object, Says: r.says, File: r.at.File, Path: r.at.Path}
		if !slices.Contains(out.Checks, c) {
			out.Checks = append(out.Checks, c)
		}
		if r.verdict == flow.CheckDenies && said.Deny != flow.DenyVPCEndpoint && s.ofAll().calls[call{x.AWS.Service, x.AWS.Operation, e}] {
			return flow.Proof{
				Verdict: flow.Contradiction,
				Says:    fmt.Sprintf("%s denies %s in these files, and another call of it was answered: no cause is named", e.ID, said.Action),
			}, true
		}
		verdicts[r.verdict]++
		cause := flow.ProofCause{Check: r.check, Object: r.object, Of: e.ID, Says: r.says}
		switch {
		case r.verdict != flow.CheckDenies:
		case out.Cause == nil:
			out.Cause = &cause
		case *out.Cause != cause && !slices.Contains(out.Also, cause):
			out.Also = append(out.Also, cause)
		}
		out.Needs = append(out.Needs, r.needs...)
	}
	out.Needs = distinct(out.Needs)
	switch {
	case len(verdicts) == 0:
		return out, false
	case len(verdicts) == 1 && out.Cause != nil:
		out.Verdict, out.Says = flow.Proven, out.Cause.Object+": "+out.Cause.Says
		return out, true
	case len(verdicts) == 1 && verdicts[flow.CheckAdmits] > 0:
		out.Verdict = flow.Admitted
		out.Says = "the endpoint's policy in these files allows the call: another policy denies it, or the file is of another time"
	default:
		out.Verdict, out.Says = flow.Unknown, "the endpoint's policy decides by facts that the flows don't have"
	}
	out.Cause, out.Also = nil, nil
	return out, true
}
