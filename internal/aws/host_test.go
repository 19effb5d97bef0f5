package aws

import (
	"strings"
	"testing"
)

// hosts are examples of every family and form; what they are is class,
// partition, Region, label.
var hosts = map[string][4]string{
	"console.aws.amazon.com":                                     {"console", "aws"},
	"Ap-Northeast-1.Console.AWS.amazon.com.":                     {"console", "aws", "ap-northeast-1"},
	"000000000000-aaaaaaaa.eu-west-1.console.aws.amazon.com:443": {"console", "aws", "eu-west-1"},
	"s3.console.aws.amazon.com":                                  {"console", "aws"},
	"eu-west-1.quicksight.aws.amazon.com":                        {"console", "aws", "eu-west-1"},
	"lightsail.aws.amazon.com":                                   {"console", "aws"},
	"console.amazonaws-us-gov.com":                               {"console", "aws-us-gov"},
	"us-gov-east-1.console.amazonaws-us-gov.com":                 {"console", "aws-us-gov", "us-gov-east-1"},
	"cn-north-1.console.amazonaws.cn":                            {"console", "aws-cn", "cn-north-1"},
	"eusc-de-east-1.console.amazonaws-eusc.eu":                   {"console", "aws-eusc", "eusc-de-east-1"},
	"us-iso-east-1.console.c2shome.ic.gov":                       {"console", "aws-iso", "us-iso-east-1"},

	"signin.aws.amazon.com":                                            {"sign-in", "aws"},
	"123456789012.signin.aws.amazon.com":                               {"sign-in", "aws"},
	"eu-west-1.signin.aws":                                             {"sign-in", "aws", "eu-west-1"},
	"d-1234567890.awsapps.com":                                         {"sign-in", "aws"},
	"portal.sso.eu-west-1.amazonaws.com":                               {"sign-in", "aws", "eu-west-1", "portal.sso"},
	"oidc.us-gov-west-1.amazonaws.com":                                 {"sign-in", "aws-us-gov", "us-gov-west-1", "oidc"},
	"oidc.cn-north-1.amazonaws.com.cn":                                 {"sign-in", "aws-cn", "cn-north-1", "oidc"},
	"opfcaptcha-prod.s3.amazonaws.com":                                 {"sign-in", "aws"},
	"ssoins-1.portal.eu-west-1.app.aws":                                {"sign-in", "aws", "eu-west-1"},
	"us-isob-east-1.signin.sc2shome.sgov.gov":                          {"sign-in", "aws-iso-b", "us-isob-east-1"},
	"eu-isoe-west-1.signin.csphome.adc-e.uk":                           {"sign-in", "aws-iso-e", "eu-isoe-west-1"},
	"us-isof-south-1.signin.csphome.hci.ic.gov":                        {"sign-in", "aws-iso-f", "us-isof-south-1"},
	"us-gov-west-1.signin.amazonaws-us-gov.com":                        {"sign-in", "aws-us-gov", "us-gov-west-1"},
	"a.b.cdn.console.awsstatic.com":                                    {"static", "aws"},
	"d2ziyq7zksuzai.cloudfront.net":                                    {"static", "aws"},
	"cdn.assets.as2.amazonaws.com":                                     {"static", "aws"},
	"us-east-1.prod.pr.panorama.console.api.aws":                       {"telemetry", "aws", "us-east-1"},
	"cell-1.eu-west-1.prod.telemetry.console.api.aws":                  {"telemetry", "aws", "eu-west-1"},
	"dataplane.rum.us-east-1.amazonaws.com":                            {"telemetry", "aws", "us-east-1"},
	"log.sso-portal.us-east-1.amazonaws.com":                           {"telemetry", "aws", "us-east-1"},
	"something.console.api.aws":                                        {"console-api", "aws"},
	"amcs-captcha-prod-us-east-1.s3.dualstack.us-east-1.amazonaws.com": {"sign-in", "aws", "us-east-1"},
	"us-east-1.threat-mitigation.aws.amazon.com":                       {"sign-in", "aws", "us-east-1"},
	"us-gov-west-1.ccs.amazonaws.com":                                  {"console-api", "aws-us-gov", "us-gov-west-1"},
	"us-gov-east-1.ccs.console.api.aws":                                {"console-api", "aws-us-gov", "us-gov-east-1"},
	"cn-north-1.ccs.amazonaws.com.cn":                                  {"console-api", "aws-cn", "cn-north-1"},
	"cn-north-1.ccs.console.api.amazonwebservices.com.cn":              {"console-api", "aws-cn", "cn-north-1"},
	"global.ccs.amazonaws.com":                                         {"console-api", "aws"},
	"a.b.cdn.console.awsstatic.cn":                                     {"static", "aws-cn"},
	"a.b.cdn.console.amazonaws-us-gov.com":                             {"static", "aws-us-gov"},
	"cn-north-1.prod.pr.uis.console.aws.a2z.org.cn":                    {"telemetry", "aws-cn", "cn-north-1"},
	"phd.amazonaws-us-gov.com":                                         {"console", "aws-us-gov"},
	"health.amazonaws.cn":                                              {"console", "aws-cn"},
	"cdn.1.as2.amazonaws.com":                                          {"static", "aws"},
	"something.console.aws.a2z.com":                                    {"console-api", "aws"},

	"monitoring.ap-northeast-1.amazonaws.com":                      {"direct", "aws", "ap-northeast-1", "monitoring"},
	"monitoring-fips.us-gov-west-1.amazonaws.com":                  {"direct", "aws-us-gov", "us-gov-west-1", "monitoring"},
	"fips.batch.us-east-1.amazonaws.com":                           {"direct", "aws", "us-east-1", "fips.batch"},
	"runtime-fips.sagemaker.us-east-1.amazonaws.com":               {"direct", "aws", "us-east-1", "runtime.sagemaker"},
	"logs.us-east-1.api.aws":                                       {"direct", "aws", "us-east-1", "logs"},
	"ec2.cn-north-1.amazonaws.com.cn":                              {"direct", "aws-cn", "cn-north-1", "ec2"},
	"lambda.cn-north-1.api.amazonwebservices.com.cn":               {"direct", "aws-cn", "cn-north-1", "lambda"},
	"ec2.eusc-de-east-1.amazonaws.eu":                              {"direct", "aws-eusc", "eusc-de-east-1", "ec2"},
	"ec2.us-iso-east-1.c2s.ic.gov":                                 {"direct", "aws-iso", "us-iso-east-1", "ec2"},
	"ec2.us-isob-east-1.sc2s.sgov.gov":                             {"direct", "aws-iso-b", "us-isob-east-1", "ec2"},
	"ec2.eu-isoe-west-1.cloud.adc-e.uk":                            {"direct", "aws-iso-e", "eu-isoe-west-1", "ec2"},
	"ec2.us-isof-south-1.csp.hci.ic.gov":                           {"direct", "aws-iso-f", "us-isof-south-1", "ec2"},
	"ec2.ap-southeast-99.amazonaws.com":                            {"direct", "aws", "ap-southeast-99", "ec2"}, // a Region to come
	"ec2.cn-north-1.amazonaws.com":                                 {"direct", "aws", "cn-north-1", "ec2"},      // the suffix is what DNS goes by
	"brandnew.us-east-1.amazonaws.com":                             {"direct", "aws", "us-east-1", "brandnew"},  // a service to come
	"api.ecr.us-east-1.amazonaws.com":                              {"direct", "aws", "us-east-1", "api.ecr"},
	"123456789012.dkr.ecr.us-east-1.amazonaws.com":                 {"direct", "aws", "us-east-1", "api.ecr"},
	"s3.eu-central-1.amazonaws.com":                                {"direct", "aws", "eu-central-1", "s3"},
	"my.dotted.bucket.s3.eu-central-1.amazonaws.com":               {"direct", "aws", "eu-central-1", "s3"},
	"logs.s3.eu-central-1.amazonaws.com":                           {"direct", "aws", "eu-central-1", "s3"}, // a bucket called logs
	"bucket.s3.dualstack.eu-central-1.amazonaws.com":               {"direct", "aws", "eu-central-1", "s3"},
	"bucket.s3-eu-west-1.amazonaws.com":                            {"direct", "aws", "eu-west-1", "s3"},
	"s3-us-west-2.amazonaws.com":                                   {"direct", "aws", "us-west-2", "s3"},
	"bucket.s3.amazonaws.com":                                      {"direct", "aws", "", "s3"},
	"bucket.s3-accelerate.amazonaws.com":                           {"direct", "aws", "", "s3"},
	"a.mrap.accesspoint.s3-global.amazonaws.com":                   {"direct", "aws", "", "s3"},
	"b--use1-az4--x-s3.s3express-use1-az4.us-east-1.amazonaws.com": {"direct", "aws", "us-east-1", "s3"},
	"123456789012.s3-control.us-east-1.amazonaws.com":              {"direct", "aws", "us-east-1", "s3-control"},
	"123456789012.ddb.us-east-1.amazonaws.com":                     {"direct", "aws", "us-east-1", "dynamodb"},
	"us-east-1.queue.amazonaws.com":                                {"direct", "aws", "us-east-1", "sqs"},
	"a1b2c3-ats.iot.us-east-1.amazonaws.com":                       {"direct", "aws", "us-east-1", "data-ats.iot"},
	"iam.amazonaws.com":                                            {"direct", "aws", "", "iam"},
	"iam.us-gov.amazonaws.com":                                     {"direct", "aws-us-gov", "", "iam"},
	"iam.global.api.aws":                                           {"direct", "aws", "", "iam"},
	"global.health.amazonaws.com":                                  {"direct", "aws", "", "global.health"},
	"vpce-0abc-def.monitoring.us-east-1.vpce.amazonaws.com":        {"direct", "aws", "us-east-1", "monitoring"},
	"bucket.vpce-0abc-def.s3.us-east-1.vpce.amazonaws.com":         {"direct", "aws", "us-east-1", "s3"},

	"ingest-cell1.timestream.us-east-1.amazonaws.com":       {"direct", "aws", "us-east-1", "ingest.timestream"},
	"query-cell12.timestream.eu-west-1.amazonaws.com":       {"direct", "aws", "eu-west-1", "query.timestream"},
	"vpce-0abc-def.console.us-east-1.vpce.amazonaws.com":    {"console", "aws", "us-east-1"},
	"vpce-0abc-def.signin.eu-west-1.vpce.amazonaws.com":     {"sign-in", "aws", "eu-west-1"},
	"vpce-0abc.console-static.eu-west-1.vpce.amazonaws.com": {"static", "aws", "eu-west-1"},

	"vpce-0abc.vpce-svc-0def.us-east-1.vpce.amazonaws.com": {"other", "aws", "us-east-1"},
	"abc123.execute-api.us-east-1.amazonaws.com":           {"other", "aws", "us-east-1"},
	"abc123.execute-api.cn-north-1.amazonaws.com.cn":       {"other", "aws-cn", "cn-north-1"},
	"abc.lambda-url.us-east-1.on.aws":                      {"other", "aws", "us-east-1"},
	"mydb.abc.us-east-1.rds.amazonaws.com":                 {"other", "aws", "us-east-1"},
	"b-1.mine.abc.c2.kafka.us-east-1.amazonaws.com":        {"other", "aws", "us-east-1"},
	"ec2-203-0-113-1.eu-west-1.compute.amazonaws.com":      {"other", "aws", "eu-west-1"},
	"eu-west-1.mine.eu-central-1.elasticbeanstalk.com":     {"other", "aws", "eu-central-1"}, // the last one is the Region
	"status.aws.amazon.com":                                {"other", "aws"},
	"mine.logs.us-east-1.amazonaws.com":                    {"unlisted", "aws", "us-east-1", "logs"},
	"whatever.that.is.amazonaws.com":                       {"unlisted", "aws"},
}

func TestHost_familiesAndForms(t *testing.T) {
	tables := load(t)
	for name, want := range hosts {
		h := tables.host(name)
		if got := [4]string{string(h.class), h.partition, h.region, h.label}; got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestIsAWS_lookAlikesNever(t *testing.T) {
	tables := load(t)
	for _, name := range []string{
		"", ".", "..", "amazonaws.com.evil.example", "evilamazonaws.com", "console.aws.amazon.com.evil.example",
		"xn--mazonaws-9za.com", "amazonaws.com", "com", "example.com", "10.0.1.23", "10.0.1.23:443", "[fd00::1]:443", "fd00::1",
		"a..amazonaws.com", ".amazonaws.com", "s3.amazonaws.com..", "amazon.com", "www.amazon.com", "unknown.cloudfront.net",
		"ap-northeast-1.console.aws.amazon.com@evil.example", "monitoring.ap-northeast-1.amazonaws。com",
		"console.aws.amazon.com\x00.evil.example", "monitoring.ap-northeast-1.amazonaws.com/x", "аmazonaws.com",
		"s3.amazonaws.com:443:443", "s3.amazonaws.com:x", "s3-amazonaws.com", "signin.aws.evil.example", "xsignin.aws",
		strings.Repeat("a", 64) + ".s3.amazonaws.com", strings.Repeat("a.", 120) + "s3.amazonaws.com",
	} {
		if tables.IsAWS(name) {
			t.Errorf("%q is taken for AWS: %+v", name, tables.host(name))
		}
	}
}

func TestSuffixes_coverEveryHostThatIsAWS(t *testing.T) {
	tables := load(t)
	suffixes := tables.Suffixes()
	for name := range hosts {
		if !tables.IsAWS(name) || !covered(suffixes, normalize(name)) {
			t.Errorf("%s isn't covered by %v", name, suffixes)
		}
	}
	for i, s := range suffixes {
		if i > 0 && suffixes[i-1] >= s {
			t.Errorf("%q and %q aren't in order", suffixes[i-1], s)
		}
		if strings.Count(s, ".") == 0 || normalize(s) != s {
			t.Errorf("%q is no suffix for a certificate's constraints", s)
		}
	}
}

func covered(suffixes []string, name string) bool {
	for _, s := range suffixes {
		if name == s || strings.HasSuffix(name, "."+s) {
			return true
		}
	}
	return false
}

func FuzzIsAWS(f *testing.F) {
	tables := load(f)
	suffixes := tables.Suffixes()
	for name := range hosts {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if tables.IsAWS(name) && !covered(suffixes, normalize(name)) {
			t.Errorf("%q is AWS but no suffix covers it", name)
		}
		if n := normalize(name); n != "" && normalize(n) != n {
			t.Errorf("%q: normalized %q, and again %q", name, n, normalize(n))
		}
		if s := tables.EndpointService(name); s != "" && !tables.IsAWS(name) {
			t.Errorf("%q isn't AWS but has the endpoint service %q", name, s)
		}
	})
}
