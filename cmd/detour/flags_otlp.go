package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"detour/internal/flow"
	"detour/internal/intake"
	"detour/internal/otlp"
	"detour/internal/otlp/feed"
	"detour/internal/otlp/send"
	"detour/internal/session"
	"detour/internal/statedir"
	"detour/internal/upstream"
)

// otlpOptions are the flags that send what happens to a collector.
type otlpOptions struct{ feed.Options }

func (o *otlpOptions) register(c *cobra.Command, f *pflag.FlagSet) {
	f.StringVar(&o.To, send.Flag, "", "`URL` of an OpenTelemetry collector to send findings to, such as https://otel.example.com:4318, or env "+
		"(as the OTEL_EXPORTER_OTLP_… variables say); see detour help privacy")
	f.StringVar(&o.Choice, "otlp-send", string(feed.Findings),
		"what --otlp sends: findings (with failed requests, and summaries), failures (also responses with an error), or all")
	f.BoolVar(&o.Traces, "otlp-traces", false, "also send each request that --otlp sends as a trace, with DNS lookup, connects and TLS handshake")
	_ = c.RegisterFlagCompletionFunc("otlp-send", cobra.FixedCompletions(feed.Choices(), cobra.ShellCompDirectiveNoFileComp))
}
