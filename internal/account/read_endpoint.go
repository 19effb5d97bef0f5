package account

import (
	"encoding/json"
	"errors"
	"net/netip"
	"slices"
	"strings"
)

func readEndpoint(r *reader, at place, raw json.RawMessage) error {
	var x struct {
		owned
		VpcEndpointId, VpcEndpointType, VpcId, ServiceName, State, PolicyDocument string //nolint:revive // the API's names
		PrivateDnsEnabled                                                         bool
		SubnetIds, NetworkInterfaceIds                                            []string
		Groups                                                                    []groupID
		DnsEntries                                                                []struct{ DnsName string }
		DnsOptions                                                                struct{ PrivateDnsOnlyForInboundResolverEndpoint bool }
	}
	if err := json.Unmarshal(raw, &x); err != nil || x.VpcEndpointId == "" {
		return errors.Join(err, orNoID(x.VpcEndpointId))
	}
	r.of(x.owned)
	r.region(regionOfService(x.ServiceName))
	if slices.Contains(x.Groups, groupID{}) {
		return errCut
	}
	e := &endpoint{
		place: at, ID: x.VpcEndpointId, Kind: x.VpcEndpointType, VPC: x.VpcId, Service: x.ServiceName, State: x.State,
		Owner: x.OwnerId, Policy: x.PolicyDocument, PrivateDNS: x.PrivateDnsEnabled, Subnets: x.SubnetIds,
		Interfaces: x.NetworkInterfaceIds, Groups: ids(x.Groups), Region: regionOfService(x.ServiceName),
		InboundOnly: x.DnsOptions.PrivateDnsOnlyForInboundResolverEndpoint,
	}
	for _, d := range x.DnsEntries {
		name := strings.TrimSuffix(strings.ToLower(d.DnsName), ".")
		e.Names = append(e.Names, strings.Replace(name, `\052`, "*", 1)) // Route 53 writes * so
	}
	if err := formed(slices.Concat([]string{e.ID, e.VPC}, e.Groups, e.Interfaces, e.Subnets)...); err != nil {
		return err
	}
	add(r, &r.endpoints, e.ID, at, e, equal(func(e *endpoint) { e.place = place{} }))
	return nil
}

// regionOfService is the Region in the name of an endpoint service, as
// com.amazonaws.eu-central-1.logs; "" if there is none.
func regionOfService(name string) string {
	name = strings.TrimPrefix(name, "cn.")
	parts := strings.Split(name, ".")
	if len(parts) < 4 || parts[0] != "com" || parts[1] != "amazonaws" {
		return ""
	}
	for _, p := range parts[2:4] { // com.amazonaws.REGION.…, com.amazonaws.vpce.REGION.…
		if regionForm.MatchString(p) {
			return p
		}
	}
	return ""
}

type groupID struct{ GroupId string } //nolint:revive // the API's name

func ids(all []groupID) (out []string) {
	for _, g := range all {
		out = append(out, g.GroupId)
	}
	return out
}

func readInterface(r *reader, at place, raw json.RawMessage) error {
	var x struct {
		owned
		NetworkInterfaceId, SubnetId, VpcId, Status, InterfaceType, Description, PrivateIpAddress string //nolint:revive // the API's names
		Groups                                                                                    *[]groupID
		PrivateIpAddresses                                                                        []struct{ PrivateIpAddress string }
		Ipv6Addresses                                                                             []struct{ Ipv6Address string }
	}
	if err := json.Unmarshal(raw, &x); err != nil || x.NetworkInterfaceId == "" {
		return errors.Join(err, orNoID(x.NetworkInterfaceId))
	}
	r.of(x.owned)
	if x.Groups == nil || slices.Contains(*x.Groups, groupID{}) || x.SubnetId == "" || x.VpcId == "" {
		return errCut
	}
	n := &networkInterface{
		place: at, ID: x.NetworkInterfaceId, Subnet: x.SubnetId, VPC: x.VpcId, Status: x.Status,
		Kind: x.InterfaceType, Description: x.Description, Groups: ids(*x.Groups),
	}
	seen := make(map[netip.Addr]bool)
	has := func(s string) {
		if a, err := netip.ParseAddr(s); err == nil && !seen[a.Unmap()] {
			seen[a.Unmap()] = true
			n.Addresses = append(n.Addresses, a.Unmap())
		}
	}
	has(x.PrivateIpAddress)
	for _, a := range x.PrivateIpAddresses {
		has(a.PrivateIpAddress)
	}
	for _, a := range x.Ipv6Addresses {
		has(a.Ipv6Address)
	}
	if err := formed(append([]string{n.ID, n.VPC, n.Subnet}, n.Groups...)...); err != nil {
		return err
	}
	add(r, &r.interfaces, n.ID, at, n, equal(func(n *networkInterface) { n.place = place{} }))
	return nil
}
