package main

import (
	"fmt"
	"html/template"
	"net"
	"net/http"
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
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_ = page.Execute(w, s.state(r.UserAgent()))
	})
	certificate := func(path, file string, pem []byte) {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/x-pem-file")
			w.Header().Set("Content-Disposition", `attachment; filename="`+file+`"`)
			_, _ = w.Write(pem)
		})
	}
	certificate("/ca.pem", "detour-ca.pem", s.decrypt.RootsPEM())
	if roots := s.roots(); len(roots) > 1 {
		for i, r := range roots {
			certificate(r.Path, r.File, s.decrypt.CAs[i].RootPEM())
		}
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "this is not here: detour has / (what to do), /ca.pem (the certificate) and /proxy.pac\nas a proxy it takes requests for other hosts; detour --help", http.StatusNotFound)
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
	Proxy, Version string
	Began          time.Time
	Roots          []rootState
	InMemory       bool   // the certificate ends with the run
	System         string // the visitor's; "": it isn't known
	Chapters       []chapterState
	Facts          []string
}

// A rootState is a root to trust, and where it alone is.
type rootState struct {
	Path, File, For, Fingerprint, Ends string
}

// A chapterState is a chapter for a visitor: the steps of other systems are apart.
type chapterState struct {
	chapter
	Open   bool
	Others []step
}

// state is what the page says to a visitor whose browser has this User-Agent.
func (s *session) state(agent string) runState {
	st := s.store.Stats()
	out := runState{
		Proxy: s.url(), Began: s.began, Roots: s.roots(), System: systemOf(agent),
		InMemory: s.decrypt.InMemory(),
		Facts:    []string{fmt.Sprintf("%d flows are kept, %d of them under way; %d were dropped", st.Flows, st.Pending, st.Evicted)},
	}
	if v := version(); !strings.HasPrefix(v, "(") { // a build that knows of none
		out.Version = v
	}
	firefox := strings.Contains(agent, "Firefox/")
	for i, c := range guide(s.url(), s.decrypt.SPKI()) {
		x := chapterState{chapter: c, Open: firefox && c.Title == firefoxChapter || !firefox && i == 0}
		if out.System != "" {
			x.Steps = nil
			for _, step := range c.Steps {
				if step.System == "" || step.System == out.System {
					x.Steps = append(x.Steps, step)
				} else {
					x.Others = append(x.Others, step)
				}
			}
		}
		out.Chapters = append(out.Chapters, x)
	}
	if w := s.decrypt.Warning(); w != "" {
		out.Facts = append(out.Facts, w)
	}
	if unread := s.passed.Hosts(); len(unread) > 0 {
		out.Facts = append(out.Facts, "passed on unread: "+strings.Join(unread, ", "))
	}
	return out
}

// roots are the roots to trust. Of several each has a file of its own, since most of
// what imports a certificate takes one from a file.
func (s *session) roots() (out []rootState) {
	for i, ca := range s.decrypt.CAs {
		r := rootState{"/ca.pem", "detour-ca.pem", "", ca.RootFingerprint(), ca.NotAfter().UTC().Format(time.DateOnly)}
		if len(s.decrypt.CAs) > 1 {
			r.Path, r.File = fmt.Sprintf("/ca-%d.pem", i+1), fmt.Sprintf("detour-ca-%d.pem", i+1)
			if names := ca.Permitted(); len(names) > 3 {
				r.For = fmt.Sprintf("%s and %d more", strings.Join(names[:2], ", "), len(names)-2)
			} else {
				r.For = strings.Join(names, ", ")
			}
		}
		out = append(out, r)
	}
	return out
}

// systemOf is the desktop system that a browser says it runs on; "" for others.
func systemOf(agent string) string {
	switch {
	case strings.Contains(agent, "Windows NT"):
		return onWindows
	case strings.Contains(agent, "Macintosh"):
		return onMac
	case strings.Contains(agent, "Linux") && !strings.Contains(agent, "Android"):
		return onLinux
	}
	return ""
}

const landingPage = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>detour</title>
<meta name="viewport" content="width=device-width">
<style>
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:48em;margin:3em auto;padding:0 1em}
code,pre{font:14px/1.5 ui-monospace,monospace;overflow-wrap:anywhere}
pre{white-space:pre-wrap;margin:.2em 0 .8em;padding:.4em .6em;border:1px solid #8886;border-radius:4px;user-select:all;-webkit-user-select:all;cursor:copy}
summary{font-weight:600;padding:.3em 0;cursor:pointer}
details details{margin-left:1em}details details summary{font-weight:400}
dt{font-weight:600}dd{margin:0 0 .6em}
</style>
<h1>detour</h1>
<p>A local proxy and traffic inspector for the AWS Management Console{{with .Version}}, {{.}}{{end}}. It has been running since <time datetime="{{.Began.UTC.Format "2006-01-02T15:04:05Z07:00"}}">{{.Began.Format "15:04 on 2 January 2006"}}</time>.</p>
<ul>
<li>Use <code>{{.Proxy}}</code> as HTTP and HTTPS proxy, or <a href="/proxy.pac">/proxy.pac</a> as automatic configuration: it sends the hosts here that are read, and all others straight.</li>
{{if gt (len .Roots) 1}}<li>Trust <a href="/ca.pem">/ca.pem</a>, which has {{len .Roots}} roots. What takes one certificate from a file has to be given each:
<ul>{{range .Roots}}<li><a href="{{.Path}}" download="{{.File}}">{{.Path}}</a>, for {{.For}}; it ends on {{.Ends}}. Its SHA-256 is <code>{{.Fingerprint}}</code>.</li>
{{end}}</ul></li>
{{else}}{{range .Roots}}<li>Trust <a href="{{.Path}}">{{.Path}}</a>; it ends on {{.Ends}}. Its SHA-256 is <code>{{.Fingerprint}}</code>.</li>
{{end}}{{end}}{{if .InMemory}}<li>This run has its own browser, and its certificate is in memory: it is worth nothing once the run is over. To have your own browser trust one that stays, start <code>detour --browser none</code>.</li>
{{end}}</ul>
<h2>Step by step{{with .System}} on {{.}}{{end}}</h2>
<p>A click on a command selects all of it, to be copied.</p>
{{range .Chapters}}<details{{if .Open}} open{{end}}><summary>{{.Title}}</summary>
<p>{{.Why}}</p>
{{template "steps" .Steps}}{{with .Others}}<details><summary>On other systems</summary>
{{template "steps" .}}</details>
{{end}}</details>
{{end}}<h2>State</h2>
<ul>{{range .Facts}}<li>{{.}}</li>{{end}}</ul>
</html>
{{define "steps"}}<dl>{{range .}}<dt>{{.Where}}</dt><dd>{{.Do}}{{with .Type}}<pre>{{.}}</pre>{{end}}</dd>
{{end}}</dl>
{{end}}`

// pac is the configuration file of this run.
func (s *session) pac() string {
	if s.decrypt.All {
		return fmt.Sprintf("// All hosts go through detour.\nfunction FindProxyForURL(url, host) {\n  return \"PROXY %s; DIRECT\";\n}\n", s.listen.Addr())
	}
	return pac(s.listen.Addr().String(), slices.Concat(s.tables.Suffixes(), s.decrypt.Extra))
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
