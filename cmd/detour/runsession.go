package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"detour/internal/alias"
	"detour/internal/finding"
	"detour/internal/hosting"
	"detour/internal/interrupt"
	"detour/internal/session"
)

// sessionConfig checks the flags that run and demo share, and returns what they make of
// a session. end is to be called after it.
func (o *runOptions) sessionConfig(c *cobra.Command) (cfg session.Config, end func(), err error) {
	if err := o.check(); err != nil {
		return cfg, nil, err
	}
	keep, err := parseFilter(o.filter)
	if err != nil {
		return cfg, nil, err
	}
	log, closer, err := o.logger()
	if err != nil {
		return cfg, nil, err
	}
	tables, err := o.tables()
	if err != nil {
		_ = closer.Close()
		return cfg, nil, err
	}
	proof, err := o.readAccount(c.InOrStdin())
	if err != nil {
		return cfg, nil, err
	}
	cfg = session.Config{Version: version(), Tables: tables, Account: proof, Storage: o.storage(c.Flags()), Log: log}
	for _, a := range slices.Concat(o.servers()) {
		cfg.Storage.Nameservers = append(cfg.Storage.Nameservers, a.String())
	}
	if o.json != "" {
		cfg.Records = &session.Records{To: c.OutOrStdout(), All: o.json == "all", Keep: keep}
	}
	if stderr := c.ErrOrStderr(); o.ui == "none" {
		cfg.Notice = func(text string) { fmt.Fprintln(stderr, "detour: "+text) }
		cfg.Ready = func(s *session.Session) {
			fmt.Fprintf(stderr, "detour: proxy=%s ca=%s capture=%s\n", s.URL(), cmp.Or(s.Decrypt().Path(), "none"), cmp.Or(s.CapturePath(), "none"))
		}
	}
	return cfg, func() { _ = closer.Close() }, nil
}

// withoutTable is what to do if the table can't be shown.
const withoutTable = "use --ui none, with --json for records on stdout"

// serve runs a session, on the table if --ui asks for it, and reports how it ended.
func (o *runOptions) serve(c *cobra.Command, cfg session.Config, table liveTable) error {
	interrupt.Expected(c.Context())
	table.hosting = hosting.New(o.sharing)
	ctx, quit := context.WithCancelCause(c.Context())
	defer quit(nil)
	cfg.Ready = table.watchable(c.ErrOrStderr(), cfg.Ready, quit)
	if o.ui == "tui" {
		if err := canShow(c.OutOrStdout(), withoutTable); err != nil {
			_ = cfg.Listener.Close()
			return err
		}
		cfg.Screen = table.show
	}
	s, err := session.New(c.Context(), cfg)
	if err != nil {
		return err
	}
	table.sends(s)
	err = s.Run(ctx)
	if why := context.Cause(ctx); why != nil && c.Context().Err() == nil {
		err = errors.Join(err, why)
	}
	table.hosting.End("the run has ended")
	tell(c.ErrOrStderr(), table.otlp.End())
	o.conclude(c.ErrOrStderr(), s)
	if err == nil && s.Unsaved() > 0 {
		return errUnsaved
	}
	return err
}

// tell prints sentences to the user.
func tell(stderr io.Writer, all []string) {
	for _, text := range all {
		fmt.Fprintln(stderr, "detour: "+text)
	}
}

// errUnsaved ends a run whose capture lacks flows, which conclude has reported.
var errUnsaved = errors.New("flows couldn't be saved")

// conclude reports what went wrong in a session, and its findings, if there was no
// table to show them.
func (o *runOptions) conclude(stderr io.Writer, s *session.Session) {
	tell(stderr, s.Troubles())
	if o.ui == "tui" {
		if path := s.CapturePath(); path != "" {
			fmt.Fprintf(stderr, "detour: to see this run again: detour open %s\ndetour: for a ticket: detour export %[1]s -o ticket.html\n", path)
		}
		return
	}
	found := s.Store().Findings()
	if s.About().Strict && len(found) > 0 {
		fmt.Fprintln(stderr, alias.Notice)
	}
	for _, f := range found {
		fmt.Fprint(stderr, finding.Text(f))
	}
}
