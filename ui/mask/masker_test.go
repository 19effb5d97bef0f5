package mask

import (
	"fmt"
	"net/netip"
	"testing"

	"detour/internal/alias"

	"detour/internal/flow"
	"detour/ui/flowtest"
)

func TestMasker_showsAddressesOfAWSAlone(t *testing.T) {
	const shown, public, vpn = "198.51.100.1", "198.51.100.2", "198.51.100.3"
	m := New(awsNames(), new(alias.Table))
	m.Learn(flowtest.To("logs.us-east-1.amazonaws.com", shown, "AMAZON us-east-1"))
	m.Learn(flowtest.To("sts.us-east-1.amazonaws.com", public, "")) // a VPC with public addresses
	m.Learn(flowtest.To("vpn.corp.example", vpn, "EC2 us-east-1"))  // somebody's own host on EC2
	const want = "198.51.100.1 public-1 public-2 127.0.0.1 ::ffff:198.51.100.1"
	if got := m.Text(shown + " " + public + " " + vpn + " 127.0.0.1 ::ffff:" + shown); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestMasker_findsNamesThatItLearned(t *testing.T) {
	m := New(awsNames(), new(alias.Table))
	f := flowtest.To("Grafana.Internal.Corp", "10.0.1.9", "")
	f.Page = "https://wiki/page"
	f.AWS.Error = &flow.AWSError{Message: "User: arn:aws:iam::123456789012:user/ops/alice is not authorized"}
	m.Learn(f)
	m.Learn(flowtest.To("mybucket.s3.us-east-1.amazonaws.com", "198.51.100.1", "S3 us-east-1"))
	m.Learn(flowtest.To("d111111abcdef8.cloudfront.net", "198.51.100.1", "CLOUDFRONT GLOBAL"))
	for _, c := range []struct{ in, want string }{
		{"see wiki, user=WIKI or wiki:80", "see host-2, user=host-2 or host-2:80"},
		{"wikipedia and wiki-like", "wikipedia and wiki-like"},
		{"Grafana is down", "host-1 is down"},
		{"Prometheus.internal.Corp", "host-5"},
		{"PUT /mybucket/key of alice", "PUT /host-3/key of name-2"},
		{"d111111abcdef8 has no cloudfront", "host-4 has no cloudfront"},
		{"%2Fwiki%2F", "%2Fhost-2%2F"},
		{"logs.us-east-1.amazonaws.com denied", "logs.us-east-1.amazonaws.com denied"},
	} {
		if got := m.Text(c.in); got != c.want {
			t.Errorf("mask(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

// TestMasker_isBounded: what is drawn is known, however many names came before and after, and has
// the same name.
func TestMasker_isBounded(t *testing.T) {
	m := New(awsNames(), new(alias.Table))
	drawn := flowtest.To("wiki", "10.0.1.9", "")
	for i := range 5 * maxNames {
		f := flowtest.To(fmt.Sprintf("h%d", i), netip.AddrFrom4([4]byte{10, 1, byte(i >> 8), byte(i)}).String(), "")
		m.Learn(f)
		m.LearnHosts(drawn)
		m.Text(f.Request.URL)
		if got := m.Text("wiki"); got != "host-2" {
			t.Fatalf("after %d names: %s", i, got)
		}
	}
	if n := len(m.known.young) + len(m.known.old); n > 2*maxNames {
		t.Errorf("%d names", n)
	}
	if len(m.learned) > maxLearned || len(m.conns) > maxConns || len(m.texts) > maxTexts {
		t.Errorf("%d learned, %d connections, %d texts", len(m.learned), len(m.conns), len(m.texts))
	}
}
