package account

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
	"time"

	"detour/internal/flow"
)

// patience is how long a connect may go unanswered before its address counts as silent, as in
// the findings: a SYN is sent again after one second and after three (RFC 6298, 2.1 and 5.5).
const patience = 3 * time.Second

// A Client is what is known of the machine that the flows are of.
type Client struct {
	From   netip.Addr // its address, given by hand for flows that have none; invalid if it wasn't
	Strict bool       // the flows have stand-ins for addresses, so nothing can be joined
}

// A Study is a configuration beside all flows of a capture, or of a run. Those of a run are in memory:
// [Study.Update] evaluates what has changed. Those of a capture may come one by one, to [Study.Add]. It
// isn't safe for concurrent use.
type Study struct {
	config  *Config
	client  Client
	now     time.Time
	order   []*flow.Flow // as they were given
	flows   map[flow.ID]*flow.Flow
	ports   []int           // where an egress rule begins or ends, sorted
	denies  map[packet]bool // of packets that were answered, by their class of ports
	refuted map[flow.ID][]refutation
	against contradictions
	missed  map[flow.ID]packet // what responded at an address that files which aren't whole don't have
	unseen  []packet           // the first of these; none if there is none
	tracks  map[packet]*track  // of packets that weren't answered; bounded by what findings are about
	last    map[packet]*track  // those before the last update
	arrived map[packet]bool    // what was answered by a reset
	byHand  bool               // a flow lacked the client's address, and the one given was used
	common  *common            // nil: not known yet
}

// Study evaluates everything that responded. now is the end of pending connects.
func (c *Config) Study(flows []*flow.Flow, now time.Time, client Client) *Study {
	s := &Study{
		config: c, client: client, flows: make(map[flow.ID]*flow.Flow, len(flows)),
		ports: c.portBounds(), denies: make(map[packet]bool), refuted: make(map[flow.ID][]refutation),
		missed: make(map[flow.ID]packet),
	}
	s.Update(flows, now)
	return s
}

// Update replaces the flows. Those that are the same revisions as before aren't evaluated again.
func (s *Study) Update(flows []*flow.Flow, now time.Time) {
	s.now, s.last = now, s.tracks
	s.tracks, s.arrived, s.common = make(map[packet]*track), make(map[packet]bool), nil
	for i, f := range flows {
		if i < len(s.order) && s.order[i] == f || s.flows[f.ID] == f {
			continue
		}
		s.Keep(f)
		delete(s.refuted, f.ID)
		delete(s.missed, f.ID)
		refuted, missed := s.weigh(f)
		if len(refuted) > 0 {
			s.refuted[f.ID] = refuted
		}
		if missed.To.IsValid() {
			s.missed[f.ID] = missed
		}
	}
	if len(s.flows) > len(flows) {
		for _, id := range gone(s.order, flows) {
			delete(s.flows, id)
			delete(s.refuted, id)
			delete(s.missed, id)
		}
	}
	s.order = append(s.order[:0], flows...)
	s.against, s.unseen = contradictions{}, nil
	for i := 0; i < len(flows) && len(s.refuted)+len(s.missed) > 0; i++ {
		s.note(flows[i].ID, s.refuted[flows[i].ID], s.missed[flows[i].ID])
	}
}

// Add evaluates the next flow of a Study that isn't updated. The flow isn't kept.
func (s *Study) Add(f *flow.Flow) {
	if s.common == nil {
		s.common = newCommon(s)
	}
	s.common.add(f)
	refuted, missed := s.weigh(f)
	s.note(f.ID, refuted, missed)
}

// Keep keeps a flow that a finding is about, for its proof.
func (s *Study) Keep(f *flow.Flow) { s.flows[f.ID] = f }

// note adds what a flow shows to what was noted of those before it.
func (s *Study) note(id flow.ID, refuted []refutation, missed packet) {
	s.against.add(id, refuted)
	if len(s.unseen) == 0 && missed.To.IsValid() {
		s.unseen = []packet{missed}
	}
}

// gone are the flows that were and no longer are. It is fast if the others kept their order.
func gone(were, are []*flow.Flow) (out []flow.ID) {
	var doubtful []flow.ID
	for _, f := range were {
		if len(are) > 0 && are[0].ID == f.ID {
			are = are[1:]
		} else {
			doubtful = append(doubtful, f.ID)
		}
	}
	left := make(map[flow.ID]bool, len(are))
	for _, f := range are {
		left[f.ID] = true
	}
	return slices.DeleteFunc(doubtful, func(id flow.ID) bool { return left[id] })
}

// follow evaluates a packet once.
func (s *Study) follow(p packet) *track {
	t := s.tracks[p]
	if t == nil {
		if t = s.last[p]; t == nil {
			t = s.config.follow(p)
		}
		s.tracks[p] = t
	}
	return t
}

// conns are the connections that were made for a flow. Those that it reused are of others.
func conns(f *flow.Flow) (out []*flow.Conn) {
	if f.Conn != nil && !f.Reused {
		out = append(out, f.Conn)
	}
	return append(out, f.Unused...)
}

// packet is the first packet of an attempt.
func (s *Study) packet(f *flow.Flow, to, from netip.AddrPort) packet {
	p := packetTo(f, to)
	p.From = unmap(from)
	if !p.From.IsValid() && s.client.From.IsValid() {
		p.From, s.byHand = netip.AddrPortFrom(s.client.From.Unmap(), 0), true
	}
	return p
}

// packetTo is a packet to an address, without its source.
func packetTo(f *flow.Flow, to netip.AddrPort) packet {
	p := packet{Host: strings.ToLower(f.Request.Host()), Protocol: "tcp", To: unmap(to)}
	if f.AWS != nil {
		p.Service = f.AWS.EndpointService
	}
	if f.Conn != nil && f.Conn.Resolution != nil && f.Conn.Resolution.Source == flow.SourceDNS {
		p.Nameserver = f.Conn.Resolution.Nameserver.Addr().Unmap()
	}
	return p
}

func unmap(a netip.AddrPort) netip.AddrPort {
	if !a.IsValid() {
		return a
	}
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}

// answered are the packets of a flow that were answered by an accepted connection, and its DNS
// queries to a nameserver that answered. A connection that was made for another flow is one of
// them: the other one may not be in the capture.
func (s *Study) answered(f *flow.Flow) (out []packet) {
	all := conns(f)
	if f.Conn != nil && f.Reused {
		all = append(all, f.Conn)
	}
	for _, c := range all {
		for _, a := range c.Attempts {
			if a.Outcome == flow.DialConnected && s.mayBeHere(a.Addr.Addr()) && c.UpstreamProxy == "" {
				out = append(out, s.packet(f, a.Addr, a.Local))
			}
		}
		out = append(out, s.answeredQueries(c)...)
	}
	for _, l := range f.Later {
		if l.Outcome == flow.DialConnected && s.mayBeHere(l.Addr.Addr()) {
			out = append(out, s.packet(f, l.Addr, s.localOf(f, l.Addr)))
		}
	}
	return out
}

// localOf is the local end of an attempt to an address: a later one is made from the same.
func (s *Study) localOf(f *flow.Flow, to netip.AddrPort) netip.AddrPort {
	for _, c := range conns(f) {
		for _, a := range c.Attempts {
			if a.Addr == to && a.Local.IsValid() {
				return netip.AddrPortFrom(a.Local.Addr(), 0)
			}
		}
	}
	return netip.AddrPort{}
}

// mayBeHere reports whether an address can be an interface endpoint's: it is private, or of an
// interface in the files, as IPv6 addresses may be.
func (s *Study) mayBeHere(a netip.Addr) bool {
	a = a.Unmap()
	return flow.ScopeOf(a).InVPC() || len(s.config.byAddress[a]) > 0
}

// silent are the packets of a flow that weren't answered; rejected are those that were, by a
// reset or an ICMP error.
func (s *Study) silent(f *flow.Flow) (silent, rejected []packet) {
	for _, c := range conns(f) {
		if c.UpstreamProxy != "" {
			continue
		}
		for _, a := range c.Attempts {
			switch {
			case !a.Addr.IsValid():
			case a.Unanswered(s.now, patience):
				silent = append(silent, s.packet(f, a.Addr, a.Local))
			case a.Outcome == flow.DialRefused, a.Outcome == flow.DialReset, a.Outcome == flow.DialUnreachable:
				p := s.packet(f, a.Addr, a.Local)
				rejected = append(rejected, p)
				s.arrived[p] = s.arrived[p] || a.Outcome != flow.DialUnreachable
			}
		}
	}
	for _, l := range f.Later {
		if l.Kind == flow.LaterLoser && l.Outcome == flow.DialTimeout && l.Addr.IsValid() {
			silent = append(silent, s.packet(f, l.Addr, s.localOf(f, l.Addr)))
		}
	}
	return silent, rejected
}

// byAddress groups packets by the address that they go to, in order.
func byAddress(all []packet) (addrs []netip.AddrPort, by map[netip.AddrPort][]packet) {
	by = make(map[netip.AddrPort][]packet)
	seen := make(map[packet]bool, len(all))
	for _, p := range all {
		if seen[p] {
			continue
		}
		seen[p] = true
		if by[p.To] == nil {
			addrs = append(addrs, p.To)
		}
		by[p.To] = append(by[p.To], p)
	}
	slices.SortFunc(addrs, func(a, b netip.AddrPort) int {
		return cmp.Or(a.Addr().Compare(b.Addr()), cmp.Compare(a.Port(), b.Port()))
	})
	return addrs, by
}
