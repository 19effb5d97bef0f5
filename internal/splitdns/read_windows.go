package splitdns

import (
	"context"

	"golang.org/x/sys/windows/registry"
)

// tables are where the policy table is: what a domain's policies set, which replaces the other, and
// what this machine and its VPNs set.
var tables = [...]string{
	`SOFTWARE\Policies\Microsoft\Windows NT\DNSClient\DnsPolicyConfig`,
	`SYSTEM\CurrentControlSet\Services\Dnscache\Parameters\DnsPolicyConfig`,
}

// maxPolicies bounds the entries that are read.
const maxPolicies = 5000

// Read returns the system's rules; none if there are none, or they can't be read.
func Read(context.Context) Rules { return readTables(registry.LOCAL_MACHINE, tables[:]) }

// readTables reads the first of the tables below root that has entries.
func readTables(root registry.Key, tables []string) (out Rules) {
	for _, path := range tables {
		table, err := registry.OpenKey(root, path, registry.READ)
		if err != nil {
			continue
		}
		names, _ := table.ReadSubKeyNames(maxPolicies)
		for _, name := range names {
			if k, err := registry.OpenKey(table, name, registry.QUERY_VALUE); err == nil {
				var p policy
				p.names, _, _ = k.GetStringsValue("Name")
				p.servers, _, _ = k.GetStringValue("GenericDNSServers")
				_ = k.Close()
				out = append(out, p.rules()...)
			}
		}
		_ = table.Close()
		if len(names) > 0 {
			return out
		}
	}
	return out
}
