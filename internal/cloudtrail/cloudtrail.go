// Package cloudtrail knows how CloudTrail names the calls of a service, and which of them a trail
// records only if it is configured to.
package cloudtrail

import "slices"

// EventSource is the first label of the eventSource of a service's events: "ses" for "sesv2".
// service is the endpoint prefix in the API models.
func EventSource(service string) string {
	if s, ok := eventSources()[service]; ok {
		return s
	}
	return service
}

// IsDataEvent reports whether an operation's events are data events, which a trail includes
// only if configured.
func IsDataEvent(service, operation string) bool {
	return slices.Contains(dataEvents()[service], operation)
}

// dataEvents are operations that CloudTrail records as data events, which a trail
// includes only if configured (docs.aws.amazon.com/awscloudtrail/latest/userguide/
// logging-data-events-with-cloudtrail.html).
func dataEvents() map[string][]string {
	return map[string][]string{
		"monitoring": {"GetMetricData", "GetMetricWidgetImage"},
		"s3": {
			"GetObject", "PutObject", "DeleteObject", "DeleteObjects", "HeadObject", "CopyObject", "ListObjects", "ListObjectsV2",
			"GetObjectAttributes", "UploadPart",
		},
		"dynamodb": {
			"GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan", "BatchGetItem", "BatchWriteItem", "TransactGetItems",
			"TransactWriteItems", "ExecuteStatement",
		},
		"lambda": {"Invoke", "InvokeWithResponseStream"},
		"sqs":    {"SendMessage", "SendMessageBatch", "ReceiveMessage", "DeleteMessage", "DeleteMessageBatch", "ChangeMessageVisibility"},
		"sns":    {"Publish", "PublishBatch"},
	}
}

// eventSources are the services whose events name another source than their endpoint's prefix: the
// service whose name their requests are signed with (docs.aws.amazon.com/eventbridge/latest/ref/events.html).
func eventSources() map[string]string {
	return map[string]string{
		"accessanalyzer":           "access-analyzer",
		"amp":                      "aps",
		"apigatewayv2":             "apigateway",
		"bedrock-agent":            "bedrock",
		"bedrock-agent-runtime":    "bedrock",
		"bedrock-runtime":          "bedrock",
		"cloudcontrol":             "cloudcontrolapi",
		"cloudhsmv2":               "cloudhsm",
		"docdb":                    "rds",
		"elasticloadbalancingv2":   "elasticloadbalancing",
		"email":                    "ses",
		"eventbridge":              "events",
		"greengrassv2":             "greengrass",
		"keyspaces":                "cassandra",
		"kinesisanalyticsv2":       "kinesisanalytics",
		"location":                 "geo",
		"mwaa":                     "airflow",
		"neptune":                  "rds",
		"opensearch":               "es",
		"opensearchserverless":     "aoss",
		"resourcegroupstaggingapi": "tagging",
		"runtime.sagemaker":        "sagemaker",
		"s3control":                "s3",
		"service-quotas":           "servicequotas",
		"sesv2":                    "ses",
		"sso-admin":                "sso",
		"streams.dynamodb":         "dynamodb",
		"timestream-query":         "timestream",
		"timestream-write":         "timestream",
	}
}
