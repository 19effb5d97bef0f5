package filter

import "detour/internal/flow"

// The sections of the page, in its order.
const (
	sectionCall   = "What was called"
	sectionRoad   = "Which road it took"
	sectionAnswer = "How it ended"
	sectionAmount = "How long, how much"
	sectionOwn    = "What you made of it"
)

// keys are all keys that there are, in the order of the page.
func keys() []key {
	var out []key
	for _, s := range []struct {
		name string
		keys []key
	}{
		{sectionCall, callKeys()},
		{sectionRoad, roadKeys()},
		{sectionAnswer, answerKeys()},
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

// yielder is what texts have to call.
type yielder = func(string) bool

func callKeys() []key {
	return []key{
		{
			name: "origin", doc: "which road the request was made for", example: "direct", words: origins(),
			texts: func(f *flow.Flow, yield yielder) bool { return yield(string(f.Origin)) },
		},
		{
			name: "service", also: []string{"svc"}, doc: "the AWS service, by its endpoint's name or as people say it", example: "logs",
			texts: func(f *flow.Flow, yield yielder) bool {
				return f.AWS != nil && (yield(f.AWS.Service) || yield(f.AWS.ServiceName))
			},
		},
		{
			name: "operation", also: []string{"op", "action"}, doc: "the API operation, and each one of a batch", example: "GetMetricData",
			texts: func(f *flow.Flow, yield yielder) bool {
				if f.AWS == nil {
					return false
				}
				for _, s := range f.AWS.Batch {
					if yield(s) {
						return true
					}
				}
				return yield(f.AWS.Operation)
			},
		},
		{
			name: "region", doc: "the AWS region", example: "ap-northeast-1",
			texts: func(f *flow.Flow, yield yielder) bool { return f.AWS != nil && yield(f.AWS.Region) },
		},
		{
			name: "host", doc: "the host that was asked for, without its port", example: "amazonaws.com",
			texts: func(f *flow.Flow, yield yielder) bool { return yield(f.Request.Host()) },
		},
		{
			name: "path", doc: "the path with its query", example: "/cloudwatch",
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
			name: "page", doc: "the console's page that asked", example: "cloudwatch",
			texts: func(f *flow.Flow, yield yielder) bool { return f.Page != "" && yield(f.Page) },
		},
		{
			name: "source", doc: "where the flow was seen", example: "har",
			words: []choice{{word: string(flow.SourceProxy), doc: "on the wire"}, {word: string(flow.SourceHAR), doc: "read from a file"}, {word: string(flow.SourceProbe), doc: "asked by detour"}},
			texts: func(f *flow.Flow, yield yielder) bool { return yield(string(f.Source)) },
		},
	}
}

func answerKeys() []key {
	return []key{
		{
			name: "status", doc: "the HTTP status", example: "4xx", unit: unitStatus,
			number: count(func(f *flow.Flow) (int64, bool) { return status(f) }),
		},
		{
			name: "inner", doc: "the status that the console's server had of the service, where it relays that", example: "403", unit: unitStatus,
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
			name: "message", doc: "the service's own words for an error, or the system's for a failure", example: `"not authorized"`,
			texts: func(f *flow.Flow, yield yielder) bool {
				return f.AWS != nil && f.AWS.Error != nil && yield(f.AWS.Error.Message) || f.Failure != nil && yield(f.Failure.Message)
			},
		},
		{
			name: "policy", doc: "the kind of policy that denied it, or the policy's ARN", example: `"VPC endpoint"`,
			texts: func(f *flow.Flow, yield yielder) bool {
				e := awsError(f)
				return e != nil && (e.Deny != "" && yield(e.Deny) || e.PolicyARN != "" && yield(e.PolicyARN))
			},
		},
		{
			name: "failure", also: []string{"fail"}, doc: "the stage at which the exchange failed outside HTTP", example: "dial", words: stages(),
			texts: func(f *flow.Flow, yield yielder) bool { return f.Failure != nil && yield(string(f.Failure.Stage)) },
		},
		{
			name: "finding", doc: "the code of a finding that claims the flow", example: "private-endpoint",
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
			name: "requestid", also: []string{"request-id", "id"}, doc: "AWS's request ID, or the flow's own number after #", example: "7a62c49f",
			texts: func(f *flow.Flow, yield yielder) bool {
				return f.AWS != nil && (f.AWS.RequestID != "" && yield(f.AWS.RequestID) || f.AWS.ExtendedRequestID != "" && yield(f.AWS.ExtendedRequestID)) ||
					yield(numbered(f.ID))
			},
		},
		{name: "is", doc: "what holds of the flow", example: "failed", flags: flags()},
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
