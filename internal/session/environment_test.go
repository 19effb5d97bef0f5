package session

import (
	"net"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"

	"detour/internal/capture"
	"detour/internal/flow"
	"detour/internal/intake"
)

// own reports whether an address is one of this machine's.
func own(t *testing.T, a netip.Addr) bool {
	t.Helper()
	all, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(all, func(x net.Addr) bool { return strings.HasPrefix(x.String(), a.String()+"/") })
}

func TestEnvironment_hasNoSecretWhateverIsKept(t *testing.T) {
	t.Setenv("HTTPS_PROXY", "http://me:hunter2@proxy.example:3128")
	for name, st := range map[string]Storage{"by default": {}, "--keep-secrets": {KeepSecrets: true}, "strictly": {Strict: true}} {
		st.Flags = []string{"--upstream-proxy=http://me:hunter2@proxy.example:3128", "--map=a=10.9.8.7"}
		s := &Session{cfg: Config{Storage: st}, intake: intake.New(intake.Config{Strict: st.Strict, KeepSecrets: st.KeepSecrets})}
		e := s.environment(t.Context())
		all := strings.Join(slices.Concat(e.Flags, e.Routes, e.Nameservers), "\n") + e.Proxies["HTTPS_PROXY"]
		for _, in := range e.Interfaces {
			for _, a := range in.Addresses {
				p, err := netip.ParsePrefix(a)
				if err != nil {
					t.Errorf("%s: %v", name, err)
				}
				all += "\n" + a
				if p.Addr().IsPrivate() && st.Strict && own(t, p.Addr()) {
					t.Errorf("%s: %s has its true address", name, in.Name)
				}
			}
		}
		if strings.Contains(all, "hunter2") || strings.Contains(all, "10.9.8.7") == st.Strict || !strings.Contains(all, "--upstream-proxy=") {
			t.Errorf("%s:\n%s", name, all)
		}
		if st.Flags[0] != "--upstream-proxy=http://me:hunter2@proxy.example:3128" {
			t.Errorf("%s: the caller's flags were changed", name)
		}
	}
}

func TestEnvironment_ofADemoIsNotThisMachines(t *testing.T) {
	t.Setenv("HTTPS_PROXY", "http://proxy.example:3128")
	simulated := &flow.Environment{OS: "simulated", Nameservers: []string{"10.0.0.2:53"}}
	s := &Session{cfg: Config{Simulated: simulated, Version: "1.0", Storage: Storage{Nameservers: []string{"192.168.1.1:53"}}}, intake: intake.New(intake.Config{})}
	want := &flow.Environment{Detour: "1.0", Simulated: true, OS: "simulated", Nameservers: []string{"10.0.0.2:53"}}
	if e := s.environment(t.Context()); !reflect.DeepEqual(e, want) {
		t.Errorf("%+v", e)
	}
}

// TestAbout_knowsTheMachineWithoutACapture: the table exports what is in memory.
func TestAbout_knowsTheMachineWithoutACapture(t *testing.T) {
	simulated := &flow.Environment{OS: "simulated"}
	s := &Session{cfg: Config{Simulated: simulated}, intake: intake.New(intake.Config{}), store: capture.New(capture.Options{})}
	if err := s.record(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c := s.About(); !c.Simulated() || c.Environment.OS != "simulated" {
		t.Errorf("%+v", c.Environment)
	}
}
