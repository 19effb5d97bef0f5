package main

import (
	"io"
	"net/netip"

	"github.com/spf13/pflag"

	"detour/internal/account"
	"detour/internal/account/folder"
	"detour/internal/intake"
)

// accountOptions are the flags of the commands that prove findings.
type accountOptions struct {
	account string
	from    string
	// accountFiles says that a bundle gets the files that decide.
	accountFiles bool
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
	var files []account.File
	a.Config, files, err = folder.Account(o.account, stdin)
	if o.accountFiles {
		a.Files = files
	}
	return a, err
}
