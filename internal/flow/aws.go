package flow

import "time"

// An Origin says which road a request takes: through the console's own servers,
// or straight from the user's machine to a service's endpoint.
type Origin string

// The origins. The set is closed: table, filter, record and report use these words.
const (
	OriginConsole   Origin = "console-origin"  // to the console's host, relayed by its servers
	OriginDirect    Origin = "direct-endpoint" // to a service's endpoint, from this machine
	OriginSignIn    Origin = "sign-in"         // sign-in and federation hosts
	OriginStatic    Origin = "static"          // scripts, styles, pictures of the console
	OriginTelemetry Origin = "telemetry"       // beacons and metrics of the page; never an API call
	OriginOther     Origin = "other"           // not AWS, or a customer's own resource on an AWS domain
)

// Evidence is one reason for a flow's Origin.
type Evidence string

// The kinds of evidence, strongest first.
const (
	EvidenceSigV4Header Evidence = "sigv4-header"   // Authorization: AWS4-HMAC-SHA256 …
	EvidenceSigV4Query  Evidence = "sigv4-query"    // X-Amz-Signature in the query
	EvidencePreflight   Evidence = "preflight"      // OPTIONS that asks leave for a signed request
	EvidenceOrigin      Evidence = "origin-header"  // Origin names a console host
	EvidenceReferer     Evidence = "referer-header" // Referer names a console host
	EvidenceHost        Evidence = "host"           // the host is of a known family
	EvidencePath        Evidence = "path"           // the path has a known shape
	EvidenceBrowser     Evidence = "browser-itself" // the browser asks this host on its own: no page does
	EvidenceConnect     Evidence = "connect"        // only the authority of a tunnel was seen
)

// Undecoded is the DecodedBy of an AWS call whose operation could not be told.
const Undecoded = "undecoded"

// AWS names the AWS call that a request makes.
type AWS struct {
	Partition   string   // "aws", "aws-cn", …
	Region      string   // "" if the host and signature don't say
	Service     string   // as in the API models' endpoint prefix: "monitoring"
	ServiceName string   // as people say it: "CloudWatch"
	Operation   string   // "" if it could not be told
	Also        []string // other services that this request can't be told from
	DecodedBy   string   // which rule named the operation, or Undecoded
	// EndpointService is the interface endpoint service that would carry the
	// call in a VPC: "com.amazonaws.ap-northeast-1.monitoring". "" if none is known.
	EndpointService string
	RequestID       string
	// ExtendedRequestID is what S3's support asks for beside it (x-amz-id-2).
	ExtendedRequestID string
	Error             *AWSError
	// InnerStatus is the status that the console's server says a relayed call had
	// of the service; 0 if it doesn't. Its own answer may be 200 all the same.
	InnerStatus int
	// Batch lists the calls of a request that relays several, as service:Operation;
	// the first one is Service and Operation. nil if it is one.
	Batch []string
	// ClockSkew is the signature's time less the answer's Date, in whole seconds:
	// how far the client's clock is ahead. The time that the request was under way
	// makes it smaller. 0 if either is absent.
	ClockSkew time.Duration
	// Measured is what a console's timing beacon says the page measured for
	// Operation. It is the page's claim, not an observation of ours. 0 if absent.
	Measured time.Duration
}

// An AWSError is the service's own account of a failed call.
type AWSError struct {
	Code    string
	Message string
	Type    string
	// Deny is what kind of policy denied it, in IAM's words: DenyVPCEndpoint, or one of
	// the others that IAM's messages name; "" if the message doesn't say.
	Deny      string
	PolicyARN string // of that policy; "" if the message doesn't say
	Explicit  bool   // the policy has a Deny; otherwise it has no Allow
}

// DenyVPCEndpoint is the AWSError.Deny of an endpoint's policy, as IAM's messages name
// it (IAM user guide, "Troubleshoot access denied error messages").
const DenyVPCEndpoint = "VPC endpoint policy"

// CallNames are the names of an AWS call, without anything that a server said of it.
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

// Named returns a copy of a that has other names. a must not be nil; it is left as
// it is, and the copy shares Also with n.
func (a *AWS) Named(n CallNames) *AWS {
	out := *a
	out.Partition, out.Region, out.Service, out.ServiceName = n.Partition, n.Region, n.Service, n.ServiceName
	out.Operation, out.Also, out.DecodedBy = n.Operation, n.Also, n.DecodedBy
	return &out
}
