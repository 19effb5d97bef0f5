package account

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/netip"
	"slices"
	"strings"

	"detour/internal/lazyregexp"
)

func readGroup(r *reader, at place, raw json.RawMessage) error {
	var x struct {
		owned
		GroupId, GroupName, VpcId string //nolint:revive // the API's names
		IpPermissions             *[]struct {
			IpProtocol       string
			FromPort, ToPort *int
			IpRanges         *[]struct{ CidrIp string }
			Ipv6Ranges       *[]struct{ CidrIpv6 string }
			PrefixListIds    *[]struct{ PrefixListId string } //nolint:revive // the API's name
			UserIdGroupPairs *[]groupID
		}
	}
	if err := json.Unmarshal(raw, &x); err != nil || x.GroupId == "" {
		return errors.Join(err, orNoID(x.GroupId))
	}
	r.of(x.owned)
	if x.IpPermissions == nil {
		return errCut
	}
	g := &securityGroup{place: at, ID: x.GroupId, Name: x.GroupName, VPC: x.VpcId, Owner: x.OwnerId}
	for _, p := range *x.IpPermissions {
		if p.IpRanges == nil || p.Ipv6Ranges == nil || p.PrefixListIds == nil || p.UserIdGroupPairs == nil {
			return errCut // AWS writes all four, also if they are empty
		}
		rule := permission{Protocol: p.IpProtocol, From: -1, To: -1}
		switch {
		case p.FromPort != nil && p.ToPort != nil:
			rule.From, rule.To = *p.FromPort, *p.ToPort
		case p.FromPort != nil || p.ToPort != nil:
			rule.SelfContradict = true
		}
		source := func(s string) {
			if q := prefix(s); q.IsValid() {
				rule.Sources = append(rule.Sources, q)
			} else {
				rule.Unreadable = append(rule.Unreadable, s)
			}
		}
		for _, c := range *p.IpRanges {
			source(c.CidrIp)
		}
		for _, c := range *p.Ipv6Ranges {
			source(c.CidrIpv6)
		}
		for _, l := range *p.PrefixListIds {
			if l.PrefixListId == "" {
				return errCut
			}
			rule.Lists = append(rule.Lists, l.PrefixListId)
		}
		for _, g := range *p.UserIdGroupPairs {
			if g.GroupId == "" {
				return errCut
			}
			rule.Groups = append(rule.Groups, g.GroupId)
		}
		if len(rule.Sources)+len(rule.Lists)+len(rule.Groups)+len(rule.Unreadable) == 0 {
			rule.Unreadable = []string{"none"} // AWS has no rule without a source
		}
		if err := formed(append(rule.Lists, rule.Groups...)...); err != nil {
			return err
		}
		g.In = append(g.In, rule)
	}
	if err := formed(g.ID, g.VPC); err != nil {
		return err
	}
	add(r, &r.groups, g.ID, at, g, equal(func(g *securityGroup) { g.place = place{} }))
	return nil
}

func readACL(r *reader, at place, raw json.RawMessage) error {
	var x struct {
		owned
		NetworkAclId, VpcId string                      //nolint:revive // the API's names
		Associations        []struct{ SubnetId string } //nolint:revive // the API's name
		Entries             *[]struct {
			CidrBlock, Ipv6CidrBlock, Protocol, RuleAction string
			Egress                                         *bool
			RuleNumber                                     *int
			PortRange                                      *struct{ From, To *int }
		}
	}
	if err := json.Unmarshal(raw, &x); err != nil || x.NetworkAclId == "" {
		return errors.Join(err, orNoID(x.NetworkAclId))
	}
	r.of(x.owned)
	if x.Entries == nil || x.Associations == nil {
		return errCut
	}
	a := &networkACL{place: at, ID: x.NetworkAclId, VPC: x.VpcId}
	for _, s := range x.Associations {
		a.Subnets = append(a.Subnets, s.SubnetId)
	}
	for _, e := range *x.Entries {
		if e.Egress == nil || e.RuleNumber == nil || e.PortRange != nil && (e.PortRange.From == nil || e.PortRange.To == nil) {
			return errCut
		}
		if n, known := protocolNumbers[strings.ToLower(e.Protocol)]; known {
			e.Protocol = n
		}
		entry := aclEntry{
			Number: *e.RuleNumber, Allow: e.RuleAction == "allow", Protocol: e.Protocol, To: 65535,
			Prefix: prefix(cmp.Or(e.CidrBlock, e.Ipv6CidrBlock)),
		}
		entry.Bad = !entry.Prefix.IsValid() || e.RuleAction != "allow" && e.RuleAction != "deny" ||
			e.PortRange == nil && (e.Protocol == "6" || e.Protocol == "17") || !protocolNumber.MatchString(e.Protocol)
		if e.PortRange != nil {
			entry.From, entry.To = *e.PortRange.From, *e.PortRange.To
		}
		if *e.Egress {
			a.Out = append(a.Out, entry)
		} else {
			a.In = append(a.In, entry)
		}
	}
	for _, es := range [][]aclEntry{a.In, a.Out} {
		slices.SortStableFunc(es, func(x, y aclEntry) int { return cmp.Compare(x.Number, y.Number) })
	}
	if err := formed(append([]string{a.ID, a.VPC}, a.Subnets...)...); err != nil {
		return err
	}
	add(r, &r.acls, a.ID, at, a, equal(func(a *networkACL) { a.place = place{} }))
	return nil
}

// protocolNumber is how network ACLs write protocols; -1 is all of them.
var protocolNumber = lazyregexp.New(`^(-1|\d{1,3})$`)

// readPrefixList reads one of describe-managed-prefix-lists, or of describe-prefix-lists,
// which has the entries with it.
func readPrefixList(r *reader, at place, raw json.RawMessage) error {
	var x struct {
		owned
		PrefixListId, PrefixListName string //nolint:revive // the API's names
		Cidrs                        []string
	}
	if err := json.Unmarshal(raw, &x); err != nil || x.PrefixListId == "" {
		return errors.Join(err, orNoID(x.PrefixListId))
	}
	r.of(x.owned)
	l := &prefixList{place: at, ID: x.PrefixListId, Name: x.PrefixListName, Owner: x.OwnerId}
	if err := formed(l.ID); err != nil {
		return err
	}
	add(r, &r.lists, l.ID, at, l, equal(func(l *prefixList) { l.place, l.Owner = place{}, "" }))
	if len(x.Cidrs) > 0 {
		blocks := prefixes(x.Cidrs)
		r.addEntries(l.ID, &prefixEntries{place: at, Prefixes: blocks, Partial: len(blocks) != len(x.Cidrs)})
		if e := r.reading(setEntries); !slices.Contains(e.files, at.File) {
			e.files = append(e.files, at.File)
		}
	}
	return nil
}

func prefixes(all []string) (out []netip.Prefix) {
	for _, s := range all {
		if p := prefix(s); p.IsValid() {
			out = append(out, p)
		}
	}
	return out
}

var listID = lazyregexp.New(`pl-[0-9a-f]+`)

// readPrefixEntries reads get-managed-prefix-list-entries, which doesn't say of which list it
// is: the index or the file's name does.
func readPrefixEntries(r *reader, file string, all []json.RawMessage, more bool) {
	id := r.subject(file, listID)
	if id == "" {
		r.problem(file, "entries of a prefix list without its ID: the file's name must have it, as entries_pl-0123.json")
		return
	}
	out := &prefixEntries{place: place{file, string(setEntries)}, Partial: more}
	for _, raw := range all {
		var x struct{ Cidr string }
		if err := json.Unmarshal(raw, &x); err != nil || !prefix(x.Cidr).IsValid() {
			out.Partial = true
			continue
		}
		out.Prefixes = append(out.Prefixes, prefix(x.Cidr))
	}
	if out.Partial {
		r.problem(file, "partial page (NextToken)")
	}
	r.addEntries(id, out)
}

// addEntries adds entries to those of a list that are known: pages, and two files of one list.
func (r *reader) addEntries(id string, more *prefixEntries) {
	if r.entries.add(id, more) {
		return
	}
	old := r.entries.byID[id]
	old.Prefixes = append(old.Prefixes, more.Prefixes...)
	old.Partial = old.Partial && more.Partial
}

// subject is the ID of what an output is about: in the command of the index, or else in the
// file's name. "" if there isn't exactly one.
func (r *reader) subject(file string, id lazyregexp.Regexp) string {
	for _, text := range []string{r.indexed[file].Command, file} {
		all := id.FindAllString(text, -1)
		slices.Sort(all)
		if all = slices.Compact(all); len(all) == 1 {
			return all[0]
		}
	}
	return ""
}
