package mask

import (
	"strings"
	"testing"

	"detour/ui/flowtest"
	"detour/ui/text"
)

func TestText_hidesWhatIdentifies(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"account 123456789012.", "account ************."},
		{"1234-5678-9012", "****-****-****"},
		{"bucket123456789012x", "bucket************x"},
		{"1700000000000 2026-11-23 10:28:00", "1700000000000 2026-11-23 10:28:00"},
		{"arn:aws:iam::123456789012:role/Admin, x", "arn:aws:iam::************:****/*****, x"},
		{"arn:aws:s3:::my-bucket/key.txt", "arn:aws:s3:::*********/*******"},
		{"?arn=arn%3Aaws%3Alogs%3Aus-east-1%3A123456789012%3Agroup&x=1", "?arn=arn%3Aaws%3Alogs%3Aus-east-1%3A********************&x=1"},
		{`{"a":"arn:aws:sns:us-east-1:123456789012:topic","b":1}`, `{"a":"arn:aws:sns:us-east-1:************:*****","b":1}`},
		{"jo.doe+x@corp.example said", "**.*****@****.******* said"},
		{"user=jo%40corp.example&x", "user=**%40****.*******&x"},
		{"10.0.1.23:443 (private), 203.0.113.9 (public)", "**.*.*.**:443 (private), ***.*.***.* (public)"},
		{
			"ip:10.0.0.0/8 172.16.8.5 192.168.1.1 100.64.0.1 169.254.169.254 127.0.0.1",
			"ip:**.*.*.*/8 ***.**.*.* ***.***.*.* ***.**.*.* ***.***.***.*** 127.0.0.1",
		},
		{"10.0.1.1-10.0.1.9", "**.*.*.*-**.*.*.*"},
		{"[fd00::1]:443 fe80::1%eth0 2600::1 ::1 ip:fd12:3456::1", "[****::*]:443 ****::*%eth0 ****::* ::1 ip:****:****::*"},
		{"Chrome/131.0.0.0 json-1.1 HTTP/2.0 4.0 s TLS 1.3", "Chrome/131.0.0.0 json-1.1 HTTP/2.0 4.0 s TLS 1.3"},
		{"proxy.corp.example:3128", "*****.****.*******:3128"},
		{"PROXY.CORP.EXAMPLE *.corp.example", "*****.****.******* *.****.*******"},
		{"monitoring.ap-northeast-1.amazonaws.com", "monitoring.ap-northeast-1.amazonaws.com"},
		{
			"iam.amazonaws.com sts.us-gov-west-1.amazonaws.com api.ecr.us-east-1.amazonaws.com",
			"iam.amazonaws.com sts.us-gov-west-1.amazonaws.com api.ecr.us-east-1.amazonaws.com",
		},
		{"https://my-bucket.s3.dualstack.us-west-2.amazonaws.com/a/b.txt", "https://*********.s3.dualstack.us-west-2.amazonaws.com/a/b.txt"},
		{"my.data.bucket.s3.amazonaws.com", "**.data.******.s3.amazonaws.com"},
		{"vpce-0ab-1c.monitoring.us-east-1.vpce.amazonaws.com", "***********.monitoring.us-east-1.vpce.amazonaws.com"},
		{"vpce-svc-0ab.us-east-1.vpce.amazonaws.com", "************.*********.****.*********.***"},
		{"lb-1.us-east-1.elb.amazonaws.com", "****.us-east-1.***.amazonaws.com"},
		{"abc1.execute-api.us-east-1.amazonaws.com", "****.execute-api.us-east-1.amazonaws.com"},
		{"ap-northeast-1.console.aws.amazon.com", "ap-northeast-1.console.aws.amazon.com"},
		{"1234-ab.us-east-1.console.aws.amazon.com", "*******.us-east-1.console.aws.amazon.com"},
		{"mycorp.signin.aws.amazon.com d-1.awsapps.com", "******.signin.aws.amazon.com ***.awsapps.com"},
		{"com.amazonaws.ap-northeast-1.logs", "com.amazonaws.ap-northeast-1.logs"},
		{"com.amazonaws.vpce.us-east-1.vpce-svc-0ab", "com.amazonaws.vpce.us-east-1.************"},
		{"GraniteServiceVersion20100801.GetMetricData", "GraniteServiceVersion20100801.GetMetricData"},
		{"application/vnd.amazon.eventstream app.js", "application/vnd.amazon.eventstream app.js"},
		{"dial tcp 10.0.1.23:443: i/o timeout", "dial tcp **.*.*.**:443: i/o timeout"},
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
			"cdk-assets-************-us-east-1 0x************ id=************a **** **** ****",
		},
		{"123456789012.dkr.ecr.us-east-1.amazonaws.com", "************.dkr.ecr.us-east-1.amazonaws.com"},
		{
			"vpce-0ab1234cd567ef890 d-90671a2b3c ip-10-0-1-23 i-0abc1234 sg-group",
			"********************** ************ ************ ********** sg-group",
		},
		{"Jira.Corp.Example.Com git.corp.map 10.0.1.23.nip.io", "****.****.*******.*** ***.****.*** **.*.*.**.***.**"},
		{
			"/static/app.1a2b.js.map app.min.js jquery.js text/x-java java.lang.NullPointerException",
			"/static/app.1a2b.js.map app.min.js jquery.js text/x-java java.lang.NullPointerException",
		},
		{"010.000.001.023 ::ffff:10.0.0.1", "***.***.***.*** ::****:**.*.*.*"},
		{
			"http://wiki:8080/x https://jo:pw@wiki/ http%3A%2F%2Fwiki%2Fx http:\\/\\/wiki\\/x http://localhost:80/",
			"http://****:8080/x https://*****@****/ http%3A%2F%2F****%2Fx http:\\/\\/****\\/x http://localhost:80/",
		},
		{
			`/host~grafana\\.internal\\.corp host:wiki host:logs host="a b" -host:amazonaws ip:10.0 ip:private`,
			`/host~*******\\.********\\.**** host:**** host:**** host="* *" -host:amazonaws ip:**.* ip:private`,
		},
		{"日本語ホスト.例え.jp said 日本語", "************.****.** said 日本語"},
		{`"UserName": "jo", userName=jo&x <RoleName>Admin<`, `"UserName": "**", userName=**&x <RoleName>*****<`},
		{"AROAEXAMPLE123:alice AKIA", "AROA**********:***** AKIA"},
		{"user%2540corp.example /home/jo/x.har", "****%2540****.******* /home/**/x.har"},
		{
			"to /tmp/detour-2026-11-28T120000.md and run.detour, capture.zip",
			"to /tmp/detour-2026-11-28T120000.md and run.detour, *******.***",
		},
		{"/host:logs.us-east-1.amazonaws.com: 1 of 3", "/host:logs.us-east-1.amazonaws.com: 1 of 3"},
		{
			"monitoring.us-iso-east-1.c2s.ic.gov logs.us-isob-east-1.sc2s.sgov.gov",
			"monitoring.us-iso-east-1.c2s.ic.gov logs.us-isob-east-1.sc2s.sgov.gov",
		},
		{"my-bucket.s3.us-iso-east-1.c2s.ic.gov", "*********.s3.us-iso-east-1.c2s.ic.gov"},
		{"us-iso-east-1.console.c2shome.ic.gov", "us-iso-east-1.console.c2shome.ic.gov"},
		{
			"monitoring.cn-north-1.amazonaws.com.cn cn-north-1.console.amazonaws.cn",
			"monitoring.cn-north-1.amazonaws.com.cn cn-north-1.console.amazonaws.cn",
		},
		{"my-bucket.s3.cn-north-1.amazonaws.com.cn", "*********.s3.cn-north-1.amazonaws.com.cn"},
		{"cn.com.amazonaws.cn-north-1.ecr.api", "cn.com.amazonaws.cn-north-1.ecr.api"},
		{"plain words, 200 in 92 ms", "plain words, 200 in 92 ms"},
		{"EC2 DescribeInstances", "EC2 DescribeInstances"},
	} {
		if got := New(awsNames()).Text(c.in); got != c.want {
			t.Errorf("Text(%q)\n got %q\nwant %q", c.in, got, c.want)
		}
	}
}

// TestText_withoutAWSNamesMasksThemToo: nothing tells which names are AWS's.
func TestText_withoutAWSNamesMasksThemToo(t *testing.T) {
	got := New(Names{}).Text("logs.us-east-1.amazonaws.com")
	if want := "****.*********.*********.***"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestText_hidesTheWordThatWasCut: nothing tells what it was.
func TestText_hidesTheWordThatWasCut(t *testing.T) {
	if got, want := New(awsNames()).Cut("xxx arn:aws:iam::1234567"), "xxx ********************"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// FuzzText: it is stable, and takes the cells of what was there.
func FuzzText(f *testing.F) {
	for _, s := range append(flowtest.HostileTexts()[:9:9], "a@b.c", "arn:aws:iam::123456789012:x", "a%40b.cd", "1.2.3.4",
		"fd00::1", "*.x.yz", "東.example", "10.0.0.1.example", "arn%3A:::") {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := New(awsNames()).Text(s)
		if text.Width(text.Clean(once)) != text.Width(text.Clean(s)) {
			t.Fatalf("Text(%q) = %q", s, once)
		}
		if again := New(awsNames()).Text(once); again != once {
			t.Fatalf("Text(%q) = %q, and again %q", s, once, again)
		}
		for _, word := range strings.Fields(s) {
			if word == "123456789012" && strings.Contains(once, word) {
				t.Fatalf("Text(%q) = %q", s, once)
			}
		}
	})
}

func BenchmarkText(b *testing.B) {
	m := New(awsNames())
	for b.Loop() {
		clear(m.texts)
		m.Text("https://my-bucket.s3.dualstack.us-west-2.amazonaws.com/a/b.txt?x=arn:aws:iam::123456789012:role/x")
	}
}
