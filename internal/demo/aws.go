package demo

import (
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"sync/atomic"
)

//go:embed web
var web embed.FS

// AWS returns the handler of all simulated servers, which it tells apart by host: the
// console, its static files, and the services' endpoints.
func AWS() (http.Handler, error) {
	page, err := template.ParseFS(web, "web/page.html")
	if err != nil {
		return nil, err
	}
	script, err := web.ReadFile("web/console.js")
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	for _, p := range Pages() {
		mux.HandleFunc("GET "+ConsoleHost+p.Path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_ = page.Execute(w, map[string]string{"Title": p.Title, "Path": p.Path, "Region": Region, "Static": StaticHost})
		})
	}
	mux.HandleFunc("POST "+ConsoleHost+"/ec2/ecb/elastic/", answerRelayed)
	mux.HandleFunc("GET "+ConsoleHost+"/p/log/", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET "+ConsoleHost+"/favicon.ico", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET "+StaticHost+"/console.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		_, _ = w.Write(script)
	})
	api := endpoint()
	for _, h := range []string{MetricsHost, LogsHost, EC2Host} {
		mux.Handle(h+"/", api)
	}
	return mux, nil
}

// answerRelayed answers a call to EC2 that the console's server relays.
func answerRelayed(w http.ResponseWriter, r *http.Request) {
	call, _, _ := strings.Cut(r.URL.Query().Get("call"), "?")
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amz-Rid", "LABRID0000000001")
	_ = json.NewEncoder(w).Encode(map[string]any{"call": call, "reservations": []string{"i-0abc1234def567890"}})
}

// endpoint is a service endpoint: it answers preflights, and signed calls by X-Amz-Target;
// calls without a signature are rejected.
func endpoint() http.Handler {
	var requests atomic.Int64
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("X-Amzn-Requestid", fmt.Sprintf("00000000-0000-4000-8000-%012d", requests.Add(1)))
		if r.Method == http.MethodOptions {
			h.Set("Access-Control-Allow-Methods", "POST")
			h.Set("Access-Control-Allow-Headers", r.Header.Get("Access-Control-Request-Headers"))
			h.Set("Access-Control-Max-Age", "7200")
			return
		}
		h.Set("Content-Type", r.Header.Get("Content-Type"))
		target := r.Header.Get("X-Amz-Target")
		if !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-") || target == "" {
			h.Set("X-Amzn-Errortype", "MissingAuthenticationToken")
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write([]byte(`{"message":"Missing Authentication Token"}`))
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"Operation": target[strings.LastIndexByte(target, '.')+1:], "Results": []int{}})
	})
}
