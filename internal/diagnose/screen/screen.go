// Package screen names the parts of the console that calls fill, as a user sees them.
package screen

import (
	"slices"
	"strings"

	"detour/internal/flow"
	"detour/internal/wording"
)

// consoles are the names of the console's pages, by the first part of their path.
func consoles() map[string]string {
	return map[string]string{
		"ec2": "EC2", "ec2v2": "EC2", "cloudwatch": "CloudWatch", "vpc": "VPC", "vpcconsole": "VPC", "s3": "S3", "iam": "IAM", "iamv2": "IAM",
		"lambda": "Lambda",
		"rds":    "RDS", "ecs": "ECS", "eks": "EKS", "ecr": "ECR", "dynamodb": "DynamoDB", "dynamodbv2": "DynamoDB",
		"cloudformation":  "CloudFormation",
		"systems-manager": "Systems Manager", "secretsmanager": "Secrets Manager", "kms": "KMS", "sqs": "SQS", "sns": "SNS",
		"states": "Step Functions",
		"events": "EventBridge", "apigateway": "API Gateway", "route53": "Route 53", "cloudtrailv2": "CloudTrail", "cloudtrail": "CloudTrail",
		"billing":        "Billing",
		"costmanagement": "Cost Management", "cost-management": "Cost Management", "athena": "Athena", "glue": "Glue", "kinesis": "Kinesis",
		"elasticache": "ElastiCache",
		"sagemaker":   "SageMaker", "bedrock": "Bedrock", "organizations": "Organizations", "config": "Config", "guardduty": "GuardDuty",
		"securityhub": "Security Hub",
		"codesuite":   "CodeSuite", "batch": "Batch", "efs": "EFS", "fsx": "FSx", "console": "Console Home",
		"singlesignon": "IAM Identity Center", "xray": "X-Ray",
	}
}

// parts are the parts of a page that an operation fills, by service:operation.
func parts() map[string]string {
	return map[string]string{
		"monitoring:GetMetricData": "graphs", "monitoring:GetMetricStatistics": "graphs", "monitoring:GetMetricWidgetImage": "graphs",
		"monitoring:ListMetrics":    "graphs",
		"monitoring:DescribeAlarms": "alarms", "monitoring:DescribeAlarmsForMetric": "alarms", "monitoring:DescribeAlarmHistory": "alarms",
		"monitoring:ListDashboards": "dashboards", "monitoring:GetDashboard": "dashboards",
		"logs:DescribeLogGroups": "log groups", "logs:ListLogGroups": "log groups", "logs:DescribeLogStreams": "log streams",
		"logs:FilterLogEvents": "log events", "logs:GetLogEvents": "log events", "logs:StartQuery": "Logs Insights",
		"logs:GetQueryResults": "Logs Insights",
		"logs:StartLiveTail":   "Live Tail", "ssm:DescribeInstanceInformation": "managed instances", "lambda:ListFunctions": "functions",
		"tagging:GetResources": "tags", "health:DescribeEvents": "health events", "s3:ListBuckets": "buckets", "s3:ListObjectsV2": "objects",
		"kms:ListAliases": "keys", "kms:ListKeys": "keys", "secretsmanager:ListSecrets": "secrets", "sns:ListTopics": "topics",
		"sqs:ListQueues": "queues",
	}
}

// IsPage reports whether a flow is the loading of a page of the console.
func IsPage(f *flow.Flow) bool {
	if f.Origin != flow.OriginConsole || f.Page == "" || f.Request.Method != "GET" {
		return false
	}
	u, _, _ := strings.Cut(f.Request.URL, "?")
	u, _, _ = strings.Cut(u, "#")
	return u == f.Page
}

// Of are the parts of the console that look broken: "EC2 › Monitoring tab:
// GetMetricData". pageOf returns the page that a call belongs to; "" if it isn't known.
func Of(flows []*flow.Flow, pageOf func(*flow.Flow) string) []string {
	by := make(map[string][]string)
	consoles, parts := consoles(), parts()
	for _, f := range flows {
		for _, operation := range f.AWS.MayBe() {
			place := placeOf(consoleOf(consoles, pageOf(f)), parts[f.AWS.Service+":"+operation])
			op := clean(operation)
			if place != "" && !slices.Contains(by[place], op) {
				by[place] = append(by[place], op)
			}
		}
	}
	return lines(by)
}

// lines are places with their operations, sorted.
func lines(by map[string][]string) []string {
	out := make([]string, 0, len(by))
	for place, ops := range by {
		slices.Sort(ops)
		out = append(out, place+": "+wording.List(ops))
	}
	slices.Sort(out)
	return out
}

// OfService are the parts of the console that calls of a service fill, with their operations,
// sorted: for monitoring, "CloudWatch › graphs: GetMetricData …" and "EC2 › Monitoring tab: …".
func OfService(service string) []string {
	by := make(map[string][]string)
	for call, part := range parts() {
		s, op, _ := strings.Cut(call, ":")
		if s != service {
			continue
		}
		for _, console := range shownIn(service, part) {
			place := placeOf(console, part)
			by[place] = append(by[place], op)
		}
	}
	return lines(by)
}

// shownIn are the consoles that show a part: graphs are also in those of the resources that
// the graphs are of.
func shownIn(service, part string) []string {
	switch {
	case part == "graphs":
		return []string{"CloudWatch", "EC2", "RDS", "Lambda"}
	case service == "monitoring", service == "logs":
		return []string{"CloudWatch"}
	case service == "tagging":
		return []string{"Resource Groups"}
	case service == "health":
		return []string{"AWS Health"}
	case service == "ssm":
		return []string{"Systems Manager"}
	}
	return []string{consoles()[service]}
}

// placeOf names a part of a console page.
func placeOf(console, part string) string {
	switch {
	case console == "", part == "":
		return console
	case part == "graphs" && console != "CloudWatch":
		part = "Monitoring tab"
	}
	return console + " › " + part
}

// Path is the path of a URL without the slash; "" for an origin alone.
func Path(url string) string {
	_, rest, _ := strings.Cut(url, "://")
	_, p, _ := strings.Cut(rest, "/")
	return p
}

// consoleOf is the name of a page's console, or else its path.
func consoleOf(consoles map[string]string, url string) string {
	p := Path(url)
	first, _, _ := strings.Cut(p, "/")
	if name := consoles[first]; name != "" {
		return name
	}
	if p == "" {
		return ""
	}
	return clean("/" + p)
}

// clean makes foreign text fit for a line of a terminal.
func clean(s string) string { return flow.Printable(strings.TrimSpace(s)) }
