package ui

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/gdamore/tcell/v2"

	"detour/internal/flow"
	"detour/ui/flowtest"
)

// to is a flow to a host at an address of which AWS publishes this.
func to(host, addr, published string) *flow.Flow {
	f := flowtest.Call(1, flowtest.Start, flow.OriginDirect, host, "logs", "Logs", "X")
	f.Conn = flowtest.Healthy(1, flowtest.Start, host, addr)
	f.Conn.Resolution.Ranges = []string{published}
	return f
}

func TestVeil_showsAddressesOfAWSAlone(t *testing.T) {
	const shown, public, vpn = "198.51.100.1", "198.51.100.2", "198.51.100.3"
	v := newVeil()
	v.learn(to("logs.us-east-1.amazonaws.com", shown, "AMAZON us-east-1"))
	v.learn(to("sts.us-east-1.amazonaws.com", public, "")) // a VPC with public addresses
	v.learn(to("vpn.corp.example", vpn, "EC2 us-east-1"))  // somebody's own host on EC2
	const want = "198.51.100.1 ***.**.***.* ***.**.***.* 127.0.0.1 ::ffff:198.51.100.1"
	if got := v.mask(shown + " " + public + " " + vpn + " 127.0.0.1 ::ffff:" + shown); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestVeil_findsNamesThatItLearned(t *testing.T) {
	v := newVeil()
	f := to("Grafana.Internal.Corp", "10.0.1.9", "")
	f.Page = "https://wiki/page"
	f.AWS.Error = &flow.AWSError{Message: "User: arn:aws:iam::123456789012:user/ops/alice is not authorized"}
	v.learn(f)
	v.learn(to("mybucket.s3.us-east-1.amazonaws.com", "198.51.100.1", "S3 us-east-1"))
	v.learn(to("d111111abcdef8.cloudfront.net", "198.51.100.1", "CLOUDFRONT GLOBAL"))
	for in, want := range map[string]string{
		"see wiki, user=WIKI or wiki:80":      "see ****, user=**** or ****:80",
		"wikipedia and wiki-like":             "wikipedia and wiki-like",
		"Grafana is down":                     "******* is down",
		"Prometheus.internal.Corp":            "**********.********.****",
		"PUT /mybucket/key of alice":          "PUT /********/key of *****",
		"d111111abcdef8 has no cloudfront":    "************** has no cloudfront",
		"%2Fwiki%2F":                          "%2F****%2F",
		"logs.us-east-1.amazonaws.com denied": "logs.us-east-1.amazonaws.com denied",
	} {
		if got := v.mask(in); got != want {
			t.Errorf("mask(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestVeil_isBounded: what is drawn is known, however many names came before and after.
func TestVeil_isBounded(t *testing.T) {
	v := newVeil()
	drawn := to("wiki", "10.0.1.9", "")
	for i := range 5 * maxRecent {
		f := to(fmt.Sprintf("h%d", i), netip.AddrFrom4([4]byte{10, 1, byte(i >> 8), byte(i)}).String(), "")
		v.learn(f)
		v.hosts(drawn)
		v.mask(f.Request.URL)
		if got := v.mask("wiki"); got != "****" {
			t.Fatalf("after %d names: %s", i, got)
		}
	}
	if n := len(v.known.young) + len(v.known.old); n > 2*maxRecent {
		t.Errorf("%d names", n)
	}
	if len(v.heard) > maxHeard || len(v.conns) > maxConns || len(v.texts) > maxTexts {
		t.Errorf("%d heard, %d connections, %d texts", len(v.heard), len(v.conns), len(v.texts))
	}
}

// TestPresenter_learnsWhileItRuns: a host without any form is masked wherever it is told of.
func TestPresenter_learnsWhileItRuns(t *testing.T) {
	src := &stage{flows: flowtest.Plains(1, 2)}
	s := start(t, 120, 30, src, Actions{}, Options{Presenter: true, Facts: func() []Fact { return []Fact{{"note", "ask intrawiki"}} }})
	s.sees("ask intrawiki") // nobody knows that it is a host
	f := *to("intrawiki", "10.0.1.9", "")
	f.ID = 9
	src.set(append(flowtest.Plains(1, 2), &f), nil)
	s.sees("ask *********")
	s.types("a", "G", tcell.KeyEnter)
	s.lacks("intrawiki")
}
