package redact

import (
	"bytes"
	"encoding/json"
	"strings"

	"detour/internal/flow"
	"detour/internal/lazyregexp"
)

// outline returns what says which call a request with credentials makes, and nothing else of
// its body: the action of a form, and what the console asks its server to sign. nil if the
// body doesn't say it, or is truncated.
func outline(p *pass, body []byte) []byte {
	body = bytes.TrimSpace(body)
	switch {
	case len(body) == 0:
		return nil
	case body[0] == '{':
		return signingOutline(p, body)
	}
	return formOutline(p, string(body))
}

var (
	actionValue  = lazyregexp.New(`^[A-Za-z]+(?:-[A-Za-z]+)*$`)
	versionValue = lazyregexp.New(`^\d{4}-\d{2}-\d{2}$`)
	targetValue  = lazyregexp.New(`^[A-Za-z]\w*(?:\.[A-Za-z]\w*)*$`)
	hostValue    = lazyregexp.New(`^(?:https://)?[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::443)?/?$`)
	methodValue  = lazyregexp.New(`^[A-Z]{1,16}$`)
)

// maxOutline limits a value of an outline.
const maxOutline = 128

func formOutline(p *pass, s string) []byte {
	var kept []string
	for pair := range strings.SplitSeq(s, "&") {
		name, v, _ := strings.Cut(pair, "=")
		switch name {
		case "action", "Action":
			if len(v) <= maxOutline/2 && actionValue.MatchString(v) {
				kept = append(kept, p.looks(pair))
			}
		case "Version":
			if versionValue.MatchString(v) {
				kept = append(kept, pair)
			}
		}
	}
	if len(kept) == 0 || len(kept) > 2 {
		return nil
	}
	return []byte(strings.Join(kept, "&"))
}

// A signing is the body of a request for a signature, with its members in the console's
// spelling.
type signing struct {
	Service    string            `json:",omitempty"`
	Endpoint   string            `json:",omitempty"`
	HTTPMethod string            `json:"HttpMethod,omitempty"`
	Region     string            `json:",omitempty"`
	Headers    map[string]string `json:",omitempty"`
}

func signingOutline(p *pass, body []byte) []byte {
	var in struct {
		Service, Endpoint, HTTPMethod, Region any
		Headers                               map[string]any
	}
	if json.Unmarshal(body, &in) != nil || in.Endpoint == nil {
		return nil
	}
	keep := func(v any, meant func(string) bool) string {
		s, _ := v.(string)
		if s == "" || len(s) > maxOutline || !meant(s) {
			return ""
		}
		return p.looks(s)
	}
	out := signing{
		Service: keep(in.Service, flow.IsWord), Endpoint: keep(in.Endpoint, hostValue.MatchString),
		HTTPMethod: keep(in.HTTPMethod, methodValue.MatchString), Region: keep(in.Region, flow.IsWord),
	}
	for name, v := range in.Headers {
		switch strings.ToLower(name) {
		case "x-amz-target", "x-amz-requested-operation":
			if s := keep(v, targetValue.MatchString); s != "" {
				if out.Headers == nil {
					out.Headers = map[string]string{}
				}
				out.Headers[name] = s
			}
		}
	}
	if out.Headers == nil {
		return nil
	}
	b, err := json.Marshal(out)
	if err != nil {
		return nil
	}
	return b
}
