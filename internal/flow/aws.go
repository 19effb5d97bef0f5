package flow

import (
	"slices"
	"strings"
	"time"
)

// An Origin says which route a request takes: through the console's servers, or straight from
// the user's machine to a service endpoint.
type Origin string

// The origins. The set is closed.
const (
	OriginConsole   Origin = "console-origin"  // to the console, whose servers relay it
	OriginDirect    Origin = "direct-endpoint" // from this machine to a service endpoint
	OriginSignIn    Origin = "sign-in"         // sign-in and federation hosts
	OriginStatic    Origin = "static"          // scripts, styles and images of the console
	OriginTelemetry Origin = "telemetry"       // beacons and metrics of a page, never an API call
	OriginOther     Origin = "other"           // not AWS, or a customer's resource on an AWS domain
)

// Evidence is one reason for a flow's Origin.
type Evidence string

// The kinds of evidence, strongest first.
const (
	EvidenceSigV4Header Evidence = "sigv4-header"   // Authorization: AWS4-HMAC-SHA256 …
	EvidenceSigV4Query  Evidence = "sigv4-query"    // X-Amz-Signature in the query
	EvidencePreflight   Evidence = "preflight"      // OPTIONS before a signed request
	EvidenceOrigin      Evidence = "origin-header"  // Origin is a console host
	EvidenceReferer     Evidence = "referer-header" // Referer is a console host
	EvidenceHost        Evidence = "host"           // the host is of a known family
	EvidencePath        Evidence = "path"           // the path has a known form
	EvidenceBrowser     Evidence = "browser-itself" // the browser uses this host for itself
	EvidenceConnect     Evidence = "connect"        // only the authority of a tunnel is known
)

// Undecoded is the DecodedBy of an AWS call with an unknown operation.
const Undecoded = "undecoded"

// AWS describes the AWS call that a request makes. Of a request that makes none, it has
// no more than the place of its host: see [AWS.IsCall].
type AWS struct {
	Partition   string   // "aws", "aws-cn", …
	Region      string   // "" if neither host nor signature has it
	Service     string   // the endpoint prefix in the API models: "monitoring"
	ServiceName string   // "CloudWatch"
	Operation   string   // "" if it isn't known
	Also        []string // other services that the request may be for
	DecodedBy   string   // the rule that found the operation, or Undecoded
	// EndpointService is the interface endpoint service that would carry the call in a VPC:
	// "com.amazonaws.ap-northeast-1.monitoring". "" if none is known.
	EndpointService string
	RequestID       string
	// ExtendedRequestID is what AWS Support also needs for S3 (x-amz-id-2).
	ExtendedRequestID string
	Error             *AWSError
	// InnerStatus is the status that the console's server reports for a relayed call, whose
	// own status may still be 200; 0 if it reports none.
	InnerStatus int
	// Batch has the calls of a request with several, as service:Operation; the first is
	// Service and Operation. nil if there is only one.
	Batch []string
	// ClockSkew is the time of the signature minus the Date of the response, in whole
	// seconds: how far the client's clock is ahead, less the duration of the request. 0 if
	// either is absent.
	ClockSkew time.Duration
	// Measured is the duration of Operation that a page reports in a timing beacon. detour
	// didn't measure it. 0 if absent.
	Measured time.Duration
	// Beacon has all measurements of a timing beacon, the first of which is Operation and
	// Measured. nil if the flow isn't a beacon.
	Beacon []Measure
	// PreflightOf is the call of a preflight whose call was never sent, as far as other
	// requests tell; nil if they don't, or if Operation has it. It must not be written to.
	PreflightOf *PreflightOf
}

// PreflightOf is what other requests tell of the call that a preflight was for. The preflight
// itself names the header fields of its call, not their values.
type PreflightOf struct {
	Operations []string // the call was for one of them; sorted, at least one
	By         PreflightSource
}

// A PreflightSource is what tells for which call a preflight was.
type PreflightSource string

// The sources. The set is closed.
const (
	PreflightByBeacon PreflightSource = "beacon" // the page reported the duration of the call when the preflight had ended
	PreflightByPage   PreflightSource = "page"   // each call of the same page to the same URL is this one
)

// Equal reports whether both say the same; either may be nil.
func (p *PreflightOf) Equal(q *PreflightOf) bool {
	if p == nil || q == nil {
		return p == q
	}
	return p.By == q.By && slices.Equal(p.Operations, q.Operations)
}

// SetPreflightOf gives a flow a copy of its call with this PreflightOf, and reports whether
// that changes it. A flow without a call, or whose operation is known, isn't changed.
func (f *Flow) SetPreflightOf(of *PreflightOf) bool {
	if f.AWS == nil || f.AWS.Operation != "" || f.AWS.PreflightOf.Equal(of) {
		return false
	}
	a := *f.AWS
	a.PreflightOf = of
	f.AWS = &a
	return true
}

// IsUnansweredPreflight reports whether the flow is a preflight of an AWS call that ended
// without a response. The browser then never sends the call (Fetch standard, "CORS-preflight
// fetch").
func (f *Flow) IsUnansweredPreflight() bool {
	return f.Request.Method == "OPTIONS" && f.AWS.IsCall() && f.Final() && f.Response == nil
}

// MayBe returns the operations that the request may be: Operation, or else those of
// PreflightOf. It returns none if nothing is known, or a is nil.
func (a *AWS) MayBe() []string {
	switch {
	case a == nil:
		return nil
	case a.Operation != "":
		return []string{a.Operation}
	case a.PreflightOf != nil:
		return a.PreflightOf.Operations
	}
	return nil
}

// A Measure is one duration that a console page reports in a timing beacon: that of the calls
// of one operation, from the page's point of view. A call that failed, or that the page gave
// up, counts as well.
type Measure struct {
	Name string // the operation: "GetMetricData"
	Took time.Duration
}

// IsCall reports whether the request makes an AWS call, known or not. nil is no call.
func (a *AWS) IsCall() bool {
	return a != nil && (a.Service != "" || a.Operation != "" || a.DecodedBy != "")
}

// An AWSError is the error that the service reports for a call.
type AWSError struct {
	Code    string
	Message string
	Type    string
	// Deny is what kind of policy denied it, in IAM's words: DenyVPCEndpoint, or one of
	// the others that IAM's messages name; "" if the message doesn't say.
	Deny      string
	PolicyARN string // of that policy; "" if the message doesn't say
	Explicit  bool   // the policy has a matching Deny; otherwise it has no matching Allow
	// Action is the call as a policy writes it: "cloudwatch:GetMetricData", as the message
	// names it, or else by IAM's prefix of the service. "" if it isn't known.
	Action string
}

// DenyVPCEndpoint is the AWSError.Deny of an endpoint's policy, as IAM's messages name
// it (IAM user guide, "Troubleshoot access denied error messages").
const DenyVPCEndpoint = "VPC endpoint policy"

// CallNames are the names of an AWS call, without anything that a server sent.
type CallNames struct {
	Partition, Region, Service, ServiceName, Operation string
	Also                                               []string
	DecodedBy                                          string
}

// Names returns the names of a; none if a is nil.
func (a *AWS) Names() CallNames {
	if a == nil {
		return CallNames{}
	}
	return CallNames{a.Partition, a.Region, a.Service, a.ServiceName, a.Operation, a.Also, a.DecodedBy}
}

// Named returns a copy of a with other names. a must not be nil. The copy shares Also with
// n.
func (a *AWS) Named(n CallNames) *AWS {
	out := *a
	out.Partition, out.Region, out.Service, out.ServiceName = n.Partition, n.Region, n.Service, n.ServiceName
	out.Operation, out.Also, out.DecodedBy = n.Operation, n.Also, n.DecodedBy
	if out.Operation != "" {
		out.PreflightOf = nil
	}
	return &out
}

// maxRequestID limits a request ID. AWS's have 36 to 52 characters, S3's extended ones 76.
const maxRequestID = 128

// IsRequestID reports whether s has the form of an ID that AWS gives a request: letters,
// digits and the signs of base64 and UUIDs, at most 128. A server may send anything there.
func IsRequestID(s string) bool {
	if s == "" || len(s) > maxRequestID {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case strings.IndexByte("+/=_-.:~", c) >= 0:
		default:
			return false
		}
	}
	return true
}
