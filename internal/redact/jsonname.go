package redact

import "strings"

// Members that come in pairs, squeezed: the one names what the other holds.
var (
	nameNames = map[string]bool{
		"name": true, "key": true, "parametername": true, "parameterkey": true, "headername": true,
		"fieldname": true, "attributename": true, "n": true, "k": true, "id": true,
	}
	valueNames = map[string]bool{
		"value": true, "values": true, "parametervalue": true, "headervalue": true, "fieldvalue": true,
		"attributevalue": true, "v": true, "content": true, "stringvalue": true, "defaultvalue": true,
	}
)

// sibling looks at a string that was just written at out[from:to]: whether it names
// what another member, or the next element, holds.
func (j *jsonScan) sibling(from, to int, v string) {
	f := j.top()
	if !f.object {
		if f.n == 0 && len(j.frames) > 1 && isFieldName(v) {
			f.name, f.named = v, j.kind(v)
		}
		return
	}
	switch about := j.look(f.key); {
	case !f.inValue:
	case about.isNamed && f.named == "":
		f.value, f.from, f.to = v, from, to
	case about.names && len(v) <= 128:
		f.name, f.named = v, j.kind(v)
		if f.named != "" && f.value != "" {
			tail := string(j.out[f.to:])
			before := len(j.out)
			j.out = append(quote(j.out[:f.from], j.secret(v, f.named, f.value)), tail...)
			j.lastOut += len(j.out) - before
			f.value = ""
		}
	}
}

// isFieldName reports whether v is the name of a header that may have a secret.
func isFieldName(v string) bool {
	switch v = strings.ToLower(v); v {
	case "authorization", "proxy-authorization", "cookie", "set-cookie":
		return true
	}
	return strings.HasPrefix(v, "x-")
}

// isAccountKey reports whether a member's number is an account's.
func isAccountKey(key string) bool {
	key = squeeze(key)
	return strings.Contains(key, "account") || strings.Contains(key, "owner")
}

// isNumber reports whether w begins as a number and has nothing else in it.
func isNumber(w string) bool {
	return strings.IndexByte("-0123456789", w[0]) >= 0 && strings.Trim(w, "0123456789+-.eE") == ""
}
