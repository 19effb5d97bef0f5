package otlp

// The names of attributes: those of the semantic conventions 1.44, and detour's own.
const (
	attrServiceName     = "service.name"
	attrServiceVersion  = "service.version"
	attrServiceInstance = "service.instance.id"
	attrHostID          = "host.id"
	attrSimulated       = "detour.simulated"
	attrPrivacy         = "detour.privacy"

	attrMethod          = "http.request.method"
	attrStatus          = "http.response.status_code"
	attrURL             = "url.full"
	attrServer          = "server.address"
	attrServerPort      = "server.port"
	attrErrorType       = "error.type"
	attrPeer            = "network.peer.address"
	attrPeerPort        = "network.peer.port"
	attrLocal           = "network.local.address" // of the network: /24, or /48 with IPv6
	attrProtocol        = "network.protocol.name"
	attrProtocolVersion = "network.protocol.version"
	attrRPCSystem       = "rpc.system.name"
	attrRPCMethod       = "rpc.method"
	attrRPCStatus       = "rpc.response.status_code" // the code of the service's error
	attrRegion          = "cloud.region"
	attrRequestID       = "aws.request_id"
	attrQuestion        = "dns.question.name"
	attrAnswers         = "dns.answers"
	attrTLSVersion      = "tls.protocol.version"
	attrTLSEstablished  = "tls.established"
	attrTLSIssuer       = "tls.server.issuer"

	attrOrigin          = "detour.origin"
	attrNameserver      = "detour.dns.nameserver"
	attrScope           = "detour.dns.scope"
	attrSYNs            = "detour.syn_retransmits"
	attrFinding         = "detour.finding" // the code; of a flow with several, joined by commas
	attrEndpointService = "detour.endpoint_service"
	attrStep            = "detour.step"
	attrDuration        = "detour.duration" // in seconds
	attrFindingState    = "detour.finding.state"
	attrConfidence      = "detour.finding.confidence"
	attrFlows           = "detour.flows"        // how many requests a record is about
	attrFailed          = "detour.flows.failed" // of these, those without a response
	attrErrors          = "detour.flows.errors" // of these, those with a status of 400 or more
	attrLongest         = "detour.duration.max" // in seconds
)

// The names of events.
const (
	EventFlow    = "detour.flow"
	EventFinding = "detour.finding"
	EventSummary = "detour.summary"
)
