// Package awsside says where an account's own records show calls that weren't answered, or were
// denied: flow logs, the endpoints' metrics and CloudTrail. They are a second witness.
//
// It is pure, and may be called concurrently.
package awsside

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"detour/internal/diagnose/command"
	"detour/internal/flow"
	"detour/internal/wording"
)

// Calls are what to look for: connects from clients to addresses in a few minutes.
type Calls struct {
	Region           string // "" if it isn't known
	From, Until      time.Time
	Port             string
	Clients, Servers []string // addresses, sorted
	Endpoints        []Endpoint
}

// An Endpoint is one that takes the calls. What isn't known of it is a placeholder in commands.
type Endpoint struct {
	Service             string // as com.amazonaws.eu-central-1.logs
	ID, VPC             string
	Interfaces, Subnets []string
}

const (
	maxNamed     = 12 // addresses, in a command or a sentence
	maxEndpoints = 3  // whose metrics are shown
)

// Without returns the steps that aren't of this package.
func Without(all []flow.NextStep) []flow.NextStep {
	return slices.DeleteFunc(slices.Clone(all), func(s flow.NextStep) bool { return s.AWSSide })
}

func step(text, command string) flow.NextStep {
	return flow.NextStep{Text: text, Command: command, AWSSide: true}
}

// Unanswered is where connects show that weren't answered: none without an address.
func (c Calls) Unanswered() (steps []flow.NextStep) {
	if len(c.Servers) == 0 {
		return nil
	}
	of := "the VPC's flow logs"
	interfaces := c.ids(func(e Endpoint) []string { return e.Interfaces })
	if len(interfaces) > 0 {
		of = "the flow logs of " + wording.Some(interfaces, maxNamed)
	}
	steps = []flow.NextStep{step("Look up "+wording.Some(c.Servers, maxNamed)+" in "+of+
		": REJECT means that the packets reached the endpoint's network interface; no entry means that they were dropped earlier", "")}
	if c.From.IsZero() || !command.Safe(c.Region) || !addresses(c.Servers) {
		return steps
	}
	if len(interfaces) > 0 {
		steps = append(steps, step("Find the log group of their flow logs", "aws ec2 describe-flow-logs"+c.region()+
			" --filter Name=resource-id,Values="+strings.Join(slices.Concat(c.ids(func(e Endpoint) []string { return []string{e.VPC} }),
			c.ids(func(e Endpoint) []string { return e.Subnets }), interfaces), ",")+
			` --query "FlowLogs[].[ResourceId,TrafficType,LogGroupName,LogDestination]"`))
	}
	steps = append(steps, step("If these go to CloudWatch Logs, query the minutes of the calls (after NAT, srcAddr is another address)",
		c.logs("FLOW_LOG_GROUP", c.flowLogQuery(interfaces))), c.result())
	for _, e := range c.Endpoints[:min(len(c.Endpoints), maxEndpoints)] {
		if command.Safe(e.Service) {
			steps = append(steps,
				c.metric(e, "NewConnections",
					"Count the connections that the endpoint took (none is consistent with packets that were dropped before it)"),
				c.metric(e, "PacketsDropped",
					"Count the packets that it dropped itself (a rising number is consistent with an unhealthy endpoint or service)"))
		}
	}
	return steps
}

// Denied is where calls show that an endpoint's policy denied: none if the endpoint, the Region or
// the time isn't known. AWS: Logging network activity events,
// docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-network-events-with-cloudtrail.html
func (c Calls) Denied() []flow.NextStep {
	if c.From.IsZero() || !command.Safe(c.Region) || len(c.Endpoints) == 0 {
		return nil
	}
	var ids []string
	for _, e := range c.Endpoints[:min(len(c.Endpoints), maxNamed)] {
		ids = append(ids, e.ID)
	}
	if !command.AllSafe(ids) {
		return nil
	}
	const text = "If a trail sends the endpoint's network activity events to CloudWatch Logs, query those of the minutes of the calls"
	return []flow.NextStep{step(text, c.logs("TRAIL_LOG_GROUP",
		`fields eventTime, eventSource, eventName, errorCode, sourceIPAddress | filter eventCategory = 'NetworkActivity' and vpcEndpointId in `+
			listed(ids)+` and errorCode = 'VpceAccessDenied'`)), c.result()}
}

func (c Calls) region() string { return " --region " + c.Region }

// ids are some of the endpoints, sorted, each once; none if one isn't fit for a command.
func (c Calls) ids(of func(Endpoint) []string) (out []string) {
	for _, e := range c.Endpoints {
		out = append(out, of(e)...)
	}
	if !command.AllSafe(out) {
		return nil
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (c Calls) flowLogQuery(interfaces []string) string {
	q := "fields @timestamp | filter dstPort = " + c.Port
	if len(interfaces) > 0 {
		q += " and interfaceId in " + listed(interfaces)
	}
	if len(c.Clients) > 0 && addresses(c.Clients) {
		q += " and srcAddr in " + listed(c.Clients)
	}
	return q + " and dstAddr in " + listed(c.Servers) + " | stats count(*) by interfaceId, srcAddr, dstAddr, action"
}

// listed is a list of CloudWatch Logs Insights.
func listed(all []string) string {
	return "['" + strings.Join(all[:min(len(all), maxNamed)], "','") + "']"
}

// logs is a query of CloudWatch Logs Insights.
func (c Calls) logs(group, query string) string {
	return fmt.Sprintf(`aws logs start-query%s --log-group-name %s --start-time %d --end-time %d --query-string "%s"`,
		c.region(), group, c.From.Unix(), c.Until.Unix(), query)
}

func (c Calls) result() flow.NextStep {
	return step("Show its result", "aws logs get-query-results"+c.region()+" --query-id QUERY_ID")
}

// metric is one of AWS/PrivateLinkEndpoints. AWS: CloudWatch metrics for AWS PrivateLink,
// docs.aws.amazon.com/vpc/latest/privatelink/privatelink-cloudwatch-metrics.html
func (c Calls) metric(e Endpoint, name, text string) flow.NextStep {
	id, vpc := "ENDPOINT_ID", "VPC_ID"
	if command.Safe(e.ID) && command.Safe(e.VPC) {
		id, vpc = e.ID, e.VPC
	}
	return step(text, fmt.Sprintf("aws cloudwatch get-metric-statistics%s --namespace AWS/PrivateLinkEndpoints "+
		`--metric-name %s --dimensions "Name=Endpoint Type,Value=Interface" "Name=Service Name,Value=%s" `+
		`"Name=VPC Endpoint Id,Value=%s" "Name=VPC Id,Value=%s" `+"--start-time %s --end-time %s --period 60 --statistics Sum",
		c.region(), name, e.Service, id, vpc, c.From.Format(time.RFC3339), c.Until.Format(time.RFC3339)))
}

// addresses reports whether each text is an IP address, which is fit for a command.
func addresses(all []string) bool {
	for _, s := range all {
		if a, err := netip.ParseAddr(s); err != nil || a.Zone() != "" {
			return false
		}
	}
	return true
}

// Minutes are the whole minutes in which requests were made, an hour at most; zero if their time
// isn't known.
func Minutes(all []*flow.Flow) (from, until time.Time) {
	for _, f := range all {
		t := f.Times.Start.UTC()
		if t.IsZero() {
			continue
		}
		if from.IsZero() || t.Before(from) {
			from = t.Truncate(time.Minute)
		}
		if t.After(until) {
			until = t
		}
	}
	until = until.Truncate(time.Minute).Add(2 * time.Minute) // SYNs are sent again
	if longest := from.Add(time.Hour); until.After(longest) {
		until = longest
	}
	return from, until
}
