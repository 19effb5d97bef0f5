package aws

import (
	"testing"

	"detour/internal/flow"
)

func TestTag_namesTheActionOfARefusal(t *testing.T) {
	tables := load(t)
	for _, tc := range []struct{ service, operation, message, want string }{
		{"monitoring", "GetMetricData", "denied", "cloudwatch:GetMetricData"},
		{"eventbridge", "PutRule", "denied", "events:PutRule"},
		{"sesv2", "ListContacts", "denied", "ses:ListContacts"},
		{"bedrock-runtime", "InvokeModel", "denied", "bedrock:InvokeModel"},
		{"resourcegroupstaggingapi", "GetResources", "denied", "tag:GetResources"},
		{"runtime.sagemaker", "InvokeEndpoint", "denied", "sagemaker:InvokeEndpoint"},
		{"streams.dynamodb", "ListStreams", "denied", "dynamodb:ListStreams"},
		{"s3", "GetObjectAcl", "User: arn:aws:iam::1:user/u is not authorized to perform: s3:GetObjectAcl on resource: x", "s3:GetObjectAcl"},
		{"codecommit", "", "not authorized to perform: codecommit:GitPull because no VPC endpoint policy allows the codecommit:GitPull action", "codecommit:GitPull"},
		{"logs", "DescribeLogGroups", "not authorized to perform: <b>:x on it", "logs:DescribeLogGroups"},
		{"logs", "", "denied", ""},
	} {
		c := &flow.AWS{Service: tc.service, Operation: tc.operation, Error: &flow.AWSError{Code: "AccessDenied", Message: tc.message}}
		if nameAction(tables.iam, c); c.Error.Action != tc.want {
			t.Errorf("%s %s: %q, want %q", tc.service, tc.operation, c.Error.Action, tc.want)
		}
	}
}
