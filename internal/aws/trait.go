package aws

import (
	"strings"

	"detour/internal/flow"
)

// withTraits returns the flow's response with its traits, or as it is if it has none or if
// they are known: whoever recorded it had its header fields as they came. It doesn't write
// to the response, which may be published.
func (t *Tables) withTraits(f *flow.Flow, r *request) *flow.Response {
	p := f.Response
	if p == nil || len(p.Headers) == 0 || len(p.Traits) > 0 {
		return p
	}
	var traits []flow.Trait
	add := func(is bool, trait flow.Trait) {
		if is {
			traits = append(traits, trait)
		}
	}
	call := f.Origin == flow.OriginDirect
	if call || f.Origin == flow.OriginConsole {
		refused := p.Status >= 300 && p.Status != 304
		add((call || refused) && strings.HasPrefix(flow.Get(p.Headers, "Content-Type"), "text/html"), flow.TraitWebPage)
		add(refused && t.leadsElsewhere(p), flow.TraitElsewhere)
		add(refused && !isMarked(p.Headers, f.Origin), flow.TraitUnmarked)
	}
	add(call && fromElsewhere(r) && !flow.Has(p.Headers, "Access-Control-Allow-Origin"), flow.TraitNoCORS)
	if traits == nil {
		return p
	}
	with := *p
	with.Traits = traits
	return &with
}

// leadsElsewhere reports whether a response is a redirect to a host that isn't AWS's.
func (t *Tables) leadsElsewhere(p *flow.Response) bool {
	if p.Status >= 400 {
		return false
	}
	to := splitURL(flow.Get(p.Headers, "Location"))
	if to.host == "" {
		return false
	}
	host := strings.ToLower(to.host[strings.LastIndexByte(to.host, '@')+1:])
	if colon := strings.LastIndexByte(host, ':'); colon >= 0 {
		host = host[:colon]
	}
	host = strings.TrimSuffix(host, ".")
	if t.IsAWS(host) {
		return false
	}
	for _, own := range ownDomains() {
		if host == own || strings.HasSuffix(host, "."+own) {
			return false
		}
	}
	return true
}

// ownDomains are domains of Amazon's that AWS's servers redirect to, besides the endpoints
// and console hosts that Tables knows: the sites, sign-in, sign-in with an Amazon account,
// Cognito and Identity Center.
func ownDomains() []string {
	return []string{
		"amazon.com", "amazon.cn", "amazon.dev", "amazonaws.com", "amazonaws.com.cn", "amazonaws.cn", "amazoncognito.com", "amazonaws.eu",
		"aws", "aws.dev", "awsapps.com", "awsapps.cn", "awsstatic.com", "a2z.com", "cloudfront.net", "signin.aws", "amazonwebservices.com",
	}
}

// isMarked reports whether a response has a field that AWS's servers send and others have no
// reason to. CloudFront's fields say nothing about the server behind it: they count for the
// console, which is behind CloudFront itself.
func isMarked(headers []flow.Header, o flow.Origin) bool {
	for _, h := range headers {
		name := strings.ToLower(h.Name)
		switch {
		case strings.HasPrefix(name, "x-amz-cf-"):
			if o == flow.OriginConsole {
				return true
			}
		case strings.HasPrefix(name, "x-amz-"), strings.HasPrefix(name, "x-amzn-"), strings.HasPrefix(name, "x-aws-"):
			return true
		case name == "content-type" && strings.HasPrefix(strings.ToLower(h.Value), "application/x-amz-"):
			return true
		case name == "server" && strings.HasPrefix(strings.ToLower(h.Value), "amazon"):
			return true
		}
	}
	return false
}

// fromElsewhere reports whether a page of another origin sent the request by a script, so
// that the response is subject to the CORS check.
func fromElsewhere(r *request) bool {
	origin := splitURL(r.header("Origin"))
	return origin.host != "" && !strings.EqualFold(origin.host, r.host)
}
