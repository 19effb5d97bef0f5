package redact

import (
	"strconv"
	"strings"

	"detour/internal/lazyregexp"
)

// A GWT-RPC message is a table of strings and references to them, so it isn't known which
// string is a secret. Only strings that name a call are kept: classes, methods, IDs of
// resources, Regions.
var (
	gwtRequest   = lazyregexp.New(`^\d{1,2}\|\d{1,3}\|\d{1,4}\|`)
	gwtClass     = lazyregexp.New(`^(?:\[+L?)?(?:com|java|javax|org|net|software|aws|amazon)(?:\.[A-Za-z_$][\w$]*)+;?(?:/\d{1,10})?$`)
	gwtMethod    = lazyregexp.New(`^[A-Za-z_$][A-Za-z_$]*(?:\d{1,4}[A-Za-z_$]*){0,2}$`)
	gwtPrimitive = lazyregexp.New(`^\[*[ZBCSIJFD]$`)
	gwtHash      = lazyregexp.New(`^[0-9A-F]{32}$`)
	resourceID   = lazyregexp.New(`^[a-z]{1,12}-(?:[0-9a-f]{8}|[0-9a-f]{17})$`)
	regionName   = lazyregexp.New(`^[a-z]{2}(?:-[a-z]{2,5})?-[a-z]{4,9}-\d[a-z]?$`)
)

// isGWT reports whether s is a GWT-RPC request or response.
func isGWT(s string) bool {
	return strings.HasPrefix(s, "//OK[") || strings.HasPrefix(s, "//EX[") || s[0] <= '9' && s[0] >= '0' && gwtRequest.MatchString(s)
}

// gwt redacts a GWT-RPC request (version|flags|count|strings…|references…) or response.
func (p *pass) gwt(s string, depth int) string {
	if strings.HasPrefix(strings.TrimSpace(s), "//") {
		return p.gwtAnswer(s)
	}
	parts := strings.Split(s, "|")
	n, _ := strconv.Atoi(parts[2])
	for i, v := range parts[3:] {
		switch {
		case i < n && i == 0:
			parts[3+i] = p.value(v, depth) // the module's URL
		case i < n && (i == 1 && gwtHash.MatchString(v) || i == 3 && len(v) <= 80 && gwtMethod.MatchString(v)):
		case i < n:
			parts[3+i] = p.gwtString(v)
		case len(v) > 24:
			parts[3+i] = p.pseudonym("value", v) // neither a reference nor a number
		}
	}
	return strings.Join(parts, "|")
}

// gwtString keeps the names of classes, resources and Regions.
func (p *pass) gwtString(v string) string {
	if gwtClass.MatchString(v) || gwtPrimitive.MatchString(v) || resourceID.MatchString(v) || regionName.MatchString(v) {
		return p.looks(v)
	}
	return p.pseudonym("value", v)
}

// gwtAnswer redacts the strings of //OK[…,["…"],0,7], a JavaScript array.
func (p *pass) gwtAnswer(s string) string {
	var b strings.Builder
	for {
		i := strings.IndexAny(s, "\"'")
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		n := closing(s[i+1:], s[i])
		raw := s[i+1:][:min(n, len(s)-i-1)]
		b.WriteString(s[:i+1])
		v := unquote(raw)
		switch clean := p.gwtString(v); {
		case clean == v, s[i] == '\'' && len(v) <= 11: // a long number
			b.WriteString(raw)
		default:
			b.WriteString(clean)
		}
		s = s[i+1+len(raw):]
		if s != "" {
			b.WriteString(s[:1])
			s = s[1:]
		}
	}
}
