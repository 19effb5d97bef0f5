package account

import (
	"encoding/json"
	"path"
	"slices"
	"strings"
)

// Needed are the IDs of the objects that the proofs so far are about: interfaces, endpoints,
// groups, and what else was looked at.
func (s *Study) Needed() map[string]bool {
	ids := make(map[string]bool)
	for _, t := range s.tracks {
		if t.eni != nil {
			ids[t.eni.ID], ids[t.eni.Subnet], ids[t.eni.VPC] = true, true, true
			for _, g := range t.eni.Groups {
				ids[g] = true
			}
		}
		if t.endpoint != nil {
			ids[t.endpoint.ID] = true
		}
		for _, r := range t.results {
			ids[r.object] = true
		}
	}
	delete(ids, "")
	for _, g := range s.config.groups.all {
		if ids[g.ID] {
			for _, r := range g.In {
				for _, l := range r.Lists {
					ids[l] = true
				}
			}
		}
	}
	return ids
}

// Extract returns the files with only the objects that have one of the IDs, without secrets and
// without what people write: tags and descriptions. Files with none of them are left out; a file
// that doesn't say what it is about is kept if its name has one of the IDs. redact goes over the
// text.
func Extract(files []File, ids map[string]bool, redact func(string) string) (out []File) {
	for _, f := range files {
		var top map[string]any
		if json.Unmarshal(f.Data, &top) != nil || path.Base(f.Name) == IndexName {
			continue
		}
		kept := false
		for _, s := range shapes {
			list, isList := top[string(s.set)].([]any)
			if !isList {
				continue
			}
			whole := s.list != nil && slices.ContainsFunc(sorted(ids), func(id string) bool { return strings.Contains(f.Name, id) })
			if !whole {
				list = slices.DeleteFunc(list, func(o any) bool { return !about(o, ids) })
			}
			for _, o := range list {
				withoutSecrets(o)
			}
			top[string(s.set)], kept = list, kept || len(list) > 0
		}
		if !kept {
			continue
		}
		if data, err := json.MarshalIndent(top, "", " "); err == nil {
			out = append(out, File{Name: redact(f.Name), Data: []byte(redact(string(data)) + "\n")})
		}
	}
	return out
}

// about reports whether an object has one of the IDs as its own, in a member whose name ends
// with Id, or is associated with one.
func about(o any, ids map[string]bool) bool {
	x, isObject := o.(map[string]any)
	if !isObject {
		return false
	}
	for name, v := range x {
		if id, isText := v.(string); isText && ids[id] && name != "VpcId" && strings.HasSuffix(strings.ToLower(name), "id") {
			return true
		}
	}
	_, hasOwn := x["CidrBlockAssociationSet"] // a VPC, whose ID others have as well
	id, _ := x["VpcId"].(string)
	return hasOwn && ids[id]
}

// written are the members of objects that have secrets, or what a person wrote.
var written = []string{
	"CustomerGatewayConfiguration", "PreSharedKey", "authKey", "customerRouterConfig", "TunnelOptions", "Options",
	"Tags", "TagSet", "tags", "Description", "Name", "GroupName", "virtualInterfaceName", "RequesterId", "CreatorRequestId",
}

// withoutSecrets removes these members from an object and what is in it.
func withoutSecrets(o any) {
	switch x := o.(type) {
	case map[string]any:
		for _, name := range written {
			delete(x, name)
		}
		for _, v := range x {
			withoutSecrets(v)
		}
	case []any:
		for _, v := range x {
			withoutSecrets(v)
		}
	}
}
