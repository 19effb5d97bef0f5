package main

import (
	"bytes"
	"encoding/json"
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"

	"detour/internal/doctor"
	"detour/internal/flow"
	"detour/internal/lab"
	"detour/internal/resolve"
)

func TestAskServer_readsTheClockAndTheIssuer(t *testing.T) {
	made, err := lab.NewInProcess(lab.CaseHealthy)
	if err != nil {
		t.Fatal(err)
	}
	defer made.Close()
	n := network{
		resolver: resolve.New(resolve.Config{Nameservers: []netip.AddrPort{made.Nameserver()}, Dial: made.ResolverDial}),
		connect:  made.Connect, rootCAs: made.RootCAs(),
	}
	s := askServer(t.Context(), n, lab.ConsoleHost)
	if off := s.Now.Sub(s.Date).Abs(); s.Err != "" || s.TLS != flow.TLSOK || off > 5*time.Second || s.Issuer == "" {
		t.Errorf("got %+v, %v off", s, off)
	}
	n.rootCAs = nil
	if s := askServer(t.Context(), n, lab.ConsoleHost); s.TLS != flow.TLSUntrusted || s.Err == "" || !s.Date.IsZero() || s.Issuer == "" {
		t.Errorf("with a CA that isn't trusted: %+v", s)
	}
	if s := askServer(t.Context(), n, "nowhere.example"); s.TLS != "" || s.Err == "" {
		t.Errorf("where nobody is: %+v", s)
	}
}

func TestDoctor_neverTakesLongAndSaysWhatItCouldNotAsk(t *testing.T) {
	silent, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	privateHome(t)
	var out, errs bytes.Buffer
	start := time.Now()
	code := run([]string{"doctor", "--json", "--config", "none", "--browser", "none", "--listen", "127.0.0.1:0", "--resolver", silent.LocalAddr().String(), "--upstream-proxy", "none"}, &out, &errs)
	if took := time.Since(start); took > 4*time.Second {
		t.Errorf("took %v", took)
	}
	var got struct {
		Level  doctor.Level
		Checks []doctor.Check
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || code != exitProblems || got.Level != doctor.Fail || errs.Len() != 0 {
		t.Fatalf("exit %d %v: %s%s", code, err, &out, &errs)
	}
	for code, want := range map[string]doctor.Level{"resolver": doctor.Fail, "clock": doctor.Warn, "aws": doctor.Warn, "port": doctor.OK, "ca": doctor.OK} {
		if !slices.ContainsFunc(got.Checks, func(c doctor.Check) bool { return c.Code == code && c.Level == want }) {
			t.Errorf("no %s of %s in %+v", want, code, got.Checks)
		}
	}
}

func TestEnvironment_aDetourThatRunsIsNoUpstreamProxy(t *testing.T) {
	privateHome(t)
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:9")
	t.Setenv("NO_PROXY", ".corp.example,.amazonaws.com")
	o := &doctorOptions{}
	o.upstreamProxy = "env"
	e := o.environment([]string{"127.0.0.1:9"})
	if e.Own == "" || len(e.Proxies) != 0 || e.via("https", "a.example:443") != nil {
		t.Errorf("behind a detour: %+v", e.Environment)
	}
	e = o.environment(nil)
	if e.Own != "" || len(e.Proxies) != 1 || len(e.Past) != 1 || e.via("https", "a.example:443") == nil {
		t.Errorf("behind another: %+v", e.Environment)
	}
	if r := e.reached(t.Context()); len(r.Upstream) != 1 || r.Upstream[0].Err == "" {
		t.Errorf("nobody listens there: %+v", r)
	}
}
