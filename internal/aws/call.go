package aws

import (
	"slices"
	"strings"

	"detour/internal/flow"
)

// preflightRule is the DecodedBy of a preflight. It names no operation; the request
// that it prepares does.
const preflightRule = "preflight"

// call returns the AWS call that a request makes, or else where its host is: pages and
// their parts, sign-in, telemetry other than timing beacons, and tunnels to other hosts
// make none. nil if the host isn't AWS's.
func (t *Tables) call(o flow.Origin, h host, r *request, path *consolePath) *flow.AWS {
	switch o {
	case flow.OriginTelemetry:
		if path.is() == pathTelemetry {
			if b := beacon(h, r); b != nil {
				return b
			}
		}
		return place(h)
	case flow.OriginConsole:
		if r.connect() || !r.script() || path.is() == pathCredentials ||
			path.is() == pathPage && r.reads() && !hasDest(r) {
			return place(h)
		}
	case flow.OriginDirect:
	case flow.OriginSignIn:
		if h.label == "" {
			return place(h)
		}
	case flow.OriginStatic, flow.OriginOther:
		return place(h)
	}
	c := &flow.AWS{
		Partition: h.partition, Region: h.region, DecodedBy: flow.Undecoded, EndpointService: t.endpointService(h),
	}
	if o == flow.OriginConsole {
		r.relayed = readRelayed(r.Body)
		t.readRelayedRegion(c, r)
	} else {
		t.readHost(c, h)
		t.readScope(c, r)
		o = flow.OriginDirect
	}
	t.decode(c, o, r, path)
	if path.is() == pathSigning && c.Operation == "" {
		return place(h)
	}
	t.nameOnce(c)
	if c.Operation == "" {
		switch r.Method {
		case "OPTIONS":
			c.DecodedBy = preflightRule
		case "CONNECT":
			c.DecodedBy = "" // nothing to decode
		}
	}
	c.ServiceName = t.services[c.Service].name
	return c
}

// place returns partition and Region of a host that no call goes to; nil if it isn't
// AWS's.
func place(h host) *flow.AWS {
	if h.class == classNone {
		return nil
	}
	return &flow.AWS{Partition: h.partition, Region: h.region}
}

// nameOnce gives a service with two names in the models the one that is used everywhere.
// The other name stays in Also, unless only the first has the operation.
func (t *Tables) nameOnce(c *flow.AWS) {
	to := t.same[c.Service]
	if to == "" {
		return
	}
	from := c.Service
	services := append([]string{to}, c.Also...)
	if ops := t.operationsOf(from); !slices.Contains(services, from) && (c.Operation == "" || ops.name(c.Operation) != "") {
		services = append(services, from)
	}
	setServices(c, slices.Compact(services))
}

// readRelayedRegion sets the Region of a relayed request: it may differ from the
// console's.
func (t *Tables) readRelayedRegion(c *flow.AWS, r *request) {
	if r.relayed == nil {
		return
	}
	if p := t.partitionOf(r.relayed.region); p != nil {
		c.Region, c.Partition = r.relayed.region, p.name
	}
}

// hasDest reports whether the browser states the purpose of a request.
func hasDest(r *request) bool { return flow.Has(r.Headers, "Sec-Fetch-Dest") }

// readHost sets the service by an endpoint's host. If several services share the label,
// it is the most likely one; the others are in Also.
func (t *Tables) readHost(c *flow.AWS, h host) {
	services := t.labels[h.label]
	if len(services) == 0 {
		c.Service = h.label
		return
	}
	setServices(c, services)
}

// readScope sets Region and service by the signature's credential scope,
// AKID/date/region/service/aws4_request. The service checks that, so it overrides the
// host. SigV4A has the Region in a header.
func (t *Tables) readScope(c *flow.AWS, r *request) {
	scope := ""
	if _, rest, ok := strings.Cut(r.header("Authorization"), "Credential="); ok {
		scope = rest
		if end := strings.IndexAny(rest, ", "); end >= 0 {
			scope = rest[:end]
		}
	} else if v, ok := r.param("X-Amz-Credential"); ok {
		scope = v
	}
	scope, ok := strings.CutSuffix(scope, "/aws4_request")
	if !ok {
		return
	}
	slash := strings.LastIndexByte(scope, '/')
	if slash < 0 {
		return
	}
	signing := scope[slash+1:]
	region := scope[strings.LastIndexByte(scope[:slash], '/')+1 : slash]
	if set := r.header("X-Amz-Region-Set"); set != "" {
		region = set
	}
	if p := t.partitionOf(region); p != nil {
		c.Region, c.Partition = region, p.name
	}
	narrow(c, t.signing[signing])
	if c.Service == "" && isWord(strings.ReplaceAll(signing, "-", "_")) {
		c.Service = signing
	}
}

// narrow restricts the services of a call to candidates, which another part of the
// request names. If none is among those by the host, a single candidate overrides the
// host, and several don't.
func narrow(c *flow.AWS, candidates []string) {
	if len(c.Also) == 0 && slices.Contains(candidates, c.Service) {
		return
	}
	var both []string
	for _, s := range append([]string{c.Service}, c.Also...) {
		if slices.Contains(candidates, s) {
			both = append(both, s)
		}
	}
	switch {
	case len(both) > 0:
		setServices(c, both)
	case len(candidates) == 1, c.Service == "" && len(candidates) > 0:
		setServices(c, candidates)
	}
}

// setServices sets the service of a call to the first of services, and the others as
// those that it can't be distinguished from. The slice is shared, not written to.
func setServices(c *flow.AWS, services []string) {
	c.Service, c.Also = services[0], nil
	if len(services) > 1 {
		c.Also = slices.Clip(services[1:])
	}
}
