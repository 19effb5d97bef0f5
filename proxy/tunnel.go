package proxy

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"detour/internal/dial"
	"detour/internal/errno"
	"detour/internal/flow"
)

// tunnel forwards a connection without reading it. It records the resolution, the
// dial and the byte counts.
func (p *Proxy) tunnel(r *http.Request, client net.Conn, authority string) {
	p.relayTunnel(r, client, authority, false)
}

// relayTunnel is tunnel for a client that may have its response to the CONNECT already.
func (p *Proxy) relayTunnel(r *http.Request, client net.Conn, authority string, established bool) {
	ctx, cancel := context.WithCancel(p.ctx)
	defer cancel()
	x := &exchange{p: p, client: ctx}
	x.f = flow.Flow{
		ID: p.nextID(), Source: flow.SourceProxy, State: flow.StateBlocked,
		Request: flow.Request{Method: http.MethodConnect, URL: authority, Proto: r.Proto, Headers: headers(r)},
		Tunnel:  &flow.Tunnel{},
		Times:   flow.Times{Start: time.Now()},
	}
	x.start()
	defer x.end()
	defer client.Close()
	if p.leadsToSelf(authority) {
		x.respondError(client, r, errLoop)
		return
	}
	hello := make(chan []byte, 1)
	var reader sync.WaitGroup
	reader.Go(func() { hello <- readHello(client, cancel) })
	defer reader.Wait()
	defer client.Close()
	server, err := p.cfg.Dialer.Dial(ctx, dial.Request{Authority: authority, Watch: x.dialProgress})
	if err != nil {
		if established {
			_ = x.errorResponse(r, err).Body.Close() // for the record
		} else {
			x.respondError(client, r, err)
		}
		return
	}
	defer server.Close()
	defer context.AfterFunc(p.ctx, func() { _ = client.Close(); _ = server.Close() })()
	x.gotConn(dial.InfoOf(server))
	if !established {
		if _, err := io.WriteString(client, connectEstablished); err != nil {
			x.clientWriteFailed(err)
			return
		}
	}
	x.relay(client, server, hello)
}

// readHello waits for the client's first bytes. If the client disconnects instead, it
// calls cancel.
func readHello(client net.Conn, cancel func()) []byte {
	buf := make([]byte, helloSize)
	n, err := client.Read(buf)
	if err != nil {
		cancel()
	}
	return buf[:n]
}

// relay copies in both directions until both are done.
func (x *exchange) relay(client, server net.Conn, hello <-chan []byte) {
	var t flow.Tunnel
	var up sync.WaitGroup
	ended := make(chan flow.Side, 2) // the side that ended a direction; the first counts
	up.Go(func() {
		first := <-hello
		x.p.guard(func() { t.ServerName, t.Protocols = readClientHello(first) })
		n, err := server.Write(first)
		t.Sent = int64(n)
		if err == nil && n > 0 {
			var m int64
			m, err = io.Copy(server, client)
			t.Sent += m
		}
		ended <- closedBy(err, flow.SideClient, flow.SideServer)
		_ = closeWrite(server)
		if err != nil {
			x.clientWriteFailed(err)
		}
	})
	received, err := io.Copy(client, server)
	ended <- closedBy(err, flow.SideServer, flow.SideClient)
	if err != nil || closeWrite(client) != nil {
		_ = client.Close()
	}
	up.Wait()
	t.Received, t.ClosedBy = received, <-ended
	if x.p.ctx.Err() != nil {
		t.ClosedBy = flow.SideDetour
	}
	x.update(func(f *flow.Flow) { f.Tunnel = &t })
}

// closedBy returns the side that ended a copy: the one that was read from, unless writing to the
// other failed. net says so by the call's name, where it copies itself; where the kernel copies,
// only the number does.
func closedBy(err error, from, to flow.Side) flow.Side {
	if errno.IsReaderGone(err) || failedCall(err) == "write" {
		return to
	}
	return from
}

// failedCall returns the innermost of net's calls that failed; "" if none is known.
func failedCall(err error) (name string) {
	for op := (*net.OpError)(nil); errors.As(err, &op); err = op.Err {
		name = op.Op
	}
	return name
}

// respondError responds to a CONNECT that failed. Browsers show their own error page,
// other programs show this one.
func (x *exchange) respondError(client net.Conn, r *http.Request, err error) {
	_ = client.SetWriteDeadline(time.Now().Add(handshakeTimeout))
	resp := x.errorResponse(r, err)
	resp.Close = true // says Connection: close
	_ = resp.Write(client)
	_ = resp.Body.Close()
	x.finish() // before the connection lingers
	lingerOnClose(client)
}
