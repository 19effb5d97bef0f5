package h2server

import (
	"net/http"
	"strconv"
	"time"
)

// writeHead writes the head of a response. mu is held.
func (c *Conn) writeHead(id uint32, status int, fields []field, date, end bool) {
	w := &c.out
	w.BeginBlock()
	w.Encode(":status", strconv.Itoa(status))
	if date {
		w.Encode("date", time.Now().UTC().Format(http.TimeFormat))
	}
	for _, f := range fields {
		w.EncodeField(f.name, f.values)
	}
	w.WriteBlock(id, end)
}

// writeTrailer writes the fields after a body. mu is held.
func (c *Conn) writeTrailer(id uint32, names []string, h http.Header) {
	w := &c.out
	w.BeginBlock()
	for _, name := range names {
		w.EncodeField(name, h[name])
	}
	w.WriteTrailer(id)
}
