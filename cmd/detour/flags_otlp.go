package main

import (
	"fmt"
	"net"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"detour/internal/alias"
	"detour/internal/flow"
	"detour/internal/intake"
	"detour/internal/otlp/feed"
	"detour/internal/otlp/send"
	"detour/internal/resolve"
	"detour/internal/session"
	"detour/internal/statedir"
)

// registerOTLP registers the flags that send to a collector.
func registerOTLP(f *pflag.FlagSet, o *feed.Options) {
	f.StringVar(&o.To, send.Flag, "",
		"`URL` of an OpenTelemetry collector to send to, or env (as OTEL_EXPORTER_OTLP_ENDPOINT and similar variables say)")
	f.StringVar(&o.Choice, "otlp-send", string(feed.Findings),
		"what --otlp sends: findings (with failed requests and summaries), failures (also responses with an error), or all (every request)")
	f.BoolVar(&o.Traces, "otlp-traces", false, "with --otlp, also send a trace of each request: DNS lookup, connects and TLS handshake")
}

// sends lets a run send to a collector from its first request on.
func (t liveTable) sends(s *session.Session) {
	t.otlp.Begin(s.Store(), intake.NewFleet(s.Names()), version(), statedir.File("installation"), s.Notice)
}

// exportOTLP sends a file to a collector.
func exportOTLP(c *cobra.Command, o *exportOptions, r intake.Reader, path string) error {
	for _, f := range []string{"format", "output", "account-files"} {
		if c.Flags().Changed(f) {
			return conflict(send.Flag, f, "--otlp sends, and --"+f+" is about a file to write")
		}
	}
	cfg, err := o.otlp.Config()
	if err != nil {
		return err
	}
	up, _, err := (&netOptions{upstreamProxy: "env"}).upstream(&net.TCPAddr{}, ownProxies(c.Context()), resolve.New(resolve.Config{}))
	if err != nil {
		return err
	}
	defer up.Close()
	stderr := c.ErrOrStderr()
	say := func(text string) { fmt.Fprintln(stderr, "detour: "+text) }
	cfg.Proxy, cfg.Notice = feed.Through(up.Via), say
	return withFile(c, r, path, func(got *flow.Capture, flows flow.Reader) error {
		say(o.otlp.Consent(cfg, got.Strict))
		stats, err := o.otlp.File(c.Context(), got, flows, intake.NewFleet(new(alias.Table)), version(), cfg)
		say(feed.Report(stats))
		return err
	})
}
