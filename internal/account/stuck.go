package account

import (
	"slices"
	"strconv"

	"detour/internal/account/retell"
	"detour/internal/diagnose/awsside"
	"detour/internal/diagnose/command"
	"detour/internal/flow"
)

// stuck says of a finding's flows which of their addresses gave no answer, and what shows on AWS's
// side of them. text redacts what is named.
func (s *Study) stuck(ids []flow.ID, text func(string) string) (out retell.Stuck) {
	w := witness{byID: make(map[string]int)}
	var all []*flow.Flow
	for _, id := range ids {
		x := s.flows[id]
		if x == nil {
			continue
		}
		all = append(all, x)
		silent, _ := s.silent(x)
		if len(silent) > 0 && (x.Response != nil || x.Conn.Winner() != nil) {
			out.Partly = true
		}
		for _, p := range silent {
			out.Addrs = append(out.Addrs, p.To.Addr().String())
			if a := p.From.Addr(); a.IsValid() {
				out.Clients = append(out.Clients, a.String())
			}
			if out.Region == "" {
				out.Region = s.config.regionOf(p)
			}
			w.Port = strconv.Itoa(int(p.To.Port()))
			if t := s.follow(p); t.eni != nil {
				w.add(t.endpoint, t.eni)
			}
		}
		if a := x.Conn.Winner(); len(silent) == 0 && a != nil {
			_, e, _ := s.config.endpointOf(s.packet(x, a.Addr, a.Local))
			w.add(e, nil)
		}
	}
	out.Addrs, out.Clients = sortedUnique(out.Addrs), sortedUnique(out.Clients)
	w.Region, w.Servers, w.Clients = out.Region, out.Addrs, out.Clients
	w.From, w.Until = awsside.Minutes(all)
	steps := w.Unanswered()
	if len(out.Addrs) == 0 {
		w.Region = w.region
		steps = w.Denied()
	}
	if len(w.Endpoints) > 0 {
		for _, x := range steps {
			x.Text, x.Command = text(x.Text), text(x.Command)
			out.Witness = append(out.Witness, x)
		}
	}
	for _, all := range [][]string{out.Addrs, out.Clients} {
		for i := range all {
			all[i] = text(all[i])
		}
	}
	return out
}

// A witness is what AWS's own records are asked for.
type witness struct {
	awsside.Calls

	region string         // of an endpoint
	byID   map[string]int // in Endpoints
}

// add adds an endpoint, and one of its interfaces that packets went to. nil adds none.
func (w *witness) add(e *endpoint, n *networkInterface) {
	if e == nil || !command.Safe(e.Service) {
		return
	}
	i, known := w.byID[e.ID]
	if !known {
		i = len(w.Endpoints)
		w.byID[e.ID], w.region = i, e.Region
		w.Endpoints = append(w.Endpoints, awsside.Endpoint{Service: e.Service, ID: e.ID, VPC: e.VPC})
	}
	if at := &w.Endpoints[i]; n != nil && !slices.Contains(at.Interfaces, n.ID) {
		at.Interfaces, at.Subnets = append(at.Interfaces, n.ID), append(at.Subnets, n.Subnet)
	}
}
