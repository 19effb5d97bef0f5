package account

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/netip"

	"detour/internal/lazyregexp"
)

func readRouteTable(r *reader, at place, raw json.RawMessage) error {
	var x struct {
		owned
		RouteTableId, VpcId string //nolint:revive // the API's names
		Associations        []struct {
			Main                bool
			SubnetId, GatewayId string //nolint:revive // the API's names
			AssociationState    struct{ State string }
		}
		Routes *[]struct {
			DestinationCidrBlock, DestinationIpv6CidrBlock, DestinationPrefixListId   string //nolint:revive // the API's names
			GatewayId, TransitGatewayId, NatGatewayId, VpcPeeringConnectionId         string //nolint:revive // the API's names
			NetworkInterfaceId, InstanceId, LocalGatewayId, CarrierGatewayId          string //nolint:revive // the API's names
			EgressOnlyInternetGatewayId, CoreNetworkArn, OdbNetworkArn, State, Origin string //nolint:revive // the API's names
		}
	}
	if err := json.Unmarshal(raw, &x); err != nil || x.RouteTableId == "" {
		return errors.Join(err, orNoID(x.RouteTableId))
	}
	r.of(x.owned)
	if x.Routes == nil || x.Associations == nil {
		return errCut
	}
	t := &routeTable{place: at, ID: x.RouteTableId, VPC: x.VpcId}
	for _, a := range x.Associations {
		if !a.Main && a.SubnetId == "" && a.GatewayId == "" {
			return errCut
		}
		if s := a.AssociationState.State; s != "" && s != "associated" {
			continue
		}
		t.Main = t.Main || a.Main
		if a.SubnetId != "" {
			t.Subnets = append(t.Subnets, a.SubnetId)
		}
	}
	for _, y := range *x.Routes {
		block := prefix(cmp.Or(y.DestinationCidrBlock, y.DestinationIpv6CidrBlock))
		if !block.IsValid() && y.DestinationPrefixListId == "" || y.Origin == "" {
			return errCut
		}
		t.Routes = append(t.Routes, route{
			Prefix: block, List: y.DestinationPrefixListId,
			Target: cmp.Or(y.GatewayId, y.TransitGatewayId, y.NatGatewayId, y.VpcPeeringConnectionId, y.NetworkInterfaceId,
				y.InstanceId, y.LocalGatewayId, y.CarrierGatewayId, y.EgressOnlyInternetGatewayId, y.CoreNetworkArn, y.OdbNetworkArn),
			Blackhole: y.State == "blackhole", Doubtful: y.State != "" && y.State != "active" && y.State != "blackhole",
			Static: y.Origin != "EnableVgwRoutePropagation",
		})
	}
	if err := formed(append([]string{t.ID, t.VPC}, t.Subnets...)...); err != nil {
		return err
	}
	for _, x := range t.Routes {
		if err := formed(x.Target, x.List); err != nil {
			return err
		}
	}
	add(r, &r.tables, t.ID, at, t, equal(func(t *routeTable) { t.place = place{} }))
	return nil
}

func readVPNGateway(r *reader, at place, raw json.RawMessage) error {
	var x struct {
		VpnGatewayId, State string                           //nolint:revive // the API's names
		VpcAttachments      *[]struct{ VpcId, State string } //nolint:revive // the API's names
	}
	if err := json.Unmarshal(raw, &x); err != nil || x.VpnGatewayId == "" {
		return errors.Join(err, orNoID(x.VpnGatewayId))
	}
	if x.VpcAttachments == nil {
		return errCut
	}
	g := &vpnGateway{place: at, ID: x.VpnGatewayId, State: x.State, Attached: make(map[string]string)}
	for _, a := range *x.VpcAttachments {
		if a.VpcId == "" || a.State == "" {
			return errCut
		}
		g.Attached[a.VpcId] = a.State
	}
	if err := formed(g.ID); err != nil {
		return err
	}
	add(r, &r.vgws, g.ID, at, g, equal(func(g *vpnGateway) { g.place = place{} }))
	return nil
}

// readVPN leaves out CustomerGatewayConfiguration and PreSharedKey, which are secrets.
func readVPN(r *reader, at place, raw json.RawMessage) error {
	var x struct {
		VpnConnectionId, State, VpnGatewayId, TransitGatewayId string //nolint:revive // the API's names
		GatewayAssociationState                                string
		VgwTelemetry                                           []struct{ OutsideIpAddress, Status, StatusMessage string }
	}
	if err := json.Unmarshal(raw, &x); err != nil || x.VpnConnectionId == "" {
		return errors.Join(err, orNoID(x.VpnConnectionId))
	}
	if x.VpnGatewayId == "" && x.TransitGatewayId == "" && x.GatewayAssociationState != "not-associated" {
		return errCut
	}
	v := &vpnConnection{place: at, ID: x.VpnConnectionId, State: x.State, Gateway: x.VpnGatewayId, Transit: x.TransitGatewayId}
	for _, t := range x.VgwTelemetry {
		v.Tunnels = append(v.Tunnels, tunnel{Address: t.OutsideIpAddress, Message: short(t.StatusMessage), Up: t.Status != "DOWN"})
	}
	if err := formed(v.ID, v.Gateway, v.Transit); err != nil {
		return err
	}
	add(r, &r.vpns, v.ID, at, v, equal(func(v *vpnConnection) { v.place = place{} }))
	return nil
}

// readVirtualInterface leaves out authKey and customerRouterConfig, which are secrets.
func readVirtualInterface(r *reader, at place, raw json.RawMessage) error {
	var x struct {
		ID            string `json:"virtualInterfaceId"`
		State         string `json:"virtualInterfaceState"`
		Gateway       string `json:"virtualGatewayId"`
		DirectGateway string `json:"directConnectGatewayId"`
		Kind          string `json:"virtualInterfaceType"`
		Peers         []struct {
			Status string `json:"bgpStatus"`
		} `json:"bgpPeers"`
	}
	if err := json.Unmarshal(raw, &x); err != nil || x.ID == "" {
		return errors.Join(err, orNoID(x.ID))
	}
	if x.Gateway == "" && x.DirectGateway == "" && x.Kind != "public" && x.Kind != "transit" {
		return errCut
	}
	v := &virtualInterface{place: at, ID: x.ID, State: x.State, Gateway: x.Gateway, DirectGateway: x.DirectGateway}
	for _, p := range x.Peers {
		v.BGPKnown = true
		v.BGPUp = v.BGPUp || p.Status != "down"
	}
	if err := formed(v.ID, v.Gateway); err != nil {
		return err
	}
	add(r, &r.vifs, v.ID, at, v, equal(func(v *virtualInterface) { v.place = place{} }))
	return nil
}

func readTransitAttachment(r *reader, at place, raw json.RawMessage) error {
	var x struct {
		owned
		TransitGatewayAttachmentId, TransitGatewayId, ResourceId, ResourceType, State string //nolint:revive // the API's names
		Association                                                                   struct {
			TransitGatewayRouteTableId, State string //nolint:revive // the API's names
		}
	}
	if err := json.Unmarshal(raw, &x); err != nil || x.TransitGatewayAttachmentId == "" {
		return errors.Join(err, orNoID(x.TransitGatewayAttachmentId))
	}
	r.of(x.owned)
	a := &transitAttachment{
		place: at, ID: x.TransitGatewayAttachmentId, Transit: x.TransitGatewayId, Resource: x.ResourceId,
		Kind: x.ResourceType, State: x.State,
	}
	if x.Association.State == "associated" {
		a.Table = x.Association.TransitGatewayRouteTableId
	}
	if err := formed(a.ID, a.Transit, a.Resource, a.Table); err != nil {
		return err
	}
	add(r, &r.tgwLinks, a.ID, at, a, equal(func(a *transitAttachment) { a.place = place{} }))
	return nil
}

var transitTableID = lazyregexp.New(`tgw-rtb-[0-9a-f]+`)

// readTransitRoutes reads search-transit-gateway-routes, which doesn't say of which table it
// is: the index or the file's name does.
func readTransitRoutes(r *reader, file string, all []json.RawMessage, more bool) {
	id := r.subject(file, transitTableID)
	if id == "" {
		r.problem(file, "routes of a transit gateway without the ID of their table: "+
			"the file's name must have it, as routes_tgw-rtb-0123.json")
		return
	}
	out := &transitRoutes{place: place{file, string(setTGWRoutes)}, Partial: more}
	for _, raw := range all {
		var x struct {
			DestinationCidrBlock, State, Type, PrefixListId string //nolint:revive // the API's names
			TransitGatewayAttachments                       []struct {
				TransitGatewayAttachmentId, ResourceId string //nolint:revive // the API's names
			}
		}
		if err := json.Unmarshal(raw, &x); err != nil || !prefix(x.DestinationCidrBlock).IsValid() {
			out.Partial = true
			continue
		}
		y := transitRoute{
			Prefix: prefix(x.DestinationCidrBlock), Blackhole: x.State == "blackhole",
			Doubtful: x.State != "active" && x.State != "blackhole", Static: x.Type == "static",
		}
		for _, a := range x.TransitGatewayAttachments {
			y.Attachments, y.Resources = append(y.Attachments, a.TransitGatewayAttachmentId), append(y.Resources, a.ResourceId)
		}
		out.Routes = append(out.Routes, y)
	}
	if out.Partial {
		r.problem(file, "a part of the routes is missing")
	}
	if !r.tgwRoutes.add(id, out) {
		old := r.tgwRoutes.byID[id]
		old.Routes, old.Partial = append(old.Routes, out.Routes...), old.Partial || out.Partial
	}
}

func readClientVPN(r *reader, at place, raw json.RawMessage) error {
	var x struct {
		ClientVpnEndpointId, ClientCidrBlock string //nolint:revive // the API's names
	}
	if err := json.Unmarshal(raw, &x); err != nil || x.ClientVpnEndpointId == "" {
		return errors.Join(err, orNoID(x.ClientVpnEndpointId))
	}
	c := &clientVPN{place: at, ID: x.ClientVpnEndpointId, Range: prefix(x.ClientCidrBlock)}
	if err := formed(c.ID); err != nil {
		return err
	}
	add(r, &r.clientVPNs, c.ID, at, c, equal(func(c *clientVPN) { c.place = place{} }))
	return nil
}

// longest is the most specific prefix that contains a; -1 if none does.
func longest[T any](all []T, a netip.Addr, of func(T) netip.Prefix) int {
	best := -1
	for i, x := range all {
		if p := of(x); p.IsValid() && p.Contains(a) && (best < 0 || p.Bits() > of(all[best]).Bits()) {
			best = i
		}
	}
	return best
}
