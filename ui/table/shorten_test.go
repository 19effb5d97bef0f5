package table

import (
	"testing"

	"detour/ui/text"
)

func TestShortHost_keepsWhatTellsHostsApart(t *testing.T) {
	for _, c := range []struct {
		in   string
		w    int
		want string
	}{
		{"monitoring.ap-northeast-1.amazonaws.com", 39, "monitoring.ap-northeast-1.amazonaws.com"},
		{"monitoring.ap-northeast-1.amazonaws.com", 36, "monitoring.ap-northeast-1.…aws.com"},
		{"monitoring.ap-northeast-1.amazonaws.com", 30, "monitoring.ap-northeast-1.…com"},
		{"monitoring.ap-northeast-1.amazonaws.com", 20, "monitoring.ap-…t-1.…"},
		{"logs.ap-northeast-1.api.aws", 20, "logs.ap-…t-1.api.aws"},
		{"monitoring.cn-northwest-1.amazonaws.com.cn", 33, "monitoring.cn-northwest-1.…com.cn"},
		{"vpce-0abc123def456-xyz.monitoring.ap-northeast-1.vpce.amazonaws.com", 50, "vpce-0abc….monitoring.ap-northeast-1.vpce.…aws.com"},
		{"monitoring.us-iso-east-1.c2s.ic.gov", 30, "monitoring.us-…st-1.c2s.ic.gov"},
		{"vpce-0abc123def456-xyz.monitoring.us-isob-east-1.vpce.sc2s.sgov.gov", 52, "vpce-0abc….monitoring.us-isob-east-1.vpce.…sgov.gov"},
		{"monitoring.cn-northwest-1.amazonaws.com.cn", 24, "monitoring.cn…-1.…com.cn"},
		{"ap-northeast-1.console.aws.amazon.com", 30, "ap-northeast-1.console.…com"},
		{"monitoring.ap-northeast-1.amazonaws.com.evil.example", 30, "monitoring.ap-no….evil.example"},
		{"grafana.internal.corp.example.co.jp", 24, "grafana.i….example.co.jp"},
		{"example.com:8443", 16, "example.com:8443"},
		{"logs.ap-northeast-1.amazonaws.com:8443", 30, "logs.ap-northeast-1.…com:8443"},
		{"日本語ホスト.とても.長い.名前.jp", 20, "日本語ホス….名前.jp"},
	} {
		got := shortHost(testDomains(), c.in, c.w)
		if got != c.want || text.Width(got) > c.w {
			t.Errorf("shortHost(%q, %d) = %q, want %q", c.in, c.w, got, c.want)
		}
	}
}

// TestNewDomains_noFormStandsForTwo, and none is longer than what it stands for.
func TestNewDomains_noFormStandsForTwo(t *testing.T) {
	of := map[string]string{}
	for _, d := range testDomains().all {
		for _, s := range d.short {
			if of[s] != "" {
				t.Errorf("%q stands for %s and for %s", s, of[s], d.whole)
			}
			if text.Width(s) > len(d.whole) {
				t.Errorf("%q is longer than %s", s, d.whole)
			}
			of[s] = d.whole
		}
	}
	if len(of) < 30 {
		t.Errorf("only %d forms", len(of))
	}
}

// TestShortHost_neverTooWide nor taken for another: whatever the width, hosts of different
// domains differ as long as their domains have room.
func TestShortHost_neverTooWide(t *testing.T) {
	name := "monitoring.ap-northeast-1."
	hosts := []string{
		name + "amazonaws.com", name + "api.aws", name + "amazonaws.com.cn", name + "vpce.amazonaws.com",
		name + "amazonaws.com.evil.example", name + "evil.com",
	}
	for w := 1; w < 70; w++ {
		seen := map[string]string{}
		for _, h := range hosts {
			got := shortHost(testDomains(), h, w)
			if text.Width(got) > w {
				t.Errorf("shortHost(%q, %d) = %q, too wide", h, w, got)
			}
			if other := seen[got]; other != "" && w >= 18 {
				t.Errorf("at %d cells, %s and %s both read %q", w, h, other, got)
			}
			seen[got] = h
		}
	}
}

func TestShortPage_keepsThePath(t *testing.T) {
	for _, c := range []struct {
		in   string
		w    int
		want string
	}{
		{"ap-northeast-1.console.aws.amazon.com/ec2/home", 60, "ap-northeast-1.console.aws.amazon.com/ec2/home"},
		{"ap-northeast-1.console.aws.amazon.com/ec2/home", 28, "ap-northeast-1 /ec2/home"},
		{"ap-northeast-1.console.aws.amazon.com/ec2/home", 16, "…/ec2/home"},
		{"ap-northeast-1.console.aws.amazon.com/elasticmapreduce/home", 16, "…/elasticmapred…"},
		{"cn-north-1.console.amazonaws.cn/ec2/home", 28, "cn-north-1 /ec2/home"},
		{"us-iso-east-1.console.c2shome.ic.gov/ec2/home", 28, "us-iso-east-1 /ec2/home"},
		{"console.aws.amazon.com/console/home", 30, "console /console/home"},
		{"ap-northeast-1.console.aws.amazon.com.evil.example/ec2/home", 30, "ap-nort….evil.example/ec2/home"},
		{"no page at all, but a text that is long", 16, "no page at all,…"},
	} {
		if got := shortPage(testDomains(), c.in, c.w); got != c.want {
			t.Errorf("shortPage(%q, %d) = %q, want %q", c.in, c.w, got, c.want)
		}
	}
}
