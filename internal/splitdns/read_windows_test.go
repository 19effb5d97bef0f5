package splitdns

import (
	"fmt"
	"os"
	"testing"

	"golang.org/x/sys/windows/registry"
)

// TestReadTables_thePoliciesOfTheDomainReplaceTheMachines in keys of the test's own, as the system's
// are everybody's.
func TestReadTables_thePoliciesOfTheDomainReplaceTheMachines(t *testing.T) {
	own := fmt.Sprintf(`Software\detour-test-%d`, os.Getpid())
	tables := []string{own + `\domain`, own + `\machine`}
	var made []string // in the order in which they can be deleted
	create := func(path string) registry.Key {
		k, _, err := registry.CreateKey(registry.CURRENT_USER, path, registry.ALL_ACCESS)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { k.Close() })
		made = append([]string{path}, made...)
		return k
	}
	t.Cleanup(func() {
		for _, path := range made {
			if err := registry.DeleteKey(registry.CURRENT_USER, path); err != nil {
				t.Error(err)
			}
		}
	})
	policy := func(path string, servers string, names ...string) {
		k := create(path)
		if err := k.SetStringsValue("Name", names); err != nil {
			t.Fatal(err)
		}
		if err := k.SetStringValue("GenericDNSServers", servers); err != nil {
			t.Fatal(err)
		}
	}
	create(own)
	create(tables[1])
	policy(tables[1]+`\{1}`, "10.8.0.1;fd00::1", ".corp.example", "one.example")
	policy(tables[1]+`\{2}`, "", ".dnssec.example")
	const machine = "[{corp.example false [10.8.0.1:53 [fd00::1]:53]} {one.example true [10.8.0.1:53 [fd00::1]:53]}]"
	if got := fmt.Sprint(readTables(registry.CURRENT_USER, tables)); got != machine {
		t.Errorf("without a domain: %s, want %s", got, machine)
	}
	create(tables[0])
	if got := fmt.Sprint(readTables(registry.CURRENT_USER, tables)); got != machine {
		t.Errorf("with a domain that has none: %s, want %s", got, machine)
	}
	policy(tables[0]+`\{3}`, "10.9.0.1", ".")
	if got := fmt.Sprint(readTables(registry.CURRENT_USER, tables)); got != "[{ false [10.9.0.1:53]}]" {
		t.Errorf("with a domain's: %s", got)
	}
}
