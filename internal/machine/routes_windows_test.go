package machine

import (
	"net"
	"slices"
	"testing"
)

func TestRoutingTable_namesTheInterfaceOfTheDefaultRoute(t *testing.T) {
	c, err := net.Dial("udp", "192.0.2.1:9") // no packet is sent
	if err != nil {
		t.Skip("this machine has no way out: ", err)
	}
	c.Close()
	table := RoutingTable(t.Context())
	if !slices.ContainsFunc(table, func(r Route) bool { return r.Range.Bits() == 0 && r.Interface != "" }) {
		t.Errorf("no default route in %v", table)
	}
}
