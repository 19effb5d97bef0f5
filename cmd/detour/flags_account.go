package main

import (
	"io"
	"net/netip"
	"time"

	"github.com/spf13/pflag"

	"detour/internal/account"
	"detour/internal/account/folder"
	"detour/internal/flow"
)

// accountOptions are the flags of the commands that take an account's configuration.
type accountOptions struct {
	account string
	from    string
}

func (o *accountOptions) register(f *pflag.FlagSet) {
	f.StringVar(&o.account, "account", "",
		"prove findings with the outputs of aws commands in this `folder` or file (-: stdin); see detour account --help")
	f.StringVar(&o.from, "from", "", "`address` of the client, for requests whose record has none, as of a HAR")
}

// An accountReport is the account of a diagnosis.
type accountReport struct {
	Files          int        `json:"files"`
	Accounts       []string   `json:"accounts"`
	Regions        []string   `json:"regions"`
	Collected      *time.Time `json:"collected,omitempty"`
	Problems       []string   `json:"problems"`
	Contradictions []string   `json:"contradictions,omitempty"`
}

// apply adds the proofs to the findings of a capture. The report is nil without --account.
func (o *accountOptions) apply(got *flow.Capture, stdin io.Reader, now time.Time) (*accountReport, error) {
	if o.account == "" {
		if o.from != "" {
			return nil, flagUsage("from", "it is used with --account", "--from needs --account")
		}
		return nil, nil
	}
	client := account.Client{Strict: got.Strict}
	if o.from != "" {
		a, err := netip.ParseAddr(o.from)
		if err != nil {
			return nil, flagUsage("from", "an IP address, as 172.16.8.5", "invalid --from %q", o.from)
		}
		client.From = a
	}
	c, err := folder.Read(o.account, stdin)
	if err != nil {
		return nil, err
	}
	study := c.Study(got.Flows, now, client)
	got.Findings = study.Apply(got.Findings)
	out := &accountReport{
		Files: c.Files, Accounts: some(c.Accounts), Regions: some(c.Regions), Problems: some(c.Problems),
		Contradictions: study.Contradictions(),
	}
	if !c.Collected.IsZero() {
		out.Collected = &c.Collected
	}
	return out, nil
}

// some is a list that is written as [] if it is empty.
func some(all []string) []string {
	if all == nil {
		return []string{}
	}
	return all
}
