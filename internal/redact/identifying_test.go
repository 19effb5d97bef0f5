package redact

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"detour/internal/fulltest"
)

// finds reports whether identity finds something in s that isn't left as it is.
func finds(s string) bool {
	for _, m := range oneExpression.FindAllStringSubmatchIndex(s, -1) {
		if m[2] < 0 { // not the first alternative
			return true
		}
	}
	return false
}

// identities are what identity finds, each alternative at its shortest.
var identities = []string{
	"arn:aws:s3:::b", "a@b.cd", "ä@ü.de", "10.0.0.1", "10.0.0", "172.16.0.1", "172.31.0.0", "192.168.1.1", "192.168.1.1.1", "100.64.0.1", "100.127.255.255", "fd00:12", "FEbF:0:", "fc12::1",
	"64:ff9b::1", "64:FF9B::a", "02:42:ac:11:00:02", "02-42-AC-11-00-02", "vpce-0123456789abcdef0", "i-01234567", "d-90671a2b3c", "ip-10-0-0-1",
	"sgr-deadbeef", "eigw-00000000", "vpce-svc-01234567", "vpc-01234567", "subnet-01234567", "eni-01234567", "sg-01234567", "rtb-01234567",
	"igw-01234567", "nat-01234567", "acl-01234567", "pcx-01234567", "tgw-attach-01234567", "tgw-rtb-01234567", "tgw-01234567", "vgw-01234567",
	"cgw-01234567", "vpn-01234567", "lgw-01234567", "pl-01234567", "dopt-01234567", "eipalloc-01234567", "eipassoc-01234567", "ami-01234567",
	"vol-01234567", "snap-01234567", "123456789012", "1234-5678-9012", "0000000000000",
}

// TestIdentifying_seesWhatIdentityFinds: wherever it is, and in pieces of it that are put together
// at random.
func TestIdentifying_seesWhatIdentityFinds(t *testing.T) {
	for _, s := range identities {
		if !finds(s) {
			t.Errorf("identity doesn't find %s", s)
		}
		for _, in := range []string{"%s", "x%s", "%sx", "0%s", "%s0", ".%s-", "-%s.", "a:%s:b", "%s%[1]s"} {
			if s := fmt.Sprintf(in, s); finds(s) && !identifying(s) {
				t.Errorf("%s isn't seen", s)
			}
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	all := strings.Join(identities, " ")
	for range fulltest.Or(5_000, 50_000) {
		var b strings.Builder
		for range 1 + random.IntN(4) {
			from := random.IntN(len(all))
			b.WriteString(all[from:min(len(all), from+1+random.IntN(12))])
		}
		if s := b.String(); finds(s) && !identifying(s) {
			t.Fatalf("%q isn't seen", s)
		}
	}
	for _, s := range []string{"monitoring.eu-central-1.amazonaws.com", "Chrome/143.0.0.0 Safari/537.36", "application/x-amz-json-1.1", "2026-11-24", "20261124T090000Z", "10:28:00", "2e9c1f4a-7b1d-4c3e-9f0a-3f0c2a9be417"} {
		if identifying(s) {
			t.Errorf("%s is searched", s)
		}
	}
}

func FuzzIdentifying(f *testing.F) {
	for _, s := range identities {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if finds(s) && !identifying(s) {
			t.Errorf("%q isn't seen", s)
		}
	})
}
