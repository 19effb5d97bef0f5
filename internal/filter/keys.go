package filter

import (
	"slices"

	"detour/internal/flow"
)

// The sections of the reference, in order.
const (
	sectionCall   = "Call"
	sectionRoute  = "Route"
	sectionResult = "Result"
	sectionAmount = "Durations and sizes"
	sectionOwn    = "Your own"
)

// keys returns all keys, in the order of the reference.
func keys() []key {
	var out []key
	for _, s := range []struct {
		name string
		keys []key
	}{
		{sectionCall, callKeys()},
		{sectionRoute, routeKeys()},
		{sectionResult, resultKeys()},
		{sectionAmount, amountKeys()},
		{sectionOwn, ownKeys()},
	} {
		for _, k := range s.keys {
			k.section = s.name
			out = append(out, k)
		}
	}
	return out
}

// A yielder is what key.texts calls.
type yielder = func(string) bool

func callKeys() []key {
	return []key{
		{
			name: "origin", doc: "the route of the request: through the console's servers, or straight to a service endpoint",
			example: "direct", words: origins(),
			texts: func(f *flow.Flow, yield yielder) bool { return yield(string(f.Origin)) },
		},
		{
			name: "service", also: []string{"svc"}, doc: "the AWS service, by its endpoint prefix or its name", example: "logs",
			texts: func(f *flow.Flow, yield yielder) bool {
				return f.AWS != nil && (yield(f.AWS.Service) || yield(f.AWS.ServiceName))
			},
		},
		{
			name: "operation", also: []string{"op", "action"},
			doc: "the API operation, any operation of a batch, or that of a preflight's call", example: "GetMetricData",
			texts: func(f *flow.Flow, yield yielder) bool {
				if f.AWS == nil {
					return false
				}
				for _, s := range f.AWS.Batch {
					if yield(s) {
						return true
					}
				}
				return slices.ContainsFunc(f.AWS.MayBe(), yield)
			},
		},
		{
			name: "region", doc: "the AWS Region", example: "ap-northeast-1",
			texts: func(f *flow.Flow, yield yielder) bool { return f.AWS != nil && yield(f.AWS.Region) },
		},
		{
			name: "host", doc: "the requested host, without the port", example: "amazonaws.com",
			texts: func(f *flow.Flow, yield yielder) bool { return yield(f.Request.Host()) },
		},
		{
			name: "path", doc: "the path and query", example: "/cloudwatch",
			texts: func(f *flow.Flow, yield yielder) bool { return yield(f.Request.Target()) },
		},
		{
			name: "url", doc: "the whole URL", example: "console.aws.amazon.com/cloudwatch",
			texts: func(f *flow.Flow, yield yielder) bool { return yield(f.Request.URL) },
		},
		{
			name: "method", doc: "the HTTP method", example: "POST",
			texts: func(f *flow.Flow, yield yielder) bool { return yield(f.Request.Method) },
		},
		{
			name: "page", doc: "the console page that made the request", example: "cloudwatch",
			texts: func(f *flow.Flow, yield yielder) bool { return f.Page != "" && yield(f.Page) },
		},
		{
			name: "source", doc: "where the flow comes from", example: "har",
			words: []choice{
				{word: string(flow.SourceProxy), doc: "seen by the proxy"},
				{word: string(flow.SourceHAR), doc: "read from a HAR file"},
				{word: string(flow.SourceProbe), doc: "sent by detour probe"},
			},
			texts: func(f *flow.Flow, yield yielder) bool { return yield(string(f.Source)) },
		},
	}
}

func resultKeys() []key {
	return []key{
		{
			name: "status", doc: "the HTTP status", example: "4xx", unit: unitStatus,
			number: count(func(f *flow.Flow) (int64, bool) { return status(f) }),
		},
		{
			name: "inner", doc: "the status that the console's server got from the service, if it reports one", example: "403", unit: unitStatus,
			number: count(func(f *flow.Flow) (int64, bool) {
				if f.AWS == nil || f.AWS.InnerStatus == 0 {
					return 0, false
				}
				return int64(f.AWS.InnerStatus), true
			}),
		},
		{
			name: "code", also: []string{"error"}, doc: "the AWS error code", example: "AccessDenied",
			texts: func(f *flow.Flow, yield yielder) bool {
				return f.AWS != nil && f.AWS.Error != nil && yield(f.AWS.Error.Code)
			},
		},
		{
			name: "message", doc: "the service's error message, or the system's for a failure", example: `"not authorized"`,
			texts: func(f *flow.Flow, yield yielder) bool {
				return f.AWS != nil && f.AWS.Error != nil && yield(f.AWS.Error.Message) || f.Failure != nil && yield(f.Failure.Message)
			},
		},
		{
			name: "policy", doc: "the kind of policy that denied the call, or its ARN", example: `"VPC endpoint"`,
			texts: func(f *flow.Flow, yield yielder) bool {
				e := awsError(f)
				return e != nil && (e.Deny != "" && yield(e.Deny) || e.PolicyARN != "" && yield(e.PolicyARN))
			},
		},
		{
			name: "failure", also: []string{"fail"}, doc: "the stage at which the exchange failed without an HTTP error",
			example: "dial", words: stages(),
			texts: func(f *flow.Flow, yield yielder) bool { return f.Failure != nil && yield(string(f.Failure.Stage)) },
		},
		{
			name: "finding", doc: "the code of a finding that lists the flow", example: "private-endpoint", lists: true,
			texts: func(f *flow.Flow, yield yielder) bool {
				for _, s := range f.Findings {
					if yield(s) {
						return true
					}
				}
				return false
			},
		},
		{
			name: "requestid", also: []string{"request-id", "id"}, doc: "the AWS request ID, or # and the flow's number", example: "7a62c49f",
			texts: func(f *flow.Flow, yield yielder) bool {
				if a := f.AWS; a != nil {
					for _, id := range [...]string{a.RequestID, a.ExtendedRequestID} {
						if id != "" && yield(id) {
							return true
						}
					}
				}
				return yield(numbered(f.ID))
			},
		},
		{name: "is", doc: "a property of the flow", example: "failed", flags: flags(), judged: true},
	}
}

func ownKeys() []key {
	return []key{
		{
			name: "note", doc: "your note", example: "login",
			texts: func(f *flow.Flow, yield yielder) bool { return f.Note != "" && yield(f.Note) },
		},
	}
}

func status(f *flow.Flow) (int64, bool) {
	if f.Response == nil {
		return 0, false
	}
	return int64(f.Response.Status), true
}

func awsError(f *flow.Flow) *flow.AWSError {
	if f.AWS == nil {
		return nil
	}
	return f.AWS.Error
}
