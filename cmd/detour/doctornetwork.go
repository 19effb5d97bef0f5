package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"detour/internal/aws"
	"detour/internal/dial"
	"detour/internal/doctor"
	"detour/internal/flow"
	"detour/internal/machine"
	"detour/internal/resolve"
	"detour/internal/shellenv"
	"detour/internal/upstream"
)

// An environmentFound is what the proxy's variables say, and the proxies themselves.
type environmentFound struct {
	doctor.Environment
	policy *upstream.Policy // nil: it could not be read
}

// environment reads the variables as a run does that listens at this port, if it can
// have it.
func (o *doctorOptions) environment(port doctor.Port, running func() []string, domains []string) (e environmentFound) {
	self := &net.TCPAddr{}
	if at, err := net.ResolveTCPAddr("tcp", o.listen); err == nil && port.Err == "" && port.Wrong == nil {
		self = at
	}
	up, err := o.upstream(self, running)
	if err != nil {
		e.Err = err.Error()
		return e
	}
	e.policy = up
	e.Own, e.OwnAt, e.Self, e.SelfAt = up.Running.Names, up.Running.Proxy, up.Self.Names, up.Self.Proxy
	for _, scheme := range []string{"https", "http"} {
		if p := up.Proxies[scheme]; p != nil {
			e.Proxies = append(e.Proxies, p.String()+" for "+scheme)
		}
	}
	list := upstream.NoProxy(os.Getenv)
	e.Past = shellenv.Proxy{Direct: list, Domains: domains}.LeftOut()
	return e
}

// reached asks each upstream proxy for a connection.
func (e environmentFound) reached(ctx context.Context) doctor.Environment {
	seen := make(map[string]bool)
	if e.policy == nil {
		return e.Environment
	}
	for _, p := range e.policy.Proxies {
		if seen[p.Authority()] {
			continue
		}
		seen[p.Authority()] = true
		r := doctor.Reach{Name: p.String(), Here: upstream.OnThisMachine(p)}
		c, err := (&net.Dialer{Timeout: 2 * time.Second}).DialContext(ctx, "tcp", p.Authority())
		if err != nil {
			r.Err = err.Error()
		} else {
			c.Close()
		}
		e.Upstream = append(e.Upstream, r)
	}
	return e.Environment
}

// askResolvers asks each nameserver by itself: those given, else the system's and
// those behind a stub of its. Where only the system knows whom to ask, it is asked;
// where nobody is named, the one on this machine is, as by the system (resolv.conf(5)).
func (o *doctorOptions) askResolvers(ctx context.Context) []doctor.Resolver {
	servers := slices.Concat(o.servers())
	if len(servers) == 0 {
		if r := resolve.New(resolve.Config{}); r.AsksSystem() {
			return []doctor.Resolver{askSystem(ctx, r)}
		}
		r := askResolver(ctx, netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), 53))
		r.Default = true
		return []doctor.Resolver{r}
	}
	out := make([]doctor.Resolver, len(servers))
	var all sync.WaitGroup
	for i, s := range servers {
		all.Go(func() { out[i] = askResolver(ctx, s) })
	}
	all.Wait()
	return out
}

// resolverTime is how long a nameserver may take; who asks in earnest waits five
// seconds.
const resolverTime = 2 * time.Second

// askResolver asks the nameserver itself: the hosts file has no say in it.
func askResolver(ctx context.Context, server netip.AddrPort) doctor.Resolver {
	ctx, cancel := context.WithTimeout(ctx, resolverTime)
	defer cancel()
	out := doctor.Resolver{Server: server.String(), Name: doctorHost}
	r, err := resolve.NewReference(server.String())
	if err != nil {
		out.Outcome, out.Err = flow.DNSError, err.Error()
		return out
	}
	got := r.Ask(ctx, doctorHost)
	out.Outcome, out.Addrs, out.Took, out.Err = got.Outcome, got.Addrs, got.Took, got.Err
	return out
}

func askSystem(ctx context.Context, r *resolve.Resolver) doctor.Resolver {
	ctx, cancel := context.WithTimeout(ctx, resolverTime)
	defer cancel()
	res := r.Resolve(ctx, doctorHost)
	return doctor.Resolver{Server: "the system's resolver", Name: doctorHost, Outcome: res.Outcome, Addrs: res.Addrs, Took: res.Took, Err: res.Err}
}

func hostsOf(tables *aws.Tables) []doctor.HostsLine {
	var out []doctor.HostsLine
	for _, l := range resolve.HostsLines(resolve.HostsFile(), tables.IsAWS) {
		out = append(out, doctor.HostsLine(l))
	}
	return out
}

// waysOut looks how private addresses would be left for: by the routing table, and by
// samples, which also go by the tables of a policy. No packet is sent: to connect a
// UDP socket chooses the way, and no more.
func waysOut(ctx context.Context) (n doctor.Network) {
	list, _ := net.Interfaces()
	of := make(map[string]string) // address to interface
	for _, i := range list {
		addrs, err := i.Addrs()
		if err != nil || i.Flags&net.FlagUp == 0 {
			continue
		}
		t := doctor.Interface{Name: i.Name}
		for _, a := range addrs {
			p, ok := a.(*net.IPNet)
			if !ok {
				continue
			}
			of[p.IP.String()] = i.Name
			if !p.IP.IsLinkLocalUnicast() && !p.IP.IsLoopback() {
				t.Addrs = append(t.Addrs, p.String())
			}
		}
		if len(t.Addrs) > 0 && doctor.Tunnel(i.Name, i.Flags&net.FlagPointToPoint != 0) {
			n.Tunnels = append(n.Tunnels, t)
		}
	}
	for _, r := range doctor.PrivateRanges() {
		sample := doctor.Route{Range: r}
		if c, err := net.Dial("udp", netip.AddrPortFrom(doctor.Sample(r), 9).String()); err == nil { //nolint:noctx // no packet is sent
			if a, ok := c.LocalAddr().(*net.UDPAddr); ok && !a.IP.IsLoopback() {
				sample.Interface = of[a.IP.String()]
			}
			c.Close()
		}
		n.Samples = append(n.Samples, sample)
	}
	for _, r := range machine.RoutingTable(ctx) {
		n.Table = append(n.Table, doctor.Route{Range: r.Range, Interface: cmp.Or(of[r.Interface], r.Interface)})
	}
	return n
}

// askServer connects to a server of AWS as a run would, and asks for its clock.
func askServer(ctx context.Context, n network, host string) doctor.Server {
	s := doctor.Server{Host: host}
	d := dial.New(dial.Config{Resolver: n.resolver, Connect: n.connect, Timeout: n.timeout, RootCAs: n.rootCAs, ClientCert: n.clientCert, Via: n.via})
	defer d.Close()
	var last *flow.Conn
	conn, err := d.Dial(ctx, dial.Request{Authority: host + ":443", TLS: true, ALPN: []string{"http/1.1"}, Watch: func(c *flow.Conn) { last = c }})
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
	s.Date, err = dateOf(ctx, conn, host)
	if err != nil {
		s.Err = err.Error()
	}
	s.Now = time.Now()
	return s
}

// dateOf asks for the front page's head, and returns the server's time.
func dateOf(ctx context.Context, conn net.Conn, host string) (time.Time, error) {
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
	date := strings.TrimSpace(resp.Header.Get("Date"))
	if date == "" {
		return time.Time{}, nil
	}
	return http.ParseTime(date)
}
