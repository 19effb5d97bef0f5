// Package collector fills a folder with an account's configuration, by running the user's own
// aws command. It reads no credentials, and changes nothing in the account.
package collector

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"detour/internal/account"
	"detour/internal/account/folder"
	"detour/internal/account/plan"
	"detour/internal/atomicfile"
	"detour/internal/privatedir"
)

// A Config says what to collect.
type Config struct {
	Dir     string // made if it is absent
	Region  string
	Profile string // of the AWS CLI; "" for its default
	Program string // the AWS CLI: "aws"
	// Report is told of each command once it has ended; nil: nobody is.
	Report func(account.IndexEntry)
	Now    func() time.Time
	// Timeout ends one command; 0: after five minutes.
	Timeout time.Duration
}

// Limits of one command. Its output is complete, or the command counts as failed.
const (
	maxOutput = 64 << 20 // bytes
	maxError  = 2 << 10  // bytes that are kept
	timeout   = 5 * time.Minute
	maxRounds = 20 // of commands that depend on others' outputs
)

var errTooLong = errors.New("the output is longer than 64 MiB")

// Run runs the commands and writes their outputs and the index. A command that fails, as for a
// missing permission, is noted in the index, and the next ones run. The error is of the folder,
// or of ctx, or says that no command succeeded.
func Run(ctx context.Context, cfg Config) ([]account.IndexEntry, error) {
	if err := privatedir.Make(cfg.Dir); err != nil {
		return nil, err
	}
	r := run{Config: cfg, done: make(map[string]bool)}
	r.owner = r.account(ctx)
	for range maxRounds {
		known, err := folder.Read(cfg.Dir, nil)
		if err != nil {
			return r.entries, err
		}
		next := plan.Next(known.Seen(), cfg.Region, r.done)
		if len(next) == 0 {
			break
		}
		for _, c := range next {
			if err := r.one(ctx, c); err != nil {
				return r.entries, err
			}
		}
	}
	for _, e := range r.entries {
		if e.Status == 0 {
			return r.entries, nil
		}
	}
	return r.entries, ErrNothing
}

// ErrNothing says that no command succeeded: the credentials, the Region or the program are wrong.
var ErrNothing = errors.New("none of the commands succeeded")

type run struct {
	Config
	owner   string
	done    map[string]bool
	entries []account.IndexEntry
}

// one runs a command, and writes its output and the index.
func (r *run) one(ctx context.Context, c plan.Command) error {
	if r.Profile != "" {
		c.Args = append(c.Args, "--profile", r.Profile)
	}
	out, e := r.exec(ctx, c.Args)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	e.File, e.Command, e.Account, e.Region, e.Time = c.File, c.String(), r.owner, r.Region, r.Now().UTC()
	r.done[c.File] = true
	if e.Status == 0 {
		if err := r.write(c.File, out); err != nil {
			return err
		}
	}
	r.entries = append(r.entries, e)
	if r.Report != nil {
		r.Report(e)
	}
	index, err := json.MarshalIndent(struct {
		V     int                  `json:"v"`
		Files []account.IndexEntry `json:"files"`
	}{1, r.entries}, "", " ")
	if err != nil {
		return err
	}
	return r.write(account.IndexName, append(index, '\n'))
}

func (r *run) write(name string, data []byte) error {
	return atomicfile.Write(filepath.Join(r.Dir, name), true, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// account is the ID of the account that the credentials are of; "" if it isn't told.
func (r *run) account(ctx context.Context) string {
	args := []string{"sts", "get-caller-identity", "--query", "Account", "--output", "text", "--region", r.Region}
	if r.Profile != "" {
		args = append(args, "--profile", r.Profile)
	}
	out, e := r.exec(ctx, args)
	if id := strings.TrimSpace(string(out)); e.Status == 0 && len(id) == 12 {
		return id
	}
	return ""
}

// exec runs the AWS CLI without a pager.
func (r *run) exec(ctx context.Context, args []string) ([]byte, account.IndexEntry) {
	limit := cmp.Or(r.Timeout, timeout)
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, r.Program, args...)
	cmd.Env = append(os.Environ(), "AWS_PAGER=", "AWS_CLI_AUTO_PROMPT=off", "AWS_CLI_ERROR_FORMAT=legacy")
	cmd.WaitDelay = time.Second
	out, errs := &limited{max: maxOutput}, &limited{max: maxError, cut: true}
	cmd.Stdout, cmd.Stderr = out, errs
	err := cmd.Run()
	var ended *exec.ExitError
	switch {
	case err == nil:
		return out.b.Bytes(), account.IndexEntry{}
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return nil, account.IndexEntry{Status: -1, Error: "no result after " + limit.String()}
	case errors.As(err, &ended):
		return nil, account.IndexEntry{Status: ended.ExitCode(), Error: strings.Join(strings.Fields(errs.b.String()), " ")}
	default:
		return nil, account.IndexEntry{Status: -1, Error: err.Error()}
	}
}

// A limited is a buffer that doesn't grow past max bytes: what is more is an error, or left out
// if cut is set.
type limited struct {
	b   bytes.Buffer
	max int
	cut bool
}

func (l *limited) Write(p []byte) (int, error) {
	rest := l.max - l.b.Len()
	if len(p) <= rest {
		return l.b.Write(p)
	}
	if !l.cut {
		return 0, errTooLong
	}
	l.b.Write(p[:rest])
	return len(p), nil
}
