package aws

import (
	"strings"

	"detour/internal/flow"
)

// Recall completes the call of a tagged flow whose bodies are gone. known is what was read
// from them while they were there, as a record of detour's says; nil if there is none. The
// record may be forged, so Recall takes only what Tag could have found.
func (t *Tables) Recall(f *flow.Flow, known *flow.AWS) {
	if known == nil {
		return
	}
	recallPreflight(t, f, known.PreflightOf)
	c := flow.AWS{}
	if f.AWS != nil {
		c = *f.AWS
	}
	named := c.Operation == "" && f.Request.BodySize > 0 && len(f.Request.Body) == 0 && t.recallNames(&c, known)
	if r := f.Response; r != nil && r.BodySize > 0 && len(r.Body) == 0 && (c.IsCall() || named) {
		recallAnswer(&c, known)
		nameAction(t.iam, &c)
	}
	if named || f.AWS != nil {
		f.AWS = &c
	}
}

// recallPreflight sets which call a preflight was for that got no response.
func recallPreflight(t *Tables, f *flow.Flow, known *flow.PreflightOf) {
	if known == nil || f.AWS == nil || f.AWS.DecodedBy != preflightRule || !f.IsUnansweredPreflight() {
		return
	}
	if known.By != flow.PreflightByBeacon && known.By != flow.PreflightByPage {
		return
	}
	services := append([]string{f.AWS.Service}, f.AWS.Also...)
	of := &flow.PreflightOf{By: known.By}
	for _, op := range known.Operations[:min(len(known.Operations), maxActions)] {
		if haveOperation(t, services, op) {
			of.Operations = append(of.Operations, op)
		}
	}
	if len(of.Operations) > 0 {
		a := *f.AWS
		a.PreflightOf = of
		f.AWS = &a
	}
}

// recallNames sets the names of c to those of known.
func (t *Tables) recallNames(c, known *flow.AWS) bool {
	service, ok := t.services[known.Service]
	if !ok || !isWord(known.Operation) || !isRule(known.DecodedBy) {
		return false
	}
	c.Service, c.ServiceName, c.Operation, c.DecodedBy = known.Service, service.name, known.Operation, known.DecodedBy
	if p := t.partitionOf(known.Region); p != nil {
		c.Region, c.Partition = known.Region, p.name
	}
	if c.EndpointService == "" && isEndpointService(known.EndpointService) {
		c.EndpointService = known.EndpointService
	}
	c.Also, c.Batch = nil, nil
	for _, s := range known.Also {
		if _, ok := t.services[s]; ok {
			c.Also = append(c.Also, s)
		}
	}
	for _, call := range known.Batch[:min(len(known.Batch), maxActions)] {
		if isBatchCall(call) {
			c.Batch = append(c.Batch, call)
		}
	}
	return true
}

// isRule reports whether a decoder has this name.
func isRule(name string) bool {
	for _, d := range decoders() {
		if d.name == name {
			return true
		}
	}
	return name == signingRule
}

func isEndpointService(s string) bool { return flow.IsWord(strings.ReplaceAll(s, ".", "-")) }

// isBatchCall reports whether s is service:Operation, of which either may be empty.
func isBatchCall(s string) bool {
	service, op, ok := strings.Cut(s, ":")
	return ok && flow.IsWord(service) && (op == "" || isWord(op))
}

// recallAnswer sets what only the body of the response said.
func recallAnswer(c, known *flow.AWS) {
	if c.RequestID == "" && flow.IsRequestID(known.RequestID) {
		c.RequestID = known.RequestID
	}
	if c.ExtendedRequestID == "" && flow.IsRequestID(known.ExtendedRequestID) {
		c.ExtendedRequestID = known.ExtendedRequestID
	}
	if c.InnerStatus == 0 && 100 <= known.InnerStatus && known.InnerStatus <= 599 {
		c.InnerStatus = known.InnerStatus
	}
	if known.Error == nil || c.Error != nil && c.Error.Message != "" {
		return
	}
	e := &flow.AWSError{Message: firstParagraph(known.Error.Message)}
	if isCode(known.Error.Code) {
		e.Code = known.Error.Code
	}
	if isWord(known.Error.Type) {
		e.Type = known.Error.Type
	}
	if e.Code == "" && e.Message == "" {
		return
	}
	denial(e)
	c.Error = e
}
