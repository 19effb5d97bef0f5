package demo

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
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

func TestBrowse_makesTheStorysCalls(t *testing.T) {
	seen := make(chan string, 64)
	client := &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		seen <- r.Header.Get("X-Amz-Target") + r.URL.RawQuery
		return nil, errors.New("only looking")
	})}
	Browse(t.Context(), client, 0)
	close(seen)
	got := make(map[string]bool)
	for s := range seen {
		got[s] = true
	}
	for _, want := range []string{
		"call=com.amazonaws.ec2.AmazonEC2.DescribeInstances", "call=com.amazonaws.ec2.AmazonEC2.DescribeNetworkInterfaces",
		"GraniteServiceVersion20100801.GetMetricData", "GraniteServiceVersion20100801.DescribeAlarms", "Logs_20140328.DescribeLogGroups",
	} {
		if !got[want] {
			t.Errorf("%s is not called", want)
		}
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
