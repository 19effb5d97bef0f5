package aws

import "testing"

func TestWithEndpointServices_goesBeforeTheTables(t *testing.T) {
	tables := load(t)
	// The shape of `aws ec2 describe-vpc-endpoint-services` (EC2 API reference).
	own, n, err := tables.WithEndpointServices([]byte(`{"ServiceNames":["x"],"ServiceDetails":[
		{"ServiceName":"com.amazonaws.us-east-1.monitoring-new","ServiceType":[{"ServiceType":"Interface"}],
		 "PrivateDnsName":"monitoring.us-east-1.amazonaws.com","PrivateDnsNames":[{"PrivateDnsName":"monitoring.us-east-1.amazonaws.com"},{"PrivateDnsName":"Monitoring.us-east-1.api.aws."}]},
		{"ServiceName":"com.amazonaws.us-east-1.ecr.dkr","ServiceType":[{"ServiceType":"Interface"}],"PrivateDnsName":"*.dkr.ecr.us-east-1.amazonaws.com"},
		{"ServiceName":"com.amazonaws.us-east-1.s3","ServiceType":[{"ServiceType":"Gateway"}],"PrivateDnsName":"s3.us-east-1.amazonaws.com"}]}`))
	if err != nil || n != 3 {
		t.Fatalf("%d names, %v, want 3", n, err)
	}
	// The shape of the console's Private Access configuration.
	own, n, err = own.WithEndpointServices([]byte(`{"ServiceDetails":[{"ServiceName":"com.amazonaws.us-east-1.console",
		"PrivateIpv4DnsNames":["support.console.aws.amazon.com","*.us-east-1.console.aws.amazon.com"]}]}`))
	if err != nil || n != 2 {
		t.Fatalf("%d names, %v, want 2", n, err)
	}
	for host, want := range map[string]string{
		"monitoring.us-east-1.amazonaws.com":               "com.amazonaws.us-east-1.monitoring-new",
		"MONITORING.us-east-1.api.aws.:443":                "com.amazonaws.us-east-1.monitoring-new",
		"123456789012.dkr.ecr.us-east-1.amazonaws.com":     "com.amazonaws.us-east-1.ecr.dkr",
		"support.console.aws.amazon.com":                   "com.amazonaws.us-east-1.console",
		"1-a.us-east-1.console.aws.amazon.com":             "com.amazonaws.us-east-1.console",
		"logs.us-east-1.amazonaws.com":                     "com.amazonaws.us-east-1.logs", // as before
		"monitoring.us-east-1.amazonaws.com.evil.example":  "",
		"xmonitoring.us-east-1.amazonaws.com.evil.example": "",
	} {
		if got := own.EndpointService(host); got != want {
			t.Errorf("%s: %q, want %q", host, got, want)
		}
	}
	if got := tables.EndpointService("monitoring.us-east-1.amazonaws.com"); got != "com.amazonaws.us-east-1.monitoring" {
		t.Errorf("the tables themselves have changed: %q", got)
	}
	for _, bad := range []string{"", "[]", "{}", `{"ServiceDetails":1}`} {
		if _, _, err := tables.WithEndpointServices([]byte(bad)); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}
