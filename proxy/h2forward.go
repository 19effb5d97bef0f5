package proxy

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// forward sends the request of an HTTP/2 client to the server, and the response to the client. It
// does what goproxy's handler chain does for HTTP/1.1, where a request may be an upgrade.
func (x *exchange) forward(sw *streamWriter, r *http.Request) {
	removeHopByHop(r.Header)
	for _, name := range []string{"Proxy-Authenticate", "Proxy-Authorization"} {
		delete(r.Header, name)
	}
	r.RequestURI = "" // of a server's request; a client's has none
	resp, err := x.p.roundTrip(r, nil)
	if err != nil {
		resp = x.errorResponse(r, err)
	}
	defer resp.Body.Close()
	header := sw.Header()
	clear(header)
	maps.Copy(header, resp.Header)
	announced := len(resp.Trailer)
	if announced > 0 {
		header.Add("Trailer", strings.Join(slices.Sorted(maps.Keys(resp.Trailer)), ", "))
	}
	sw.WriteHeader(resp.StatusCode)
	_, _ = sw.ReadFrom(resp.Body)
	for name, values := range resp.Trailer {
		if len(resp.Trailer) > announced { // by a server that announces none, as over HTTP/2
			name = http.TrailerPrefix + name
		}
		header[name] = values
	}
}
