package aws

import (
	"strings"
	"testing"
)

func TestEndpointService(t *testing.T) {
	tables := load(t)
	for name, want := range map[string]string{
		"logs.ap-northeast-1.amazonaws.com":                     "com.amazonaws.ap-northeast-1.logs",
		"monitoring.ap-northeast-1.amazonaws.com:443":           "com.amazonaws.ap-northeast-1.monitoring",
		"monitoring.ap-northeast-1.api.aws":                     "com.amazonaws.ap-northeast-1.monitoring",
		"monitoring-fips.us-east-1.amazonaws.com":               "com.amazonaws.us-east-1.monitoring", // there is none of its own
		"kms-fips.us-east-1.amazonaws.com":                      "com.amazonaws.us-east-1.kms-fips",
		"fips.transcribe.us-east-1.amazonaws.com":               "com.amazonaws.us-east-1.transcribe",
		"api.ecr.us-east-1.amazonaws.com":                       "com.amazonaws.us-east-1.ecr.api",
		"123456789012.dkr.ecr.us-east-1.amazonaws.com":          "com.amazonaws.us-east-1.ecr.dkr",
		"kinesis.us-east-1.amazonaws.com":                       "com.amazonaws.us-east-1.kinesis-streams",
		"a.bucket.s3.us-east-1.amazonaws.com":                   "com.amazonaws.us-east-1.s3",
		"a1b2c3-ats.iot.us-east-1.amazonaws.com":                "com.amazonaws.us-east-1.iot.data",
		"freetier.us-east-1.api.aws":                            "aws.api.us-east-1.freetier",
		"iam.amazonaws.com":                                     "com.amazonaws.iam",
		"vpce-0abc-def.monitoring.us-east-1.vpce.amazonaws.com": "com.amazonaws.us-east-1.monitoring",
		"abc123.execute-api.us-east-1.amazonaws.com":            "com.amazonaws.us-east-1.execute-api",
		"athena.cn-north-1.amazonaws.com.cn":                    "cn.com.amazonaws.cn-north-1.athena",
		"transcribe.cn-north-1.amazonaws.com.cn":                "cn.com.amazonaws.cn-north-1.transcribe.cn",
		"logs.cn-north-1.amazonaws.com.cn":                      "com.amazonaws.cn-north-1.logs",
		"api.ecr.eusc-de-east-1.amazonaws.eu":                   "eu.amazonaws.eusc-de-east-1.ecr.api",
		"ap-northeast-1.console.aws.amazon.com":                 "com.amazonaws.ap-northeast-1.console",
		"console.aws.amazon.com":                                "com.amazonaws.us-east-1.console",
		"eu-west-1.signin.aws.amazon.com":                       "com.amazonaws.eu-west-1.signin",
		"a.studio.us-east-1.sagemaker.aws":                      "aws.sagemaker.us-east-1.studio",

		"mydb.abc.us-east-1.rds.amazonaws.com":                         "",
		"b--use1-az4--x-s3.s3express-use1-az4.us-east-1.amazonaws.com": "", // a gateway endpoint
		"s3.amazonaws.com":                       "", // which Region's can't be told
		"mine.logs.us-east-1.amazonaws.com":      "",
		"monitoring.ap-northeast-1.evil.example": "",
		"":                                       "",
	} {
		if got := tables.EndpointService(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// The table of host labels was joined with endpoint services by its own rules;
// the private DNS names must lead to the same.
func TestEndpointService_agreesWithTheTableOfHostLabels(t *testing.T) {
	tables := load(t)
	n := 0
	err := eachRow("service_hosts.tsv", func(c []string) error {
		label, want := c[0], strings.ReplaceAll(c[4], "{region}", "us-east-1")
		if want == "" || label == "execute-api" { // that one needs an id before it
			return nil
		}
		n++
		if got := tables.EndpointService(label + ".us-east-1.amazonaws.com"); got != want {
			t.Errorf("%s: %q, want %q", label, got, want)
		}
		return nil
	})
	if err != nil || n < 300 {
		t.Errorf("%d labels were compared: %v", n, err)
	}
}
