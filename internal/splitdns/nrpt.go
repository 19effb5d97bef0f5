package splitdns

import "strings"

// A policy is an entry of Windows' name resolution policy table, as the registry has it
// (MS-GPNRPT 2.2.2): names that begin with a dot are domains, "." is every name, others are
// single names.
type policy struct {
	names   []string // Name
	servers string   // GenericDNSServers, separated by semicolons
}

// rules are those of a policy. One with a prefix of a network, which is for reverse lookups, has
// none.
func (p policy) rules() (out Rules) {
	to := servers(strings.FieldsFunc(p.servers, func(r rune) bool { return r == ';' || r == ',' || r == ' ' }), dnsPort)
	for _, n := range p.names {
		n = strings.ToLower(strings.TrimSpace(n))
		if n == "" || strings.Contains(n, "/") || len(to) == 0 {
			continue
		}
		out = append(out, Rule{Domain: trim(n), Exact: !strings.HasPrefix(n, "."), Servers: to})
	}
	return out
}
