package aws

import (
	"fmt"
	"strings"

	"detour/internal/flow"
)

// signingRule is the DecodedBy of a request for a signature: the console signs a call
// that the page then sends itself, so the operation hasn't been called yet.
const signingRule = "sdk-sign"

// addVend reads service and operation; * is all operations.
func (t *Tables) addVend(c []string) error {
	if _, ok := t.services[c[0]]; !ok {
		return fmt.Errorf("no such service: %q", c[0])
	}
	t.vend[c[0]+":"+c[1]] = true
	return nil
}

// vends reports whether a flow's bodies hold credentials: of sign-in, of the console's
// credential endpoints, and of operations that return credentials. Federation and SAML
// are on several hosts.
func (t *Tables) vends(f *flow.Flow, h host, r *request, p pathKind) bool {
	if r.connect() {
		return false
	}
	if p == pathCredentials || p == pathSigning || f.Origin == flow.OriginSignIn || h.class == classSignIn {
		return true
	}
	if f.Origin == flow.OriginConsole || f.Origin == flow.OriginOther && h.class != classNone {
		for _, of := range [...]string{"/federation", "/saml", "/v1/token"} {
			if strings.HasPrefix(r.path, of) {
				return true
			}
		}
	}
	if f.AWS == nil {
		return false
	}
	if t.vend[f.AWS.Service+":*"] || t.vend[f.AWS.Service+":"+f.AWS.Operation] {
		return true
	}
	for _, one := range f.AWS.Batch {
		if t.vend[one] {
			return true
		}
	}
	return false
}

// decodeSigning reads the call that the CloudWatch console asks its server to sign:
// {Service, Endpoint, HttpMethod, Region, Path, Headers, Body}.
func decodeSigning(t *Tables, c *flow.AWS, r *request) bool {
	var endpoint, target, requested string
	members(r.Body[:min(len(r.Body), maxRelayed)], func(key string, value []byte) bool {
		switch key {
		case "Endpoint":
			endpoint = text(value)
		case "Headers":
			members(value, func(name string, value []byte) bool {
				switch strings.ToLower(name) {
				case "x-amz-target":
					target = text(value)
				case "x-amz-requested-operation":
					requested = text(value)
				}
				return true
			})
		}
		return true
	})
	h := t.host(hostOf(endpoint))
	if h.class != classDirect {
		return false
	}
	c.Partition, c.Region = h.partition, h.region
	t.readHost(c, h)
	prefix, op := cutLast(target)
	if prefix != "" && isWord(op) {
		narrow(c, t.shape(prefix))
		c.Operation = op
	} else if isWord(requested) {
		c.Operation = capitalize(requested)
	}
	return c.Operation != ""
}

// hostOf returns the host of a URL, or of a host with or without a path.
func hostOf(s string) string {
	if u := splitURL(s); u.host != "" {
		return u.host
	}
	host, _, _ := strings.Cut(s, "/")
	return host
}
