package main

import (
	"fmt"
	"html/template"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"time"
)

// landing answers who opens the proxy's own address in a browser: what runs here,
// the certificate to trust and a PAC file. A page on the web can send requests
// here too, so it answers to loopback names only (DNS rebinding), tells nothing of
// what passed through, and lets no other origin read it.
func (s *session) landing() http.Handler {
	page := template.Must(template.New("landing").Parse(landingPage))
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_ = page.Execute(w, s.state())
	})
	mux.HandleFunc("GET /ca.pem", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-pem-file")
		w.Header().Set("Content-Disposition", `attachment; filename="detour-ca.pem"`)
		_, _ = w.Write(s.decrypt.rootsPEM())
	})
	mux.HandleFunc("GET /proxy.pac", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-ns-proxy-autoconfig")
		_, _ = fmt.Fprint(w, s.pac())
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !loopbackHost(r.Host) {
			http.Error(w, "detour answers to its loopback address only", http.StatusForbidden)
			return
		}
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		mux.ServeHTTP(w, r)
	})
}

// A runState is what the page says of the run.
type runState struct {
	Proxy, Version, Since, Fingerprint, Ends string
	InMemory                                 bool // the certificate ends with the run
	Chapters                                 []chapter
	Facts                                    []string
}

func (s *session) state() runState {
	ca, st := s.decrypt.chains[0], s.store.Stats()
	out := runState{
		Proxy: s.url(), Version: version(), Since: s.began.UTC().Format(time.RFC3339),
		Fingerprint: ca.RootFingerprint(), Ends: ca.NotAfter().UTC().Format(time.DateOnly),
		InMemory: ca.Path() == "", Chapters: guide(s.url(), s.decrypt.spki()),
		Facts: []string{
			fmt.Sprintf("%d flows are kept, %d of them under way; %d were dropped", st.Flows, st.Pending, st.Evicted),
			fmt.Sprintf("%d goroutines", runtime.NumGoroutine()),
		},
	}
	if w := s.decrypt.warning(); w != "" {
		out.Facts = append(out.Facts, w)
	}
	if unread := s.passed.list(); len(unread) > 0 {
		out.Facts = append(out.Facts, "passed on unread: "+strings.Join(unread, ", "))
	}
	return out
}

const landingPage = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>detour</title>
<meta name="viewport" content="width=device-width">
<style>
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:48em;margin:3em auto;padding:0 1em}
code,pre{font:14px/1.5 ui-monospace,monospace;overflow-wrap:anywhere}
pre{white-space:pre-wrap;margin:.2em 0 .8em;padding:.4em .6em;border:1px solid #8886;border-radius:4px}
summary{font-weight:600;padding:.3em 0;cursor:pointer}
dt{font-weight:600}dd{margin:0 0 .6em}
</style>
<h1>detour</h1>
<p>A local proxy and traffic inspector for the AWS Management Console, {{.Version}}, running since {{.Since}}.</p>
<ul>
<li>Use <code>{{.Proxy}}</code> as HTTP and HTTPS proxy, or <a href="/proxy.pac">/proxy.pac</a> as automatic configuration: it sends the hosts here that are read, and all others straight.</li>
<li>Trust <a href="/ca.pem">/ca.pem</a>; it ends on {{.Ends}}. Its SHA-256 is <code>{{.Fingerprint}}</code>.</li>
{{if .InMemory}}<li>This run has its own browser, and its certificate is in memory: it is worth nothing once the run is over. To have your own browser trust one that stays, start <code>detour --browser none</code>.</li>
{{end}}</ul>
<h2>Step by step</h2>
{{range .Chapters}}<details><summary>{{.Title}}</summary>
<p>{{.Why}}</p>
<dl>{{range .Steps}}<dt>{{.Where}}</dt><dd>{{.Do}}{{with .Type}}<pre>{{.}}</pre>{{end}}</dd>
{{end}}</dl>
</details>
{{end}}<h2>State</h2>
<ul>{{range .Facts}}<li>{{.}}</li>{{end}}</ul>
</html>
`

// pac is the configuration file of this run.
func (s *session) pac() string {
	if s.decrypt.every {
		return fmt.Sprintf("// All hosts go through detour.\nfunction FindProxyForURL(url, host) {\n  return \"PROXY %s; DIRECT\";\n}\n", s.listen.Addr())
	}
	return pac(s.listen.Addr().String(), slices.Concat(s.tables.Suffixes(), s.decrypt.beyond))
}

// pac is a proxy auto-configuration file that sends hosts with these suffixes to
// the proxy. Where the proxy has gone, browsers go straight.
func pac(proxy string, suffixes []string) string {
	var b strings.Builder
	b.WriteString("// AWS's hosts go through detour, all others straight.\nfunction FindProxyForURL(url, host) {\n  var suffixes = [\n")
	for _, s := range suffixes {
		fmt.Fprintf(&b, "    %q,\n", s)
	}
	b.WriteString("  ];\n  host = host.toLowerCase().replace(/\\.$/, \"\");\n  for (var i = 0; i < suffixes.length; i++) {\n")
	b.WriteString("    if (host === suffixes[i] || dnsDomainIs(host, \".\" + suffixes[i])) {\n")
	fmt.Fprintf(&b, "      return \"PROXY %s; DIRECT\";\n    }\n  }\n  return \"DIRECT\";\n}\n", proxy)
	return b.String()
}

func loopbackHost(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
