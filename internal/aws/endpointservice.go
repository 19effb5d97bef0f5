package aws

import "strings"

// An endpointService is the name of an interface endpoint service, with or without a
// place for the Region.
type endpointService struct {
	before, after string // "com.amazonaws.", ".monitoring"
	regional      bool
}

// endpointServices are endpoint services by the private DNS names that they provide
// (AWS PrivateLink guide, "AWS services that integrate").
type endpointServices struct {
	exact    map[string]endpointService // by what precedes the Region: "api.ecr", "monitoring-fips"
	wildcard map[string]endpointService // "dkr.ecr" for *.dkr.ecr
	pattern  map[string][]pattern       // for names outside the endpoint domains, by their last two labels
	byRegion map[string]map[string]string
}

type pattern struct {
	family
	service endpointService
}

func newEndpointServices() endpointServices {
	return endpointServices{
		exact: map[string]endpointService{}, wildcard: map[string]endpointService{},
		pattern: map[string][]pattern{}, byRegion: map[string]map[string]string{},
	}
}

func newEndpointService(name string) endpointService {
	before, after, regional := strings.Cut(name, "{region}")
	return endpointService{before, after, regional}
}

// addPrivateDNS reads endpoint service, type and private DNS names. A Region in
// brackets before a name says that it and the following ones exist only there.
func (t *Tables) addPrivateDNS(c []string) error {
	service := newEndpointService(c[0])
	for _, name := range list(c[2]) {
		if region, rest, ok := strings.Cut(name, ") "); ok && t.partitionOf(strings.TrimPrefix(region, "(")) != nil {
			name = rest
			service = endpointService{before: strings.ReplaceAll(c[0], "{region}", strings.TrimPrefix(region, "("))}
		}
		if strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789.-_*{}") != "" {
			continue // a remark, or a name with a part that AWS generates
		}
		if err := t.addPrivateName(name, service); err != nil {
			return err
		}
	}
	return nil
}

func (t *Tables) addPrivateName(name string, service endpointService) error {
	left, p := t.cutSuffix(name)
	if p == nil {
		f, err := newFamily(classOther, "", strings.Replace(name, "*.", "**.", 1))
		if err != nil {
			return err
		}
		key := lastTwo(name)
		t.endpoints.pattern[key] = append(t.endpoints.pattern[key], pattern{f, service})
		return nil
	}
	left = strings.TrimSuffix(strings.TrimSuffix(left, ".{region}"), ".global")
	left = strings.TrimPrefix(left, "{region}.")
	to := t.endpoints.exact
	if l, ok := strings.CutPrefix(left, "*."); ok {
		left, to = l, t.endpoints.wildcard
	}
	if _, taken := to[left]; !taken {
		to[left] = service
	}
	return nil
}

// addEndpointName reads Region, service and the name of an endpoint service whose name
// isn't com.amazonaws.REGION.SERVICE.
func (t *Tables) addEndpointName(c []string) error {
	if t.endpoints.byRegion[c[0]] == nil {
		t.endpoints.byRegion[c[0]] = map[string]string{}
	}
	t.endpoints.byRegion[c[0]][c[1]] = c[2]
	return nil
}

// EndpointService returns the name of the interface endpoint service that provides a
// host's name in a VPC, "" if none is known: com.amazonaws.ap-northeast-1.logs for
// logs.ap-northeast-1.amazonaws.com.
func (t *Tables) EndpointService(name string) string { return t.endpointService(t.host(name)) }

func (t *Tables) endpointService(h host) string {
	if own := t.ownEndpointService(h.name); own != "" {
		return own
	}
	var s endpointService
	var ok bool
	region := h.region
	switch h.class {
	case classDirect:
		s, ok = t.endpoints.direct(h)
	case classConsole, classConsoleAPI, classSignIn, classStatic, classTelemetry, classOther:
		s, region, ok = t.endpoints.outside(t, h)
	case classNone, classUnlisted:
	}
	switch {
	case !ok:
		return ""
	case !s.regional:
		return s.before
	case region == "":
		return ""
	}
	if byService := t.endpoints.byRegion[region]; byService != nil && s.before == "com.amazonaws." {
		if name := byService[strings.TrimPrefix(s.after, ".")]; name != "" {
			return name
		}
	}
	return s.before + region + s.after
}

// direct looks up a service endpoint by its name, then by the name without the FIPS
// mark, then by its label: what precedes that is an account or the ID of an interface
// endpoint.
func (e *endpointServices) direct(h host) (endpointService, bool) {
	for _, left := range [2]string{h.left, plain(h.left)} {
		if s, ok := e.exact[left]; ok {
			return s, true
		}
		if s, ok := e.covered(left); ok {
			return s, true
		}
	}
	if strings.Contains(h.left, "s3express") {
		return endpointService{}, false // its gateway endpoint has no private address
	}
	s, ok := e.exact[h.label]
	return s, ok
}

// covered returns the service whose wildcard covers a name.
func (e *endpointServices) covered(left string) (endpointService, bool) {
	for _, tail := cutFirst(left); tail != ""; _, tail = cutFirst(tail) {
		if s, ok := e.wildcard[tail]; ok {
			return s, true
		}
	}
	return endpointService{}, false
}

// outside looks up names that aren't a service endpoint's: the console's, sign-in's, a
// customer's.
func (e *endpointServices) outside(t *Tables, h host) (s endpointService, region string, ok bool) {
	patterns, tail := e.pattern[lastTwo(h.name)], newTail(h.name)
	for i := range patterns {
		if region, ok := patterns[i].match(t, &tail); ok {
			return patterns[i].service, region, true
		}
	}
	like := t.endpointHost(h.name) // dataplane.rum and execute-api are on endpoint domains
	if s, ok = e.exact[like.left]; !ok {
		s, ok = e.covered(like.left)
	}
	return s, like.region, ok
}
