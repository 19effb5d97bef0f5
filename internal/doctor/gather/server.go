package gather

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"detour/internal/dial"
	"detour/internal/doctor"
	"detour/internal/flow"
)

// server connects to Host as a run would, and asks for its time.
func (cfg Config) server(ctx context.Context) doctor.Server {
	s := doctor.Server{Host: cfg.Host}
	d := dial.New(cfg.Dial)
	defer d.Close()
	var last *flow.Conn
	conn, err := d.Dial(ctx, dial.Request{
		Authority: cfg.Host + ":443", TLS: true, ALPN: []string{"http/1.1"},
		Watch: func(c *flow.Conn) { last = c },
	})
	var de *dial.Error
	if errors.As(err, &de) {
		last = de.Info
	} else if err == nil {
		last = dial.InfoOf(conn)
	}
	if last != nil && last.TLS != nil && last.TLS.Outcome != "" {
		s.TLS, s.Issued = last.TLS.Outcome, last.TLS.Issued
		if len(last.TLS.Chain) > 0 {
			s.Issuer = last.TLS.Chain[0].Issuer
		}
	}
	if err != nil {
		s.Err = err.Error()
		return s
	}
	defer conn.Close()
	s.Date, err = date(ctx, conn, cfg.Host)
	if err != nil {
		s.Err = err.Error()
	}
	s.Now = time.Now()
	return s
}

// date requests the head of the front page, and returns the server's time; zero if the
// answer has none.
func date(ctx context.Context, conn net.Conn, host string) (time.Time, error) {
	if until, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(until)
	}
	if _, err := fmt.Fprintf(conn, "HEAD / HTTP/1.1\r\nHost: %s\r\nUser-Agent: detour-doctor\r\nConnection: close\r\n\r\n", host); err != nil {
		return time.Time{}, err
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: http.MethodHead})
	if err != nil {
		return time.Time{}, err
	}
	defer resp.Body.Close()
	value := strings.TrimSpace(resp.Header.Get("Date"))
	if value == "" {
		return time.Time{}, nil
	}
	return http.ParseTime(value)
}
