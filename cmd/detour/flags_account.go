package main

import (
	"io"
	"net/netip"

	"github.com/spf13/pflag"

	"detour/internal/account/folder"
	"detour/internal/intake"
)

// accountOptions are the flags of the commands that prove findings.
type accountOptions struct {
	account string
	from    string
}

func (o *accountOptions) registerAccount(f *pflag.FlagSet) {
	f.StringVar(&o.account, "account", "",
		"prove findings with the outputs of aws commands in this `folder` or file (-: stdin); see detour account --help")
	f.StringVar(&o.from, "from", "", "with --account, `address` of the client, for requests whose record has none, as of a HAR")
}

// read reads the account's configuration; the zero value without --account.
func (o *accountOptions) readAccount(stdin io.Reader) (a intake.Account, err error) {
	if o.account == "" {
		if o.from != "" {
			return a, flagUsage("from", "it is used with --account", "--from needs --account")
		}
		return a, nil
	}
	if o.from != "" {
		if a.From, err = netip.ParseAddr(o.from); err != nil {
			return a, flagUsage("from", "an IP address, as 172.16.8.5", "--from %q isn't an address", o.from)
		}
	}
	a.Config, err = folder.Read(o.account, stdin)
	return a, err
}
