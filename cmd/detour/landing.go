package main

import (
	"fmt"
	"net"
	"net/http"
	"strings"
)

// landing answers who opens the proxy's own address in a browser: what this is,
// and the certificate to trust. A page on the web can send requests here too, so
// it answers to loopback names only (DNS rebinding), and tells nothing else.
func landing(d *decryption) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		fmt.Fprintf(w, "detour: a local proxy for the AWS Management Console.\n\n"+
			"Use http://%s as HTTP and HTTPS proxy.\nTrust http://%s/ca.pem (SHA-256 %s).\n",
			r.Host, r.Host, d.chains[0].RootFingerprint())
	})
	mux.HandleFunc("GET /ca.pem", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-pem-file")
		_, _ = w.Write(d.rootsPEM())
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !loopbackHost(r.Host) {
			http.Error(w, "detour answers to its loopback address only", http.StatusForbidden)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func loopbackHost(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
