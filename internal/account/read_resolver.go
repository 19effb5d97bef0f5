package account

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/netip"
	"strings"

	"detour/internal/lazyregexp"
)

func readResolver(r *reader, at place, raw json.RawMessage) error {
	var x struct {
		owned
		Id, Direction, HostVPCId, Status string //nolint:revive // the API's names
		SecurityGroupIds                 []string
	}
	if err := json.Unmarshal(raw, &x); err != nil || x.Id == "" {
		return errors.Join(err, orNoID(x.Id))
	}
	r.of(x.owned)
	if x.HostVPCId == "" {
		return errCut
	}
	e := &resolverEndpoint{place: at, ID: x.Id, Direction: x.Direction, VPC: x.HostVPCId, Status: x.Status, Groups: x.SecurityGroupIds}
	if err := formed(append([]string{e.ID, e.VPC}, e.Groups...)...); err != nil {
		return err
	}
	add(r, &r.resolvers, e.ID, at, e, equal(func(e *resolverEndpoint) { e.place = place{} }))
	return nil
}

var resolverID = lazyregexp.New(`rslvr-(?:in|out)-[0-9a-f]+`)

// readResolverAddresses reads list-resolver-endpoint-ip-addresses, which doesn't say of which
// endpoint it is: the index or the file's name does, or there is only one.
func readResolverAddresses(r *reader, file string, all []json.RawMessage, _ bool) {
	id := r.subject(file, resolverID)
	for _, raw := range all {
		var x struct{ SubnetId, Ip, Ipv6 string } //nolint:revive // the API's names
		if json.Unmarshal(raw, &x) != nil || formed(x.SubnetId) != nil {
			continue
		}
		for _, s := range []string{x.Ip, x.Ipv6} {
			if a, err := netip.ParseAddr(s); err == nil {
				at := place{file, string(setResolverIPs)}
				r.resolverIP.add(a.String(), &resolverAddress{place: at, Endpoint: id, Subnet: x.SubnetId, Address: a})
			}
		}
	}
}

func readZone(r *reader, at place, raw json.RawMessage) error {
	var x struct {
		HostedZoneId, Name string //nolint:revive // the API's names
		Owner              struct{ OwningAccount, OwningService string }
	}
	if err := json.Unmarshal(raw, &x); err != nil || x.HostedZoneId == "" {
		return errors.Join(err, orNoID(x.HostedZoneId))
	}
	r.account(x.Owner.OwningAccount)
	r.zones = append(r.zones, hostedZone{
		at, x.HostedZoneId, strings.TrimSuffix(strings.ToLower(x.Name), "."), r.subject(at.File, vpcForm), x.Owner.OwningService != "",
	})
	return nil
}

// vpcForm is the VPC whose zones list-hosted-zones-by-vpc lists, in its file's name or command.
var vpcForm = lazyregexp.New(`vpc-[0-9a-f]+`)

func readRule(r *reader, at place, raw json.RawMessage) error {
	var x struct {
		Id, DomainName, RuleType string                      //nolint:revive // the API's names
		TargetIps                []struct{ Ip, Ipv6 string } //nolint:revive // the API's names
	}
	if err := json.Unmarshal(raw, &x); err != nil || x.Id == "" {
		return errors.Join(err, orNoID(x.Id))
	}
	if x.DomainName == "" || x.RuleType == "" {
		return errCut
	}
	rule := &resolverRule{place: at, ID: x.Id, Domain: strings.TrimSuffix(strings.ToLower(x.DomainName), "."), Kind: x.RuleType}
	for _, t := range x.TargetIps {
		if a, err := netip.ParseAddr(cmp.Or(t.Ip, t.Ipv6)); err == nil {
			rule.Targets = append(rule.Targets, a.String())
		}
	}
	if err := formed(rule.ID); err != nil {
		return err
	}
	add(r, &r.rules, rule.ID, at, rule, equal(func(x *resolverRule) { x.place = place{} }))
	return nil
}

func readRuleVPC(r *reader, at place, raw json.RawMessage) error {
	var x struct{ Id, ResolverRuleId, VPCId, Status string } //nolint:revive // the API's names
	if err := json.Unmarshal(raw, &x); err != nil || x.Id == "" {
		return errors.Join(err, orNoID(x.Id))
	}
	if x.ResolverRuleId == "" || x.VPCId == "" {
		return errCut
	}
	a := &ruleVPC{place: at, ID: x.Id, Rule: x.ResolverRuleId, VPC: x.VPCId, Status: x.Status}
	if err := formed(a.ID, a.Rule, a.VPC); err != nil {
		return err
	}
	add(r, &r.ruleVPCs, a.ID, at, a, equal(func(x *ruleVPC) { x.place = place{} }))
	return nil
}
