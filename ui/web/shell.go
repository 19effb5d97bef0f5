package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"slices"
	"strings"
)

//go:embed page.html *.css *.js
var files embed.FS

// scriptFiles are the page's scripts, in the order in which they run. They share one scope.
func scriptFiles() []string {
	return []string{
		"events.js", "words.js", "elements.js", "store.js", "waterfall.js", "columns.js", "cells.js", "figures.js", "grid.js",
		"pane.js", "copy.js", "filter.js", "stream.js", "offline.js", "findings.js", "keys.js", "page.js",
	}
}

// styleFiles are its styles, in their order.
func styleFiles() []string { return []string{"page.css", "document.css"} }

// A shell is what differs between two documents of the page.
type shell struct {
	Title   string
	Offline bool
	Summary template.HTML // what has to be known first, with or without the script
	Report  template.HTML // the rest
}

// Document returns the live page without any data, and the policy to serve it with (the
// Content-Security-Policy field).
func (p *Page) Document() (body []byte, csp string) {
	begin, end, csp := p.document(shell{Title: "detour"})
	return slices.Concat(begin, end), csp
}

// document returns a document in two parts, between which an offline one has its data, and its
// policy. The policy is also in an offline document.
func (p *Page) document(s shell) (begin, end []byte, csp string) {
	scripts, styles := read(scriptFiles()), read(styleFiles())
	connect := "'self'"
	if s.Offline {
		connect = "'none'"
	}
	csp = strings.Join([]string{
		"default-src 'none'", "script-src " + hashes(scripts), "style-src " + hashes(styles), "connect-src " + connect,
		"base-uri 'none'", "form-action 'none'",
	}, "; ")
	t := template.Must(template.ParseFS(files, "page.html"))
	data := struct {
		shell
		CSP     string
		Setup   template.JS
		Scripts []template.JS
		Styles  []template.CSS
	}{shell: s, CSP: csp, Setup: template.JS(p.setup(s.Offline))} //nolint:gosec // ours
	for _, x := range scripts {
		data.Scripts = append(data.Scripts, template.JS(x)) //nolint:gosec // ours
	}
	for _, x := range styles {
		data.Styles = append(data.Styles, template.CSS(x)) //nolint:gosec // ours
	}
	var parts [2]bytes.Buffer
	for i, name := range []string{"begin", "end"} {
		if err := t.ExecuteTemplate(&parts[i], name, data); err != nil {
			panic(err) // the template is ours, and a buffer takes everything
		}
	}
	if !s.Offline {
		// Only a header may say who may frame the page. The image is its icon, which browsers ask a
		// server for.
		csp += "; frame-ancestors 'none'; img-src data:"
	}
	return parts[0].Bytes(), parts[1].Bytes(), csp
}

// read returns the contents of the page's own files.
func read(names []string) []string {
	var out []string
	for _, n := range names {
		b, err := files.ReadFile(n)
		if err != nil {
			panic(err) // it is embedded
		}
		out = append(out, string(b))
	}
	return out
}

// hashes are the sources of a policy that allows exactly these texts (CSP 3, 2.3.1).
func hashes(texts []string) string {
	var out []string
	for _, s := range texts {
		sum := sha256.Sum256([]byte(s))
		out = append(out, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
	}
	return strings.Join(out, " ")
}
