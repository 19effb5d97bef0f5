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

// asIs redacts nothing.
func asIs(text string) string { return text }

func TestReprobe_probesAHostAsTheSessionReachesIt(t *testing.T) {
	var act ui.Actions
	r := simulatedReprobe(t)
	var learned []flow.Later
	r.learned = func(authority string, all []flow.Later) flow.ID {
		if learned = all; authority != stuckHost {
			t.Errorf("learned of %s", authority)
		}
		return 1
	}
	r.actions(&act, asIs)
	text, err := act.Probe.Run(t.Context(), stuckHost)
	if err != nil || !strings.HasPrefix(text, "can't be reached: 0 of 2 connects to private 10.0.") || !strings.Contains(text, "TIMEOUT after") {
		t.Errorf("%v:\n%s", err, text)
	}
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
	if act.Probe.Run == nil || act.Probe.Counterfactual != nil || !strings.Contains(act.Probe.NoCounterfactual, "--reference-resolver") {
		t.Errorf("without a reference: %q", act.Probe.NoCounterfactual)
	}
	a.reference, a.of, act = demo.Reference{}, demo.Outside, ui.Actions{}
	a.actions(&act, asIs)
	if act.Probe.Counterfactual == nil || act.Probe.Reference != demo.Outside {
		t.Fatal("it isn't offered")
	}
	var kinds []flow.LaterKind
	a.learned = func(_ string, all []flow.Later) flow.ID {
		for _, l := range all {
			kinds = append(kinds, l.Kind)
		}
		return 1
	}
	a.actions(&act, asIs)
	text, err := act.Probe.Counterfactual(t.Context(), stuckHost)
	const want = "works over the public path, not over the private one: 0 of 6 connects to private 10.0.1.23 10.0.2.23 succeeded, 1 of 1 to public 203.0.113.30\n"
	if err != nil || !strings.HasPrefix(text, want) || strings.Count(text, "TIMEOUT after") != 6 || !strings.Contains(text, "203.0.113.53:53 returns public") {
		t.Errorf("%v:\n%s", err, text)
	}
	if len(kinds) != 7 || kinds[5] != flow.LaterProbe || kinds[6] != flow.LaterOther {
		t.Errorf("learned %q", kinds)
	}
	if _, err := act.Probe.Counterfactual(t.Context(), "intranet.example:443"); err == nil || !strings.Contains(err.Error(), "isn't AWS's") {
		t.Errorf("another's host: %v", err)
	}
}
