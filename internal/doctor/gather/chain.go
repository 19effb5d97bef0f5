package gather

import (
	"context"
	"time"

	"detour/certs"
	"detour/internal/doctor"
	"detour/internal/truststore"
)

// chains reads the signing chains, and asks the stores which of them they trust.
func (cfg Config) chains(ctx context.Context) (out []doctor.Chain) {
	var stores []truststore.Store
	if m, err := truststore.ThisMachine(); err == nil {
		stores = m.Stores()
	}
	for _, spec := range cfg.Chains {
		ch := doctor.Chain{Dir: spec.Dir, Now: time.Now()}
		if at := existing(absolute(spec.Dir)); !isDirectory(at) {
			ch.NoDir = at
			out = append(out, ch)
			continue
		}
		ca, err := spec.Load()
		switch {
		case err != nil:
			ch.Err = err.Error()
		case ca != nil:
			ch.NotAfter, ch.EveryHost = ca.NotAfter(), ca.Unconstrained()
			ch.Trusted, ch.Unknown = trusting(ctx, stores, truststore.Root{Cert: ca.Root(), File: absolute(ca.Path())})
		}
		retired, err := certs.Retired(spec.Dir)
		for _, r := range retired {
			by, _ := trusting(ctx, stores, truststore.Root{Cert: r.Cert, File: absolute(r.Path)})
			ch.Retired = append(ch.Retired, by...)
		}
		if err != nil && ch.Err == "" {
			ch.Err = err.Error()
		}
		out = append(out, ch)
	}
	return out
}

// trusting are the stores that trust a root, and those that can't be asked, with why.
func trusting(ctx context.Context, stores []truststore.Store, r truststore.Root) (by, unknown []string) {
	for _, s := range stores {
		switch f, err := s.Find(ctx, truststore.Run, r); {
		case err != nil:
			unknown = append(unknown, s.Name()+" ("+err.Error()+")")
		case f.Trusted:
			by = append(by, s.Name())
		}
	}
	return by, unknown
}
