package redact

import (
	"encoding/hex"
	"strings"
	"unicode/utf16"

	"detour/internal/flow"
	"detour/internal/lazyregexp"
)

// emailOID is the type emailAddress of RFC 2985, which crypto/x509/pkix writes as an OID.
const emailOID = "1.2.840.113549.1.9.1"

// certName redacts a subject or an issuer. If redaction is strict and the CA isn't public,
// they are those of a company: of an attribute stays its type, the country, the host of a
// leaf, and the name of a vendor of proxies, which findings are about.
func certName(p *pass, issued flow.Issuer, leaf bool, name string) string {
	if !p.opt.Strict || issued == flow.IssuerAWS || issued == flow.IssuerPublic || name == "" {
		return p.foreign(name)
	}
	var b strings.Builder
	for name != "" {
		end := rdnEnd(name)
		attribute, v, ok := strings.Cut(name[:end], "=")
		switch {
		case !ok:
			b.WriteString(companyName(p, name[:end]))
		case attribute == "C" && len(v) == 2, leaf && attribute == "CN" && isHost(v):
			b.WriteString(attribute + "=" + p.foreign(v))
		case isEmailType(attribute):
			b.WriteString(p.looks(attribute) + "=" + unlessAlias(p, "email", derText(v)))
		default:
			b.WriteString(p.looks(attribute) + "=" + companyName(p, derText(v)))
		}
		if end < len(name) {
			b.WriteByte(name[end])
			end++
		}
		name = name[end:]
	}
	return b.String()
}

// rdnEnd returns the length of s before an unescaped ',' or '+' (RFC 4514, 3).
func rdnEnd(s string) int {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case ',', '+':
			return i
		}
	}
	return len(s)
}

func isEmailType(attribute string) bool {
	switch strings.ToLower(strings.TrimSpace(attribute)) {
	case emailOID, "oid." + emailOID, "emailaddress", "email", "e", "mail":
		return true
	}
	return false
}

// isHost reports whether s looks like the name of a host.
func isHost(s string) bool {
	return strings.Contains(s, ".") && strings.Trim(s, lower+upper+number+"*.-") == ""
}

// companyName replaces a name by a pseudonym. It keeps the vendor at its beginning.
func companyName(p *pass, v string) string {
	vendor := vendors.FindString(v)
	rest := strings.TrimSpace(v[len(vendor):])
	switch {
	case rest == "":
		return v
	case vendor != "":
		return vendor + " " + unlessAlias(p, "name", rest)
	}
	return unlessAlias(p, "name", v)
}

// vendors are those of proxies that inspect TLS, of virus scanners that do, and of tools
// that do for a developer, as they are in the names of their CAs.
var vendors = lazyregexp.New(`^(?:Zscaler|Netskope|Palo Alto Networks|Fortinet|FortiGate|Forcepoint|Cisco Umbrella|Cisco|` +
	`Blue Coat|Symantec|McAfee|Skyhigh|Trellix|Sophos|Check Point|iboss|Cloudflare|Barracuda|WatchGuard|SonicWall|Menlo Security|` +
	`Broadcom|Kaspersky|ESET|Avast|AVG|Bitdefender|mitmproxy|Charles Proxy|DO_NOT_TRUST_FiddlerRoot|PortSwigger|Proxyman|detour|` +
	`Amazon|Let's Encrypt|DigiCert)\b`)

// unlessAlias returns the pseudonym for v, or v if it is one.
func unlessAlias(p *pass, kind, v string) string {
	if strings.TrimSpace(v) == "" || v == mark || isAlias.MatchString(v) {
		return v
	}
	return p.alias(kind, v)
}

var isAlias = lazyregexp.New(`^redacted-[a-z]{1,10}-[0-9a-f]{10}$`)

// derText returns the text of a value that pkix wrote as '#' and the hex of its DER (RFC
// 4514, 2.4); any other value as it is.
func derText(v string) string {
	coded, ok := strings.CutPrefix(v, "#")
	if !ok {
		return v
	}
	der, err := hex.DecodeString(coded)
	if err != nil || len(der) < 2 {
		return v
	}
	tag, body := der[0], der[2:]
	if der[1] > 0x80 { // a length of several bytes
		n := int(der[1] & 0x7f)
		body = body[min(n, len(body)):]
	}
	if tag == 0x1e { // BMPString
		units := make([]uint16, len(body)/2)
		for i := range units {
			units[i] = uint16(body[2*i])<<8 | uint16(body[2*i+1])
		}
		return string(utf16.Decode(units))
	}
	return string(body)
}

// hexName matches an attribute as pkix writes one of an unknown type, in any text.
var hexName = lazyregexp.New(`\b([0-9]+(?:\.[0-9]+){2,}=)(#[0-9A-Fa-f]{4,})`)

// mailName matches an e-mail address in a certificate's name, which needs no domain.
var mailName = lazyregexp.New(`\b((?i:emailAddress|OID\.` + emailOID + `|` + emailOID + `)=)([^,+/\s"'=]+)`)

// untrustedName matches the name of a CA in an error of crypto/x509.
var untrustedName = lazyregexp.New(`(candidate authority certificate ")((?:[^"\\]|\\.)*)`)

// certNames redacts parts of certificates' names in any text, if redaction is strict.
func certNames(p *pass, s string) string {
	if strings.Contains(s, "=#") {
		s = replaceSecond(hexName, s, func(attribute, v string) string {
			kind := "name"
			if strings.HasPrefix(attribute, emailOID) {
				kind = "email"
			}
			return unlessAlias(p, kind, derText(v))
		})
	}
	if strings.Contains(s, emailOID) || mentions(s, "emailaddress") {
		s = replaceSecond(mailName, s, func(_, v string) string { return unlessAlias(p, "email", v) })
	}
	return replaceSecond(untrustedName, s, func(_, v string) string { return companyName(p, v) })
}

// replaceSecond replaces the second groups of all matches of re.
func replaceSecond(re lazyregexp.Regexp, s string, with func(first, second string) string) string {
	matches := re.FindAllStringSubmatchIndex(s, -1)
	if matches == nil {
		return s
	}
	var b strings.Builder
	at := 0
	for _, m := range matches {
		b.WriteString(s[at:m[4]])
		b.WriteString(with(s[m[2]:m[3]], s[m[4]:m[5]]))
		at = m[5]
	}
	return b.String() + s[at:]
}
