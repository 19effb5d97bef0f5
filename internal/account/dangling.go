package account

import (
	"slices"
	"strings"

	"detour/internal/lazyregexp"
	"detour/internal/wording"
)

// dangling finds objects that others name and no file has: the set was filtered, or is of
// another time, so what isn't in it is unknown. A set of which there is no file at all is
// missing anyway.
func (r *reader) dangling() {
	lacks := make(map[set]map[string]bool)
	want := func(s set, id string, there bool) {
		if id == "" || there || r.sets[s] == nil || len(r.sets[s].files) == 0 {
			return
		}
		if lacks[s] == nil {
			lacks[s] = make(map[string]bool)
		}
		lacks[s][id] = true
	}
	for _, e := range r.endpoints.all {
		if deadStates[strings.ToLower(e.State)] {
			continue // its interfaces are deleted
		}
		for _, id := range e.Interfaces {
			want(setInterfaces, id, r.interfaces.byID[id] != nil)
		}
	}
	for _, n := range r.interfaces.all {
		id := endpointIn.FindString(n.Description)
		want(setEndpoints, id, r.endpoints.byID[id] != nil || r.byENI[n.ID] != nil)
		if r.byENI[n.ID] == nil {
			continue
		}
		want(setSubnets, n.Subnet, r.subnets.byID[n.Subnet] != nil)
		want(setVPCs, n.VPC, r.vpcs.byID[n.VPC] != nil)
		for _, id := range n.Groups {
			want(setGroups, id, r.groups.byID[id] != nil)
		}
		want(setTables, n.VPC, slices.ContainsFunc(r.tables.all, func(t *routeTable) bool { return t.VPC == n.VPC }))
		want(setACLs, n.VPC, slices.ContainsFunc(r.acls.all, func(a *networkACL) bool { return a.VPC == n.VPC }))
	}
	if len(r.vpnENIs) > 0 {
		want(setClientVPNs, r.vpnENIs[0].ID, len(r.clientVPNs.all) > 0)
	}
	for _, id := range r.Seen().Lists {
		l, e := r.lists.byID[id], r.entries.byID[id]
		want(setEntries, id, e != nil || l != nil && l.Owner == "AWS")
	}
	r.danglingVPNs(want)
	for _, s := range shapes {
		ids := sorted(lacks[s.set])
		if len(ids) == 0 {
			continue
		}
		if x := r.reading(s.set); s.set == setInterfaces || s.set == setEndpoints || s.set == setVPNs || s.set == setClientVPNs {
			x.partial = append(x.partial, ids...)
		} else {
			x.lacks = append(x.lacks, ids...)
		}
		r.problem("", "aws "+s.command+": other files name "+wording.Some(ids, 3)+
			", which isn't there: the output was filtered, or is of another time or account")
	}
}

// danglingVPNs finds the VPN connections that transit gateways name.
func (r *reader) danglingVPNs(want func(s set, id string, there bool)) {
	for _, a := range r.tgwLinks.all {
		if a.Kind == "vpn" && !slices.Contains(deadAttachments, a.State) {
			want(setVPNs, a.Resource, r.vpns.byID[a.Resource] != nil)
		}
	}
	for _, t := range r.tgwRoutes.all {
		for _, x := range t.Routes {
			for _, id := range x.Resources {
				if strings.HasPrefix(id, "vpn-") {
					want(setVPNs, id, r.vpns.byID[id] != nil)
				}
			}
		}
	}
}

// endpointIn is the endpoint in the description that AWS gives its interfaces: "VPC Endpoint
// Interface vpce-0123".
var endpointIn = lazyregexp.New(`\bvpce-[0-9a-f]+\b`)
