package mask

import (
	"strings"
	"testing"
	"unicode/utf8"

	"detour/internal/alias"

	"detour/ui/flowtest"
)

func TestText_hidesWhatIdentifies(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"account 123456789012.", "account account-1."},
		{"1234-5678-9012", "account-1"},
		{"bucket123456789012x", "bucketaccount-1x"},
		{"1700000000000 2026-11-23 10:28:00", "1700000000000 2026-11-23 10:28:00"},
		{"arn:aws:iam::123456789012:role/Admin, x", "arn:aws:iam::account-1:role/name-1, x"},
		{"arn:aws:s3:::my-bucket/key.txt", "arn:aws:s3:::name-1/name-2"},
		{"?arn=arn%3Aaws%3Alogs%3Aus-east-1%3A123456789012%3Agroup&x=1", "?arn=arn%3Aaws%3Alogs%3Aus-east-1%3Aaccount-1%3Aname-1&x=1"},
		{`{"a":"arn:aws:sns:us-east-1:123456789012:topic","b":1}`, `{"a":"arn:aws:sns:us-east-1:account-1:name-1","b":1}`},
		{"jo.doe+x@corp.example said", "email-1 said"},
		{"user=jo%40corp.example&x", "user=email-1&x"},
		{"10.0.1.23:443 (private), 203.0.113.9 (public)", "private-1:443 (private), public-1 (public)"},
		{
			"ip:10.0.0.0/8 172.16.8.5 192.168.1.1 100.64.0.1 169.254.169.254 127.0.0.1",
			"ip:private-1/8 private-2 private-3 private-4 private-5 127.0.0.1",
		},
		{"10.0.1.1-10.0.1.9", "private-1-private-2"},
		{"[fd00::1]:443 fe80::1%eth0 2600::1 ::1 ip:fd12:3456::1", "[private-1]:443 private-2%eth0 public-1 ::1 ip:private-3"},
		{"Chrome/131.0.0.0 json-1.1 HTTP/2.0 4.0 s TLS 1.3", "Chrome/131.0.0.0 json-1.1 HTTP/2.0 4.0 s TLS 1.3"},
		{"proxy.corp.example:3128", "host-1:3128"},
		{"PROXY.CORP.EXAMPLE *.corp.example", "host-1 *.host-2"},
		{"monitoring.ap-northeast-1.amazonaws.com", "monitoring.ap-northeast-1.amazonaws.com"},
		{
			"iam.amazonaws.com sts.us-gov-west-1.amazonaws.com api.ecr.us-east-1.amazonaws.com",
			"iam.amazonaws.com sts.us-gov-west-1.amazonaws.com api.ecr.us-east-1.amazonaws.com",
		},
		{"https://my-bucket.s3.dualstack.us-west-2.amazonaws.com/a/b.txt", "https://host-1.s3.dualstack.us-west-2.amazonaws.com/a/b.txt"},
		{"my.data.bucket.s3.amazonaws.com", "host-1.data.host-2.s3.amazonaws.com"},
		{"vpce-0ab-1c.monitoring.us-east-1.vpce.amazonaws.com", "host-1.monitoring.us-east-1.vpce.amazonaws.com"},
		{"vpce-svc-0ab.us-east-1.vpce.amazonaws.com", "host-1"},
		{"lb-1.us-east-1.elb.amazonaws.com", "host-1.us-east-1.host-2.amazonaws.com"},
		{"abc1.execute-api.us-east-1.amazonaws.com", "host-1.execute-api.us-east-1.amazonaws.com"},
		{"ap-northeast-1.console.aws.amazon.com", "ap-northeast-1.console.aws.amazon.com"},
		{"1234-ab.us-east-1.console.aws.amazon.com", "host-1.us-east-1.console.aws.amazon.com"},
		{"mycorp.signin.aws.amazon.com d-1.awsapps.com", "host-1.signin.aws.amazon.com host-2.awsapps.com"},
		{"com.amazonaws.ap-northeast-1.logs", "com.amazonaws.ap-northeast-1.logs"},
		{"com.amazonaws.vpce.us-east-1.vpce-svc-0ab", "com.amazonaws.vpce.us-east-1.host-1"},
		{"GraniteServiceVersion20100801.GetMetricData", "GraniteServiceVersion20100801.GetMetricData"},
		{"application/vnd.amazon.eventstream app.js", "application/vnd.amazon.eventstream app.js"},
		{"dial tcp 10.0.1.23:443: i/o timeout", "dial tcp private-1:443: i/o timeout"},
		{
			"SHA-256 9f86d081884c7d659a2feaa0c55ad015cf400c123456789012cc27a3bf4f1b2b",
			"SHA-256 9f86d081884c7d659a2feaa0c55ad015cf400c123456789012cc27a3bf4f1b2b",
		},
		{
			"1-67489a3c-ab1234567890120000ffffff x 550e8400-e29b-41d4-a716-446655440000",
			"1-67489a3c-ab1234567890120000ffffff x 550e8400-e29b-41d4-a716-446655440000",
		},
		{
			"cdk-assets-123456789012-us-east-1 0x123456789012 id=123456789012a 1234 5678 9012",
			"cdk-assets-account-1-us-east-1 0xaccount-1 id=account-1a account-1",
		},
		{"123456789012.dkr.ecr.us-east-1.amazonaws.com", "account-1.dkr.ecr.us-east-1.amazonaws.com"},
		{
			"vpce-0ab1234cd567ef890 d-90671a2b3c ip-10-0-1-23 i-0abc1234 sg-group",
			"vpce-1 d-1 host-1 i-1 sg-group",
		},
		{"Jira.Corp.Example.Com git.corp.map 10.0.1.23.nip.io", "host-1 host-2 host-3"},
		{
			"/static/app.1a2b.js.map app.min.js jquery.js text/x-java java.lang.NullPointerException",
			"/static/app.1a2b.js.map app.min.js jquery.js text/x-java java.lang.NullPointerException",
		},
		{"010.000.001.023 ::ffff:10.0.0.1", "private-1 private-2"},
		{
			"http://wiki:8080/x https://jo:pw@wiki/ http%3A%2F%2Fwiki%2Fx http:\\/\\/wiki\\/x http://localhost:80/",
			`http://host-1:8080/x https://name-1@host-1/ http%3A%2F%2Fhost-1%2Fx http:\/\/host-1\/x http://localhost:80/`,
		},
		{
			`/host~grafana\\.internal\\.corp host:wiki host:logs host="a b" -host:amazonaws ip:10.0 ip:private`,
			`/host~host-1 host:host-2 host:host-3 host="host-4 host-5" -host:amazonaws ip:**.* ip:private`,
		},
		{"日本語ホスト.例え.jp said 日本語", "host-1 said 日本語"},
		{`"UserName": "jo", userName=jo&x <RoleName>Admin<`, `"UserName": "name-1", userName=name-1&x <RoleName>name-2<`},
		{"AROAEXAMPLE123:alice AKIA", "AROAname-1:name-2 AKIA"},
		{"user%2540corp.example /home/jo/x.har", "email-1 /home/name-1/x.har"},
		{
			"to /tmp/detour-2026-11-28T120000.md and run.detour, capture.zip",
			"to /tmp/detour-2026-11-28T120000.md and run.detour, host-1",
		},
		{"/host:logs.us-east-1.amazonaws.com: 1 of 3", "/host:logs.us-east-1.amazonaws.com: 1 of 3"},
		{
			"monitoring.us-iso-east-1.c2s.ic.gov logs.us-isob-east-1.sc2s.sgov.gov",
			"monitoring.us-iso-east-1.c2s.ic.gov logs.us-isob-east-1.sc2s.sgov.gov",
		},
		{"my-bucket.s3.us-iso-east-1.c2s.ic.gov", "host-1.s3.us-iso-east-1.c2s.ic.gov"},
		{"us-iso-east-1.console.c2shome.ic.gov", "us-iso-east-1.console.c2shome.ic.gov"},
		{
			"monitoring.cn-north-1.amazonaws.com.cn cn-north-1.console.amazonaws.cn",
			"monitoring.cn-north-1.amazonaws.com.cn cn-north-1.console.amazonaws.cn",
		},
		{"my-bucket.s3.cn-north-1.amazonaws.com.cn", "host-1.s3.cn-north-1.amazonaws.com.cn"},
		{"cn.com.amazonaws.cn-north-1.ecr.api", "cn.com.amazonaws.cn-north-1.ecr.api"},
		{"plain words, 200 in 92 ms", "plain words, 200 in 92 ms"},
		{"EC2 DescribeInstances", "EC2 DescribeInstances"},
	} {
		if got := New(awsNames(), new(alias.Table)).Text(c.in); got != c.want {
			t.Errorf("Text(%q)\n got %q\nwant %q", c.in, got, c.want)
		}
	}
}

// TestText_withoutAWSNamesMasksThemToo: nothing tells which names are AWS's.
func TestText_withoutAWSNamesMasksThemToo(t *testing.T) {
	got := New(Names{}, new(alias.Table)).Text("logs.us-east-1.amazonaws.com")
	if want := "host-1"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestText_hidesTheWordThatWasCut: nothing tells what it was.
func TestText_hidesTheWordThatWasCut(t *testing.T) {
	if got, want := New(awsNames(), new(alias.Table)).Cut("xxx arn:aws:iam::1234567"), "xxx ********************"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// FuzzText: what is masked is named, the same each time, and valid UTF-8 stays so.
func FuzzText(f *testing.F) {
	for _, s := range append(flowtest.HostileTexts()[:9:9], "a@b.c", "arn:aws:iam::123456789012:x", "a%40b.cd", "1.2.3.4",
		"fd00::1", "*.x.yz", "東.example", "10.0.0.1.example", "arn%3A:::") {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var names alias.Table
		once := New(awsNames(), &names).Text(s)
		if again := New(awsNames(), &names).Text(s); again != once {
			t.Fatalf("Text(%q) = %q, and with the same names %q", s, once, again)
		}
		if utf8.ValidString(s) && !utf8.ValidString(once) {
			t.Fatalf("Text(%q) = %q", s, once)
		}
		for _, word := range strings.Fields(s) {
			if word == "123456789012" && strings.Contains(once, word) {
				t.Fatalf("Text(%q) = %q", s, once)
			}
		}
	})
}

func BenchmarkText(b *testing.B) {
	m := New(awsNames(), new(alias.Table))
	for b.Loop() {
		clear(m.texts)
		m.Text("https://my-bucket.s3.dualstack.us-west-2.amazonaws.com/a/b.txt?x=arn:aws:iam::123456789012:role/x")
	}
}
