package account

import (
	"encoding/json"
	"path"
	"slices"
	"strings"

	"detour/internal/lazyregexp"
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
		docs, err := documents(f.Data)
		if err != nil || f.Unread != "" || path.Base(f.Name) == IndexName {
			continue
		}
		var text strings.Builder
		for _, doc := range docs {
			text.WriteString(extract(f.Name, doc, ids))
		}
		if text.Len() > 0 {
			out = append(out, File{Name: redact(f.Name), Data: []byte(redact(text.String()))})
		}
	}
	return out
}

// extract is the JSON of what is kept of an output; "" if nothing is.
func extract(file string, doc map[string]json.RawMessage, ids map[string]bool) string {
	top, kept := make(map[string]any), false
	for name, raw := range doc {
		var v any
		if json.Unmarshal(raw, &v) == nil {
			top[name] = v
		}
	}
	for _, s := range shapes {
		list, isList := top[string(s.set)].([]any)
		if !isList {
			continue
		}
		whole := s.list != nil && slices.ContainsFunc(sorted(ids), func(id string) bool { return strings.Contains(file, id) })
		if !whole {
			list = slices.DeleteFunc(list, func(o any) bool { return !about(o, ids) })
		}
		top[string(s.set)], kept = list, kept || len(list) > 0
	}
	withoutSecrets(top)
	data, err := json.MarshalIndent(top, "", " ")
	if err != nil || !kept {
		return ""
	}
	return string(data) + "\n"
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

// secretIn is what a text with keys has, also as escaped XML or JSON: the elements and members of
// the configuration of a customer's router.
var secretIn = lazyregexp.New(`(?i)pre_?shared_?key|auth_?key`)

// withoutSecrets removes these members from an object and what is in it, and texts with keys. AWS
// writes the descriptions of its own interfaces, which say what these are.
func withoutSecrets(o any) {
	switch x := o.(type) {
	case map[string]any:
		for name, v := range x {
			text, _ := v.(string)
			awsOwn := name == "Description" && strings.HasPrefix(text, clientVPNDescription)
			if slices.Contains(written, name) && !awsOwn || secretIn.MatchString(name) || secretIn.MatchString(text) {
				delete(x, name)
				continue
			}
			withoutSecrets(v)
		}
	case []any:
		for i, v := range x {
			if text, isText := v.(string); isText && secretIn.MatchString(text) {
				x[i] = nil
			}
			withoutSecrets(v)
		}
	}
}
