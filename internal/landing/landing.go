// Package landing serves the web page at the proxy's own address: what is running there,
// the certificate to trust, a PAC file, and the steps for each system, browser and shell.
package landing

import (
	"html/template"
	"net/http"
	"time"

	"detour/internal/webguard"
)

// A Run is what the page says of a run. It doesn't change while the page is served.
type Run struct {
	Addr     string    // the proxy, as host:port
	Version  string    // of detour; "": unknown
	Began    time.Time // when the run started
	Roots    []Root    // the certificates to trust, at least one
	Console  string    // the page that the steps open, a URL
	SPKI     string    // their public keys, as Chromium's flag takes them
	InMemory bool      // the certificates end with the run
	Domains  []string  // the PAC file sends these domains through the proxy
	AllHosts bool      // it sends every host through the proxy
	Warning  string    // what the visitor must know; "": nothing
	State    func() State
}

// A Root is a root certificate to trust.
type Root struct {
	PEM         []byte
	Fingerprint string   // SHA-256
	Domains     []string // that it may sign for; nil: every host
	NotAfter    time.Time
}

// A State is what the page says of a run at this moment.
type State struct {
	Flows, Pending, Evicted int
	Passthrough             []string // hosts that are not decrypted although the run decrypts their kind
}

// URL is the proxy's address as a client has to set it.
func (r Run) URL() string { return "http://" + r.Addr }

// rootsPEM is every root certificate in one file.
func (r Run) rootsPEM() (b []byte) {
	for _, root := range r.Roots {
		b = append(b, root.PEM...)
	}
	return b
}

// Handler serves the page, the certificates and the PAC file. A page on the web can
// send requests here too, so it answers to loopback names only (DNS rebinding) and not to
// other sites' scripts, frames and images, and reveals nothing of the traffic.
func Handler(run Run) http.Handler {
	page := template.Must(template.New("landing").Parse(pageHTML))
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_ = page.Execute(w, run.pageFor(r.UserAgent()))
	})
	certificate := func(path, file string, pem []byte) {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/x-pem-file")
			w.Header().Set("Content-Disposition", `attachment; filename="`+file+`"`)
			_, _ = w.Write(pem)
		})
	}
	certificate("/ca.pem", "detour-ca.pem", run.rootsPEM())
	if links := run.rootLinks(); len(links) > 1 {
		for i, l := range links {
			certificate(l.Path, l.File, run.Roots[i].PEM)
		}
	}
	mux.HandleFunc("GET /proxy.pac", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-ns-proxy-autoconfig")
		_, _ = w.Write([]byte(run.PAC()))
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "not found: detour has / (how to set it up), /ca.pem (the certificate) and /proxy.pac\n"+
			"as a proxy it takes requests for other hosts; see detour --help", http.StatusNotFound)
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !webguard.IsLoopback(webguard.Host(r.Host)):
			http.Error(w, "detour answers at its loopback address only", http.StatusForbidden)
			return
		case webguard.ForeignOrigin(r), webguard.ForeignSite(r) && !webguard.Navigates(r):
			http.Error(w, "detour doesn't answer to other sites' pages", http.StatusForbidden)
			return
		}
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		mux.ServeHTTP(w, r)
	})
}
