package redact

import "strings"

// The names, squeezed, of members that come in pairs: one is the name of the other's value.
var (
	nameNames = map[string]bool{
		"name": true, "key": true, "parametername": true, "parameterkey": true, "headername": true,
		"fieldname": true, "attributename": true, "optionname": true, "n": true, "k": true, "id": true,
	}
	valueNames = map[string]bool{
		"value": true, "values": true, "parametervalue": true, "headervalue": true, "fieldvalue": true,
		"attributevalue": true, "v": true, "content": true, "stringvalue": true, "defaultvalue": true,
	}
)

// sibling handles a string that was just written at out[from:to], which may be the name of
// another member or of the next element.
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

// isFieldName reports whether v is the name of a header that may be a secret.
func isFieldName(v string) bool {
	switch v = strings.ToLower(v); v {
	case "authorization", "proxy-authorization", "cookie", "set-cookie":
		return true
	}
	return strings.HasPrefix(v, "x-")
}

// isNumber reports whether w looks like a number.
func isNumber(w string) bool {
	return strings.IndexByte("-0123456789", w[0]) >= 0 && strings.Trim(w, "0123456789+-.eE") == ""
}
