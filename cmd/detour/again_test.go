package main

import (
	"context"
	"errors"
	"io"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"detour/internal/demo"
	"detour/internal/intake"
	"detour/internal/resolve"
	"detour/ui"
)

const stuckHost = "monitoring.ap-northeast-1.amazonaws.com:443"

// labAgain asks in the network of the story.
func labAgain(t *testing.T) again {
	t.Helper()
	made, err := demo.New(demo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { made.Close() })
	o := &runOptions{}
	c := &cobra.Command{}
	c.SetOut(io.Discard)
	o.shared(c.Flags())
	o.captureOptions.register(c.Flags(), "none")
	base, end, err := o.begin(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(end)
	base.intake = intake.New(intake.Config{})
	return newAgain(&base, network{
		resolver: resolve.New(resolve.Config{Nameservers: []netip.AddrPort{made.Nameserver()}, Dial: made.ResolverDial}),
		connect:  made.Connect, timeout: 300 * time.Millisecond, rootCAs: made.RootCAs(),
	})
}

func TestAgain_probesAHostAsTheSessionReachesIt(t *testing.T) {
	a := labAgain(t)
	text, err := a.probe(t.Context(), stuckHost)
	if err != nil || !strings.HasPrefix(text, "can't be connected to: 0 of 2 connects to private 10.0.") || !strings.Contains(text, "TIMEOUT after") {
		t.Errorf("%v:\n%s", err, text)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := a.probe(ctx, stuckHost); !errors.Is(err, context.Canceled) {
		t.Errorf("given up, it is %v", err)
	}
	if _, err := a.probe(t.Context(), "a b"); err == nil {
		t.Error("no host is probed")
	}
}

func TestAgain_actsWhereThereIsAReference(t *testing.T) {
	a := labAgain(t)
	var act ui.Actions
	a.actions(&act)
	if act.Probe == nil || act.Counterfactual != nil || !strings.Contains(act.NoCounterfactual, "--reference-resolver") {
		t.Errorf("without a reference: %q", act.NoCounterfactual)
	}
	a.reference, a.of, act = demo.Reference{}, demo.Outside, ui.Actions{}
	a.actions(&act)
	if act.Counterfactual == nil || act.Reference != demo.Outside {
		t.Fatal("it isn't offered")
	}
	text, err := act.Counterfactual(t.Context(), stuckHost)
	const want = "works by the public road, not by the private one: 0 of 6 connects to private 10.0.1.23 10.0.2.23 came about, 1 of 1 to the public 203.0.113.30\n"
	if err != nil || !strings.HasPrefix(text, want) || strings.Count(text, "TIMEOUT after") != 6 || !strings.Contains(text, "203.0.113.53:53 says public") {
		t.Errorf("%v:\n%s", err, text)
	}
	if _, err := act.Counterfactual(t.Context(), "intranet.example:443"); err == nil || !strings.Contains(err.Error(), "isn't AWS's") {
		t.Errorf("another's host: %v", err)
	}
}
