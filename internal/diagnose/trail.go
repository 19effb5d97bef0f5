package diagnose

import (
	"fmt"
	"slices"

	"detour/internal/flow"
)

// dataEvents are operations that CloudTrail keeps as data events, which a trail has
// only if it is told to (docs.aws.amazon.com/awscloudtrail/latest/userguide/
// logging-data-events-with-cloudtrail.html).
func dataEvents() map[string][]string {
	return map[string][]string{
		"monitoring": {"GetMetricData", "GetMetricWidgetImage"},
		"s3":         {"GetObject", "PutObject", "DeleteObject", "DeleteObjects", "HeadObject", "CopyObject", "ListObjects", "ListObjectsV2", "GetObjectAttributes", "UploadPart"},
		"dynamodb":   {"GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan", "BatchGetItem", "BatchWriteItem", "TransactGetItems", "TransactWriteItems", "ExecuteStatement"},
		"lambda":     {"Invoke", "InvokeWithResponseStream"},
		"sqs":        {"SendMessage", "SendMessageBatch", "ReceiveMessage", "DeleteMessage", "DeleteMessageBatch", "ChangeMessageVisibility"},
		"sns":        {"Publish", "PublishBatch"},
	}
}

// Trail says of one call which events CloudTrail can have of it, and where to look;
// nil if it isn't a call that CloudTrail knows.
func Trail(f *flow.Flow) []string {
	if f.Conn == nil { // the rules see none without
		bare := *f
		bare.Conn = &flow.Conn{}
		f = &bare
	}
	return group{flows: []*flow.Flow{f}}.trail()
}

// trail says of the calls which events CloudTrail can have, and where to look.
func (g group) trail() []string {
	lost, relayed, direct := g.ways()
	var out []string
	if len(lost) > 0 {
		out = append(out, "no event: "+list(lost, "")+" never reached AWS")
	}
	if len(relayed) > 0 {
		out = append(out, "an event is possible: "+list(relayed, "")+"; its source address is the console's servers' or \"AWS Internal\", not this machine's")
	}
	if len(direct) > 0 {
		s := "an event is possible: " + list(direct, "")
		if from := g.sources(); len(from) > 0 && g.each(byPrivateWay) {
			s += "; with vpcEndpointId, and " + list(from, "") + " or what NAT makes of it as source address"
		}
		out = append(out, s)
	}
	if ops := g.dataEvents(); len(ops) > 0 {
		out = append(out, list(ops, "")+": data events, which only a trail that is told to keeps")
	}
	if g.each(func(f *flow.Flow) bool {
		return f.AWS != nil && f.AWS.Error != nil && f.AWS.Error.Deny == "VPC endpoint policy"
	}) {
		out = append(out, "a denial by an endpoint's policy is a network activity event (errorCode VpceAccessDenied), if the trail keeps those")
	}
	return out
}

// ways sorts the calls by how far they came.
func (g group) ways() (lost, relayed, direct []string) {
	seen := make(map[string]bool)
	for _, f := range g.flows {
		if f.AWS == nil || f.AWS.Operation == "" || f.Request.Method == "OPTIONS" || f.Origin == flow.OriginTelemetry || f.Source == flow.SourceProbe {
			continue
		}
		name := clean(f.AWS.Operation)
		to := &direct
		switch {
		case f.Response == nil && (f.Failure == nil || !slices.Contains([]flow.Stage{flow.StageWait, flow.StageReceive}, f.Failure.Stage)):
			to = &lost
		case f.Origin == flow.OriginConsole:
			to, name = &relayed, source(f)
		default:
			name = source(f)
		}
		key := fmt.Sprint(to == &lost, name)
		if !seen[key] {
			seen[key] = true
			*to = append(*to, name)
		}
	}
	return lost, relayed, direct
}

// source is how CloudTrail names a call.
func source(f *flow.Flow) string {
	return fmt.Sprintf("eventName %s of eventSource %s.amazonaws.com", clean(f.AWS.Operation), clean(f.AWS.Service))
}

// dataEvents are the calls that are data events and reached AWS.
func (g group) dataEvents() []string {
	known := dataEvents()
	return g.distinct(func(f *flow.Flow) []string {
		if f.AWS == nil || f.Response == nil || !slices.Contains(known[f.AWS.Service], f.AWS.Operation) {
			return nil
		}
		return []string{clean(f.AWS.Operation)}
	})
}
