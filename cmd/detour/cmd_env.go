package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"detour/internal/aws"
	"detour/internal/instances"
	"detour/internal/parentshell"
	"detour/internal/shellenv"
	"detour/internal/statedir"
	"detour/internal/truststore"
	"detour/internal/upstream"
	"detour/internal/usererr"
)

// envOptions are the flags of detour env.
type envOptions struct {
	shell string
	unset bool
}

func envCommand() *cobra.Command {
	o := &envOptions{}
	c := &cobra.Command{
		Use:   "env",
		Short: "Print shell lines that send a terminal's AWS CLI and SDKs through the running proxy",
		Long: `Print shell lines that send the AWS CLI, SDKs, curl and similar programs through the
running detour and make them trust it. They change that shell only. Node.js honours
them since versions 22.21 and 24.0 (NODE_USE_ENV_PROXY); in older versions, fetch and
https bypass detour.

  eval "$(detour env)"                                     bash, zsh, sh
  detour env | source                                      fish
  detour env | Out-String | Invoke-Expression              PowerShell
  detour env --shell cmd > d.cmd && call d.cmd             cmd.exe

With --unset, they restore what the shell had before.`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c) },
	}
	c.Flags().StringVar(&o.shell, "shell", "",
		"`shell` to write for: sh (bash, zsh), fish, powershell or cmd (default: from SHELL; on Windows the one that started detour)")
	c.Flags().BoolVar(&o.unset, "unset", false, "print the lines that undo it; detour doesn't have to be running")
	return c
}

func (o *envOptions) run(c *cobra.Command) error {
	sh := parentshell.Detect()
	if o.shell != "" {
		var ok bool
		if sh, ok = shellenv.ParseShell(o.shell); !ok {
			return flagUsage("shell", "choose one of: sh fish powershell cmd", "--shell %q is unknown", o.shell)
		}
	}
	twoCases := runtime.GOOS != "windows"
	lines := ""
	if o.unset {
		lines = shellenv.Unset(sh, shellenv.Names(twoCases), isSet)
	} else {
		p, err := proxyOfRun(c)
		if err != nil {
			return err
		}
		lines = shellenv.Set(sh, p.Variables(twoCases), isSet)
	}
	fmt.Fprint(c.OutOrStdout(), lines)
	if onTerminal(c.OutOrStdout()) {
		fmt.Fprintln(c.ErrOrStderr(), "detour: these lines have no effect until the shell runs them: "+
			sh.Use(strings.TrimSpace("detour env"+o.flags())))
	}
	return nil
}

// flags are the flags on the command line.
func (o *envOptions) flags() (s string) {
	if o.shell != "" {
		s += " --shell " + o.shell
	}
	if o.unset {
		s += " --unset"
	}
	return s
}

// proxyOfRun finds the run to use, and writes the bundle of root certificates for it.
func proxyOfRun(c *cobra.Command) (p shellenv.Proxy, err error) {
	if runsDir() == "" {
		return p, noState()
	}
	runs, err := instances.List(c.Context(), runsDir())
	if err != nil && usererr.As(err) == nil {
		err = failed("", "can't list the running detours: %w", err)
	}
	if err != nil {
		return p, err
	}
	runs = slices.DeleteFunc(runs, func(r instances.Run) bool { return r.Kind == instances.Demo })
	if len(runs) == 0 {
		return p, failed("start it in another terminal: detour, or without a browser: detour --browser none", "detour isn't running")
	}
	r := runs[0]
	if len(runs) > 1 {
		fmt.Fprintf(c.ErrOrStderr(), "detour: %d are running; these lines are for %s, the latest\n", len(runs), r.Proxy)
	}
	tables, err := aws.Load()
	if err != nil {
		return p, err
	}
	p = shellenv.Proxy{URL: r.Proxy, Root: r.Root(), Direct: upstream.NoProxy(os.Getenv), Domains: tables.Suffixes()}
	if p.Bundle, err = writeBundle(c, r); err != nil {
		fmt.Fprintf(c.ErrOrStderr(), "detour: %v: AWS_CA_BUNDLE and similar variables are left unchanged\n", err)
		fmt.Fprintln(c.ErrOrStderr(), "hint: detour ca trust makes this system trust detour's certificates")
	}
	for _, e := range p.LeftOut() {
		fmt.Fprintf(c.ErrOrStderr(), "detour: %q is left out of NO_PROXY: AWS's hosts would bypass detour\n", e)
	}
	return p, nil
}

// writeBundle writes the system's root certificates, those of bundles that are in use,
// and the run's own to one file.
func writeBundle(c *cobra.Command, r instances.Run) (path string, err error) {
	system, err := truststore.SystemRoots(c.Context())
	if err != nil {
		return "", err
	}
	own, err := os.ReadFile(r.Root())
	if err != nil {
		return "", err
	}
	files := [][]byte{own, system}
	for _, name := range shellenv.Replacing() {
		v := os.Getenv(name)
		if v == "" || filepath.Dir(filepath.Dir(v)) == runsDir() {
			continue
		}
		if b, err := os.ReadFile(v); err == nil {
			files = append(files, b)
		}
	}
	path = filepath.Join(r.Dir, "bundle.pem")
	return path, os.WriteFile(path, truststore.JoinPEM(files...), 0o600)
}

func isSet(name string) bool { return os.Getenv(name) != "" }

// runsDir is where running detours register.
func runsDir() string { return statedir.File("runs") }
