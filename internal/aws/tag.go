package aws

import "detour/internal/flow"

// Tag sets Origin, Why, AWS, CredentialVend and Page by the flow's request, and the AWS
// error and request ID by its response. It uses bodies as far as they were captured, and
// nothing else, so tagging twice gives the same result.
func (t *Tables) Tag(f *flow.Flow) {
	r := newRequest(&f.Request)
	h := t.host(r.host)
	r.endpoint = h
	var path *consolePath
	if h.class == classConsole || h.class == classConsoleAPI {
		path = t.consolePath(r.path)
	}
	e := t.evidence(&r, h, path.is())
	f.Origin, f.Why, f.Page = origin(h, &e, path.is()), e.why, page(&r, h, &e)
	f.AWS = t.call(f.Origin, h, &r, path)
	f.CredentialVend = t.vends(f, h, &r, path.is())
	if f.AWS.IsCall() {
		answer(f.AWS, f.Origin, &r, f.Response)
		nameAction(t.iam, f.AWS)
	}
	f.Response = t.withTraits(f, &r)
}

// origin decides the route. The host decides if it is of a known family; for others, a
// signature does.
func origin(h host, e *evidence, p pathKind) flow.Origin {
	switch h.class {
	case classSignIn:
		return flow.OriginSignIn
	case classStatic:
		return flow.OriginStatic
	case classTelemetry:
		return flow.OriginTelemetry
	case classConsole, classConsoleAPI:
		if p == pathTelemetry {
			return flow.OriginTelemetry
		}
		return flow.OriginConsole
	case classDirect:
		return flow.OriginDirect
	case classOther:
		return flow.OriginOther
	case classUnlisted: // an endpoint with an unknown name, if the request is signed
		if e.signed() {
			return flow.OriginDirect
		}
	case classNone: // an endpoint with a custom name, if a console page signs for it
		if e.signed() && e.fromConsole() {
			return flow.OriginDirect
		}
	}
	return flow.OriginOther
}
