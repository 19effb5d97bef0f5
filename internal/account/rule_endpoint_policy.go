package account

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"detour/internal/flow"
)

// A statement is one of an endpoint policy. A member may be one string or a list.
type statement struct {
	Effect    string
	Action    words
	NotAction words
	Principal json.RawMessage
	Resource  words
	Condition map[string]json.RawMessage

	NotPrincipal json.RawMessage
	NotResource  words
}

// words is a string or a list of strings in JSON.
type words []string

func (w *words) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*w = words{one}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(w))
}

// endpointPolicy decides about an action by an endpoint's policy. Only what holds for every
// principal, resource and condition is decided; the rest is unknown. AWS:
// docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
func (c *Config) endpointPolicy(e *endpoint, action string) result {
	const check = flow.CheckEndpointPolicy
	if e.Policy == "" {
		return unknown(check, e.ID, c.need(setEndpoints, e.Region, "--vpc-endpoint-ids "+e.ID), "its policy isn't in these files")
	}
	var doc struct{ Statement json.RawMessage }
	var all []statement
	if err := json.Unmarshal([]byte(e.Policy), &doc); err != nil {
		return unknown(check, e.ID, nil, "its policy can't be read")
	}
	if json.Unmarshal(doc.Statement, &all) != nil {
		var one statement
		if json.Unmarshal(doc.Statement, &one) != nil {
			return unknown(check, e.ID, nil, "its policy can't be read")
		}
		all = []statement{one}
	}
	at := func(i int) place { return place{e.File, fmt.Sprintf("%s.PolicyDocument.Statement[%d]", e.Path, i)} }
	maybe := -1
	for i, s := range all {
		if s.Effect != "Allow" && s.Effect != "Deny" || len(s.Action) == 0 && len(s.NotAction) == 0 {
			return unknown(check, e.ID, nil, "statement %d of its policy can't be read", i+1)
		}
		if !s.about(action) {
			continue
		}
		switch always := s.always(); {
		case s.Effect == "Deny" && always:
			return denies(check, e.ID, at(i), "statement %d of its policy denies %s to everyone", i+1, action)
		case s.Effect == "Deny", !always:
			if maybe < 0 {
				maybe = i
			}
		}
	}
	allowed := slices.IndexFunc(all, func(s statement) bool { return s.Effect == "Allow" && s.about(action) })
	switch {
	case allowed < 0:
		return denies(check, e.ID, place{e.File, e.Path + ".PolicyDocument"}, "no statement of its policy allows %s", action)
	case maybe >= 0:
		r := unknown(check, e.ID, nil,
			"statement %d of its policy decides about %s by the principal, the resource or a condition", maybe+1, action)
		r.at = at(maybe)
		return r
	}
	return admits(check, e.ID, at(allowed), "statement %d of its policy allows %s to everyone", allowed+1, action)
}

// about reports whether a statement is about an action. IAM ignores case in actions.
func (s statement) about(action string) bool {
	if len(s.NotAction) > 0 {
		return !slices.ContainsFunc(s.NotAction, func(p string) bool { return matchesAction(p, action) })
	}
	return slices.ContainsFunc(s.Action, func(p string) bool { return matchesAction(p, action) })
}

func matchesAction(pattern, action string) bool {
	ok, err := path.Match(strings.NewReplacer("[", `\[`, `\`, `\\`).Replace(strings.ToLower(pattern)), strings.ToLower(action))
	return err == nil && ok
}

// always reports whether a statement is about every principal and resource, under no condition.
func (s statement) always() bool {
	p := strings.Join(strings.Fields(string(s.Principal)), "")
	return len(s.Condition) == 0 && len(s.NotPrincipal) == 0 && len(s.NotResource) == 0 &&
		slices.Contains(s.Resource, "*") && (p == `"*"` || p == `{"AWS":"*"}` || p == `{"AWS":["*"]}`)
}

// allowed reports whether a call of the same operation as f succeeded through an endpoint.
func (s *Study) allowed(f *flow.Flow, e *endpoint) bool {
	for _, x := range s.flows {
		if x.AWS == nil || x.AWS.Operation == "" || x.AWS.Operation != f.AWS.Operation || x.AWS.Service != f.AWS.Service ||
			x.Response == nil || x.Response.Status < 200 || x.Response.Status > 299 {
			continue
		}
		w := x.Conn.Winner()
		if w == nil {
			continue
		}
		if _, other, _ := s.config.endpointOf(s.packet(x, w.Addr, w.Local)); other == e {
			return true
		}
	}
	return false
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
		w, said := x.Conn.Winner(), x.AWS.Error
		if w == nil || said.Action == "" || said.Deny != "" && said.Deny != flow.DenyVPCEndpoint {
			return out, false
		}
		_, e, _ := s.config.endpointOf(s.packet(x, w.Addr, w.Local))
		if e == nil {
			return out, false
		}
		r := s.config.endpointPolicy(e, said.Action)
		if r.verdict == flow.CheckUnknown && r.at.File != "" && said.Deny == flow.DenyVPCEndpoint {
			r.verdict = flow.CheckDenies // the service says that this policy denies it, and the statement may
		}
		c := flow.ProofCheck{Check: r.check, Verdict: r.verdict, Object: r.object, Says: r.says, File: r.at.File, Path: r.at.Path}
		if !slices.Contains(out.Checks, c) {
			out.Checks = append(out.Checks, c)
		}
		if r.verdict == flow.CheckDenies && said.Deny != flow.DenyVPCEndpoint && s.allowed(x, e) {
			return flow.Proof{
				Verdict: flow.Contradiction,
				Says:    fmt.Sprintf("%s denies %s in these files, and another call of it was answered: no cause is named", e.ID, said.Action),
			}, true
		}
		verdicts[r.verdict]++
		if r.verdict == flow.CheckDenies && out.Cause == nil {
			out.Cause = &flow.ProofCause{Check: r.check, Object: r.object, Of: e.ID, Says: r.says}
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
	out.Cause = nil
	return out, true
}
