package main

import (
	"bytes"
	"encoding/json"
	"net"
	"slices"
	"testing"
	"time"

	"detour/internal/aws"
	"detour/internal/doctor"
	"detour/internal/session"
)

func TestDoctor_neverTakesLongAndSaysWhatItCouldNotAsk(t *testing.T) {
	silent, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	closed, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	privateHome(t)
	var out, errs bytes.Buffer
	code := 0
	took := func(resolver *net.UDPConn) time.Duration {
		out.Reset()
		errs.Reset()
		start := time.Now()
		code = run([]string{"doctor", "--json", "--config", "none", "--browser", "none", "--listen", "127.0.0.1:0", "--resolver", resolver.LocalAddr().String(), "--upstream-proxy", "none"}, &out, &errs)
		return time.Since(start)
	}
	// It waits 2 s for silence, once. What else it does takes as long without a nameserver, if the
	// machine is as busy both times.
	for end := time.Now().Add(time.Minute); ; {
		without := took(closed)
		if silence := took(silent) - without; silence < 4*time.Second {
			break
		} else if time.Now().After(end) {
			t.Errorf("without a nameserver it took %v, and %v more with one that is silent", without, silence)
			break
		}
	}
	var got struct {
		Level  doctor.Level
		Checks []doctor.Check
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || code != exitProblems || got.Level != doctor.Fail || errs.Len() != 0 {
		t.Fatalf("exit %d %v: %s%s", code, err, &out, &errs)
	}
	for code, want := range map[string]doctor.Level{"resolver": doctor.Fail, "clock": doctor.Warn, "aws": doctor.Fail, "port": doctor.OK, "ca": doctor.OK} {
		if !slices.ContainsFunc(got.Checks, func(c doctor.Check) bool { return c.Code == code && c.Level == want }) {
			t.Errorf("no %s of %s in %+v", want, code, got.Checks)
		}
	}
}

func TestDoctor_refusesThePortThatARunRefuses(t *testing.T) {
	for listen, refused := range map[string]bool{"0.0.0.0:0": true, "127.0.0.1": true, "127.0.0.1:0": false, "[::1]:0": false} {
		var out bytes.Buffer
		c := rootCommand(&out, &out)
		o := &doctorOptions{}
		o.listen = listen
		if cfg := o.config(t.Context(), c, session.Network{}, &aws.Tables{}); (cfg.Refused != nil) != refused || refused && cfg.Refused.Fix == "" {
			t.Errorf("%s: %+v", listen, cfg.Refused)
		}
	}
}
