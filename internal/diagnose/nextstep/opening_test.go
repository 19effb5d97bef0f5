package nextstep

import (
	"net/netip"
	"strings"
	"testing"
)

// TestOpening_hasTheOptionOfTheFamily: --cidr with an IPv6 address is an error of the AWS CLI.
func TestOpening_hasTheOptionOfTheFamily(t *testing.T) {
	if got := opening(netip.MustParseAddr("10.0.0.5"), "443"); got != "--protocol tcp --port 443 --cidr 10.0.0.5/32" {
		t.Error(got)
	}
	got := opening(netip.MustParseAddr("fd00::5"), "443")
	if strings.Contains(got, "--cidr ") || !strings.Contains(got, "FromPort=443,ToPort=443,Ipv6Ranges=[{CidrIpv6=fd00::5/128}]") {
		t.Error(got)
	}
}
