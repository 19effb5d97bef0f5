// Package attach finds the run that detour attach watches ([Choice.Target]): one of this user's on
// this machine, or one by its link.
package attach

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"detour/internal/instances"
	"detour/internal/share/link"
	"detour/internal/share/remote"
	"detour/internal/usererr"
)

// A Choice is what the user said about the run to watch.
type Choice struct {
	Name  string    // a run's process ID or port, or a link; "": the only run, or one that Offer returns
	Link  string    // a link; "-": it is read from Stdin; "": none. Name overrides it
	Stdin io.Reader // of which the first line is read
	Dir   string    // where runs register
	// Offer has the user choose one of several runs, and returns its index. ok is false if the user
	// leaves.
	Offer func(ctx context.Context, runs []instances.Run) (at int, ok bool, err error)
}

// maxLink limits the length of a link, in bytes.
const maxLink = 4096

// Target returns what to watch. ok is false if the user chose nothing. The error has a hint, and
// doesn't quote a link, which is a secret.
func (c Choice) Target(ctx context.Context) (t remote.Target, ok bool, err error) {
	text := c.Link
	switch {
	case strings.Contains(c.Name, "://"):
		text = c.Name
	case c.Name != "":
		text = ""
	case text == "-":
		if text, err = bufio.NewReader(io.LimitReader(c.Stdin, maxLink)).ReadString('\n'); err != nil && !errors.Is(err, io.EOF) {
			return t, false, usererr.Failf("", "can't read the link from stdin: %w", err)
		}
		text = cmp.Or(strings.TrimSpace(text), "-") // an empty one isn't a link
	}
	if text != "" {
		if t.Link, err = link.Parse(text); err != nil {
			return t, false, usererr.Usagef(":share in the table of a run shows its link", "%w", err)
		}
		return t, true, nil
	}
	runs, err := c.runs(ctx)
	if err != nil {
		return t, false, err
	}
	at, ok := 0, true
	switch {
	case c.Name != "":
		at, err = named(runs, c.Name)
	case len(runs) > 1:
		at, ok, err = c.Offer(ctx, runs)
	}
	if err != nil || !ok {
		return t, false, err
	}
	return remote.Target{Socket: runs[at].Socket()}, true, nil
}

// runs are the runs of this user, at least one.
func (c Choice) runs(ctx context.Context) ([]instances.Run, error) {
	runs, err := instances.List(ctx, c.Dir)
	switch {
	case err != nil && usererr.As(err) == nil:
		return nil, usererr.Failf("", "can't list the running detours: %w", err)
	case err == nil && len(runs) == 0:
		const hint = "start one: detour; the run of another user or machine needs a link: :share in its table"
		return nil, usererr.Failf(hint, "detour isn't running")
	}
	return runs, err
}

// named returns the run with a process ID, or with the port or address of its proxy.
func named(runs []instances.Run, name string) (at int, err error) {
	at = slices.IndexFunc(runs, func(r instances.Run) bool {
		return name == strconv.Itoa(r.PID) || name == Port(r) || name == strings.TrimPrefix(r.Proxy, "http://")
	})
	if at >= 0 {
		return at, nil
	}
	var there []string
	for _, r := range runs {
		there = append(there, Port(r))
	}
	hint := "the ports of your runs: " + strings.Join(there, ", ") + "; a link begins with http"
	return 0, usererr.Usagef(hint, "no run has the process ID or port %q", name)
}

// Port returns the port of a run's proxy; "" if it isn't known.
func Port(r instances.Run) string {
	u, err := url.Parse(r.Proxy)
	if err != nil {
		return ""
	}
	_, port, _ := net.SplitHostPort(u.Host)
	return port
}
