package account

import (
	"encoding/json"
	"errors"
	"net/netip"
	"reflect"
)

var (
	errNoID = errors.New("it has no ID")
	errCut  = errors.New("a part of it was left out, as by --query")
)

// equal reports whether two readings of an object say the same, wherever they stand.
func equal[T any](clear func(*T)) func(a, b *T) bool {
	return func(a, b *T) bool {
		x, y := *a, *b
		clear(&x)
		clear(&y)
		return reflect.DeepEqual(x, y)
	}
}

// prefix parses a CIDR block; the zero Prefix if it isn't one.
func prefix(s string) netip.Prefix {
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return netip.Prefix{}
	}
	return p.Masked()
}

// cidrs are the blocks of a VPC or subnet that are in use.
type cidrs struct {
	CidrBlock string
	V4        []struct {
		CidrBlock      string
		CidrBlockState struct{ State string }
	} `json:"CidrBlockAssociationSet"`
	V6 *[]struct {
		Ipv6CidrBlock      string
		Ipv6CidrBlockState struct{ State string }
	} `json:"Ipv6CidrBlockAssociationSet"`
}

// prefixes are all blocks; cut says that one can't be read.
func (c cidrs) prefixes() (out []netip.Prefix, cut error) {
	add := func(block, state string) {
		switch p := prefix(block); {
		case !p.IsValid():
			cut = errCut
		case state == "" || state == "associated":
			out = append(out, p)
		}
	}
	if len(c.V4) == 0 && c.CidrBlock != "" {
		add(c.CidrBlock, "")
	}
	for _, x := range c.V4 {
		add(x.CidrBlock, x.CidrBlockState.State)
	}
	if c.V6 != nil {
		for _, x := range *c.V6 {
			add(x.Ipv6CidrBlock, x.Ipv6CidrBlockState.State)
		}
	}
	return out, cut
}

func readVPC(r *reader, at place, raw json.RawMessage) error {
	var x struct {
		owned
		VpcId string //nolint:revive // the API's name
		cidrs
	}
	if err := json.Unmarshal(raw, &x); err != nil || x.VpcId == "" {
		return errors.Join(err, orNoID(x.VpcId))
	}
	if err := formed(x.VpcId); err != nil {
		return err
	}
	r.of(x.owned)
	blocks, cut := x.prefixes()
	v := &vpc{
		place: at, ID: x.VpcId, Owner: x.OwnerId, Prefixes: blocks,
		Whole4: cut == nil && len(x.V4) > 0, Whole6: cut == nil && x.V6 != nil,
	}
	if old := r.vpcs.byID[v.ID]; old != nil && old.Prefixes == nil { // an attribute was read first
		v.DNSSupport, v.DNSHostname = old.DNSSupport, old.DNSHostname
		*old = *v
		return nil
	}
	add(r, &r.vpcs, v.ID, at, v, equal(func(v *vpc) { v.place, v.DNSSupport, v.DNSHostname = place{}, nil, nil }))
	return nil
}

func orNoID(id string) error {
	if id == "" {
		return errNoID
	}
	return nil
}

func readDNSSupport(r *reader, file string, top map[string]json.RawMessage) {
	readAttribute(r, file, top, "EnableDnsSupport", func(v *vpc, on bool) { v.DNSSupport = &on })
}

func readDNSHostnames(r *reader, file string, top map[string]json.RawMessage) {
	readAttribute(r, file, top, "EnableDnsHostnames", func(v *vpc, on bool) { v.DNSHostname = &on })
}

func readAttribute(r *reader, file string, top map[string]json.RawMessage, name string, set func(*vpc, bool)) {
	var id string
	var x struct{ Value *bool }
	if json.Unmarshal(top["VpcId"], &id) != nil || json.Unmarshal(top[name], &x) != nil || id == "" || formed(id) != nil || x.Value == nil {
		r.problem(file, name+" has no value")
		return
	}
	v := r.vpcs.byID[id]
	if v == nil {
		v = &vpc{place: place{file, name}, ID: id}
		r.vpcs.add(id, v)
	}
	set(v, *x.Value)
}

func readSubnet(r *reader, at place, raw json.RawMessage) error {
	var x struct {
		owned
		SubnetId, VpcId string //nolint:revive // the API's names
		Ipv6Native      bool
		cidrs
	}
	if err := json.Unmarshal(raw, &x); err != nil || x.SubnetId == "" {
		return errors.Join(err, orNoID(x.SubnetId))
	}
	r.of(x.owned)
	blocks, cut := x.prefixes()
	if cut != nil || x.CidrBlock == "" && !x.Ipv6Native || x.V6 == nil {
		return errCut
	}
	s := &subnet{place: at, ID: x.SubnetId, VPC: x.VpcId, Zone: x.AvailabilityZone, Prefixes: blocks}
	if err := formed(s.ID, s.VPC); err != nil {
		return err
	}
	add(r, &r.subnets, s.ID, at, s, equal(func(s *subnet) { s.place = place{} }))
	return nil
}
