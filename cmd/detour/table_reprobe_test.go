package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"detour/internal/aws"
	"detour/internal/demo"
	"detour/internal/flow"
	"detour/internal/resolve"
	"detour/ui"
)

const stuckHost = "monitoring.ap-northeast-1.amazonaws.com:443"

// simulatedReprobe probes in the network of the demo.
func simulatedReprobe(t *testing.T) reprobe {
	t.Helper()
	simulated, err := demo.New(demo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(simulated.Close)
	tables, err := aws.Load()
	if err != nil {
		t.Fatal(err)
	}
	return newReprobe(simulatedNetwork(simulated, 300*time.Millisecond), tables, "")
}

// keptResults are the results that a reprobe gives its keeper.
type keptResults struct {
	of     map[string][]flow.Later
	checks map[int]flow.Check
}

func (k *keptResults) LearnOf(authority string, all []flow.Later) flow.ID {
	if k.of == nil {
		k.of = map[string][]flow.Later{}
	}
	k.of[authority] = append(k.of[authority], all...)
	return 7
}

func (k *keptResults) PutCheck(c flow.Check) int {
	if k.checks == nil {
		k.checks = map[int]flow.Check{}
	}
	if c.ID == 0 {
		c.ID = len(k.checks) + 1
	}
	k.checks[c.ID] = c
	return c.ID
}

// asIs redacts nothing.
func asIs(text string) string { return text }

func TestReprobe_probesAHostAsTheSessionReachesIt(t *testing.T) {
	var act ui.Actions
	r := simulatedReprobe(t)
	kept := &keptResults{}
	r.kept = kept
	r.actions(&act, asIs)
	text, err := act.Probe.Run(t.Context(), stuckHost)
	if err != nil || !strings.HasPrefix(text, "can't be reached: 0 of 2 connects to private 10.0.") || !strings.Contains(text, "TIMEOUT after") {
		t.Errorf("%v:\n%s", err, text)
	}
	learned := kept.of[stuckHost]
	if len(learned) != 2 || learned[0].Kind != flow.LaterProbe || learned[0].Outcome != flow.DialTimeout || learned[0].Took < 300*time.Millisecond {
		t.Errorf("learned %+v", learned)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := act.Probe.Run(ctx, stuckHost); !errors.Is(err, context.Canceled) {
		t.Errorf("given up, it is %v", err)
	}
	if _, err := act.Probe.Run(t.Context(), "a b"); err == nil {
		t.Error("no host is probed")
	}
}

func TestReprobe_actsWhereThereIsAReference(t *testing.T) {
	a := simulatedReprobe(t)
	var act ui.Actions
	a.actions(&act, asIs)
	if act.Probe.Run == nil || act.Probe.Reference() != "" || act.Probe.SetReference != nil || !strings.Contains(act.Probe.NoCounterfactual, ":reference ADDRESS") {
		t.Errorf("without a reference: %q", act.Probe.NoCounterfactual)
	}
	if _, err := act.Probe.Counterfactual(t.Context(), stuckHost); err == nil {
		t.Error("nobody is compared with")
	}
	a.reference.put(demo.Reference{}, demo.Outside)
	if act.Probe.Reference() != demo.Outside {
		t.Fatal("it isn't offered")
	}
	kept := &keptResults{}
	a.kept = kept
	a.actions(&act, asIs)
	text, err := act.Probe.Counterfactual(t.Context(), stuckHost)
	const want = "works over the public path, not over the private one: 0 of 6 connects to private 10.0.1.23 10.0.2.23 succeeded, 1 of 1 to public 203.0.113.30\n"
	if err != nil || !strings.HasPrefix(text, want) || strings.Count(text, "TIMEOUT after") != 6 || !strings.Contains(text, "203.0.113.53:53 returns public") {
		t.Errorf("%v:\n%s", err, text)
	}
	var kinds []flow.LaterKind
	for _, l := range kept.of[stuckHost] {
		kinds = append(kinds, l.Kind)
	}
	if len(kinds) != 7 || kinds[5] != flow.LaterProbe || kinds[6] != flow.LaterOther {
		t.Errorf("learned %q", kinds)
	}
	if _, err := act.Probe.Counterfactual(t.Context(), "intranet.example:443"); err == nil || !strings.Contains(err.Error(), "isn't AWS's") {
		t.Errorf("another's host: %v", err)
	}
}

func TestReprobe_changesTheReferenceOfTheSession(t *testing.T) {
	a := simulatedReprobe(t)
	var set []*resolve.Reference
	a.set = func(r *resolve.Reference) { set = append(set, r) }
	var act ui.Actions
	a.actions(&act, asIs)
	for _, wrong := range []string{"nowhere.example", "ftp://1.1.1.1", "https://", "1.1.1.1:dns"} {
		if err := act.Probe.SetReference(wrong); err == nil || !strings.Contains(err.Error(), "for example 1.1.1.1") || len(set) > 0 {
			t.Errorf("%s: %v", wrong, err)
		}
	}
	for _, address := range []string{"1.1.1.1", "tls://9.9.9.9#dns.quad9.net", "none"} {
		if err := act.Probe.SetReference(address); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
	if len(set) != 3 || set[0] == nil || set[1] == nil || set[2] != nil || act.Probe.Reference() != "" {
		t.Errorf("%v, %q", set, act.Probe.Reference())
	}
}

// TestReprobe_ofAFindingTestsAllItsHosts, and keeps a check with each address.
func TestReprobe_ofAFindingTestsAllItsHosts(t *testing.T) {
	r, kept := simulatedReprobe(t), &keptResults{}
	r.kept = kept
	var progress []string
	c, err := r.check(t.Context(), []string{"a-code"}, []string{stuckHost, "logs.ap-northeast-1.amazonaws.com:443"}, func(s string) {
		progress = append(progress, s)
	})
	if err != nil {
		t.Fatal(err)
	}
	if answer, all := c.Hosts[0].Count(); c.Outcome != flow.CheckFails || c.ID != 1 || answer != 0 || all != 2 || c.Hosts[0].Flow != 7 {
		t.Errorf("%+v", c)
	}
	if got := strings.Join(progress, ", "); got != "1 of 2 hosts, 2 of 2 hosts" || len(kept.of) != 2 || kept.checks[1].Codes[0] != "a-code" {
		t.Errorf("progress %s, kept %+v", got, kept)
	}
}

// TestReprobe_watchesUntilItIsStopped: what failed stays failed in the demo's network.
func TestReprobe_watchesUntilItIsStopped(t *testing.T) {
	r, kept := simulatedReprobe(t), &keptResults{}
	r.kept = kept
	ctx, stop := context.WithCancel(t.Context())
	c := r.watch(ctx, nil, []string{stuckHost}, func(c *flow.Check) {
		if c.Tries() == 2 {
			stop()
		}
	})
	if l := kept.of[stuckHost]; len(l) != 2 || l[0].Kind != flow.LaterWatch || l[0].InRow != 1 || l[0].Answered() {
		t.Errorf("learned %+v", l)
	}
	if c.Outcome != flow.CheckStopped || len(kept.checks) != 1 || kept.checks[1].Outcome != flow.CheckStopped || c.Tries() != 2 {
		t.Errorf("%+v; kept %+v", c, kept.checks)
	}
}
