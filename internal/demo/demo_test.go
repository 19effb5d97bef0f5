package demo

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"detour/internal/flow"
)

func TestNetwork_theSecurityGroupDecidesWhatPrivateAddressesDo(t *testing.T) {
	private := netip.MustParseAddrPort("10.0.1.23:443")
	blocked, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer blocked.Close()
	var local netip.AddrPort
	observe := func(l netip.AddrPort, _ *flow.KernelTCP) { local = l }
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := blocked.Connect(ctx, private, observe); !errors.Is(err, context.DeadlineExceeded) || local.Addr().String() != ClientIP {
		t.Errorf("drop: %v from %v", err, local)
	}
	healthy, err := New(Options{Healthy: true})
	if err != nil {
		t.Fatal(err)
	}
	defer healthy.Close()
	c, err := healthy.Connect(t.Context(), private, observe)
	if err != nil || c.RemoteAddr().String() != private.String() {
		t.Fatalf("healthy: %v", err)
	}
	c.Close()
}

// called are the requests of the pages to a network that answers preflights with a status, 0:
// not at all.
func called(t *testing.T, preflight int) map[string]int {
	t.Helper()
	seen := make(chan string, 64)
	client := &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		what := r.Method + " " + r.Header.Get("X-Amz-Target") + r.URL.RawQuery
		if strings.Contains(r.URL.Path, "/p/log/") {
			name, _, _ := strings.Cut(r.URL.Path[strings.Index(r.URL.Path, "k0="):], "&")
			what = "beacon " + name
		}
		seen <- what
		if r.Method != "OPTIONS" || preflight == 0 {
			return nil, errors.New("only looking")
		}
		return &http.Response{StatusCode: preflight, Body: http.NoBody}, nil
	})}
	Browse(t.Context(), client, 0)
	close(seen)
	got := make(map[string]int)
	for s := range seen {
		got[s]++
	}
	return got
}

func TestBrowse_makesTheStorysCalls(t *testing.T) {
	got := called(t, http.StatusOK)
	for want, n := range map[string]int{
		"POST call=com.amazonaws.ec2.AmazonEC2.DescribeInstances":         1,
		"POST call=com.amazonaws.ec2.AmazonEC2.DescribeNetworkInterfaces": 1,
		"POST GraniteServiceVersion20100801.GetMetricData":                2,
		"POST GraniteServiceVersion20100801.DescribeAlarms":               1,
		"POST Logs_20140328.DescribeLogGroups":                            1,
		"beacon k0=GetMetricData_Time":                                    2,
		"OPTIONS ":                                                        5,
	} {
		if got[want] != n {
			t.Errorf("%s: %d times, want %d", want, got[want], n)
		}
	}
}

// TestBrowse_aCallWhosePreflightFailsIsNeverSent: as in every browser.
func TestBrowse_aCallWhosePreflightFailsIsNeverSent(t *testing.T) {
	for _, status := range []int{0, http.StatusForbidden} {
		got := called(t, status)
		for what, n := range got {
			if strings.Contains(what, "20100801") || strings.Contains(what, "20140328") {
				t.Errorf("preflights get %d, and %s is sent %d times", status, what, n)
			}
		}
		if got["OPTIONS "] != 5 || got["beacon k0=DescribeAlarms_Time"] != 1 {
			t.Errorf("preflights get %d: %v", status, got)
		}
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
