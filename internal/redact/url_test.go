package redact

import (
	"net/url"
	"strings"
	"testing"
)

func TestURL(t *testing.T) {
	for in, want := range map[string]string{
		// what is no secret stays as it was, to the byte
		"": "",
		"https://c/ec2/ecb/elastic/?call=com.amazonaws.ec2.AmazonEC2.DescribeInstances?":           "https://c/ec2/ecb/elastic/?call=com.amazonaws.ec2.AmazonEC2.DescribeInstances?",
		"https://c/ec2/ecb?call=getVpcs?&mbtc=1":                                                   "https://c/ec2/ecb?call=getVpcs?&mbtc=1",
		"https://c/p/log/1/cloudwatch/1/OP/&k0=GetMetricData_Time&m0=105151&cb=1700000000000":      "https://c/p/log/1/cloudwatch/1/OP/&k0=GetMetricData_Time&m0=105151&cb=1700000000000",
		"https://h/home?region=ap-northeast-1#Instances:":                                          "https://h/home?region=ap-northeast-1#Instances:",
		"https://h/cloudwatch/home#logsV2:log-groups/log-group/$252Faws$252Flambda$3FlogStream$3D": "https://h/cloudwatch/home#logsV2:log-groups/log-group/$252Faws$252Flambda$3FlogStream$3D",
		"https://h/a%20b//c:d@e?q=%7B%22a%22%3A1%7D&x=a+b%2Bc==":                                   "https://h/a%20b//c:d@e?q=%7B%22a%22%3A1%7D&x=a+b%2Bc==",
		"https://h/?email=me@example.com":                                                          "https://h/?email=me@example.com",
		"https://[fd00::1]:443/":                                                                   "https://[fd00::1]:443/",
		"h.example:443":                                                                            "h.example:443",

		// user information
		"https://user:" + canary + "@h/p":               "https://<user>@h/p",
		"//" + canary + "@h/p":                          "//<user>@h/p",
		"user:" + canary + "@proxy:3128":                "<user>@proxy:3128",
		"https://h/?u=https://a:" + canary + "@i/":      "https://h/?u=https://<user>@i/",
		"https://user:" + canary + "/" + canary + "@h/": "https://<user>",

		// SigV4 and its elder
		"https://b.s3.amazonaws.com/k?X-Amz-Signature=" + canary + "&X-Amz-Credential=ASIAABCDEFGHIJKLMNOP%2F20261123%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-SignedHeaders=host%3Bx-amz-date": "https://b.s3.amazonaws.com/k?X-Amz-Signature=<signature>&X-Amz-Credential=ASIA…MNOP/20261123/us-east-1/s3/aws4_request&X-Amz-SignedHeaders=host%3Bx-amz-date",
		"https://h/?x-amz-credential=" + canary + "%2Fx":                     "https://h/?x-amz-credential=<credential>",
		"https://h/?X-Amz-Security-Token=" + canary:                          "https://h/?X-Amz-Security-Token=<token>",
		"https://h/?AWSAccessKeyId=AKIAABCDEFGHIJKLMNOP&Signature=" + canary: "https://h/?AWSAccessKeyId=<key>&Signature=<signature>",
		"https://h/?Policy=" + canary + "&Key-Pair-Id=" + canary:             "https://h/?Policy=<signature>&Key-Pair-Id=<key>",

		// sign-in, OAuth, SAML
		"https://h/?code=" + canary + "&state=" + canary + "&region=x": "https://h/?code=<code>&state=<code>&region=x",
		"https://h/?a=1;id_token=" + canary:                            "https://h/?a=1;id_token=<token>",
		"https://h/federation?Action=login&SigninToken=" + canary:      "https://h/federation?Action=login&SigninToken=<token>",
		"https://h/?SAMLResponse=" + canary + "%3D%3D":                 "https://h/?SAMLResponse=<assertion>",
		"https://h/?%63ode=" + canary:                                  "https://h/?%63ode=<code>",
		"https://h/?user[code]=" + canary + "&a.secret=" + canary:      "https://h/?user[code]=<code>&a.secret=<secret>",
		"https://h/#access_token=" + canary + "/" + canary:             "https://h/#access_token=<token>",
		"https://h/#/start?token=" + canary:                            "https://h/#/start?token=<token>",
		"https://h/p;jsessionid=" + canary + "?x=1":                    "https://h/p;jsessionid=<session>?x=1",
		"https://h/p/log/1/&token=" + canary + "/x":                    "https://h/p/log/1/&token=<token>",
		"https://h/?q=%7B%22accessKey%22%3A%22" + canary + "%22%7D":    "https://h/?q=<value>",
		`https://h/?q={"sessionToken":"` + canary + `"}`:               "https://h/?q=<value>",

		// URLs inside
		"https://h/?next=https%3A%2F%2Fi%2F%3Fcode%3D" + canary:             "https://h/?next=https%3A%2F%2Fi%2F%3Fcode%3D<code>",
		"https://h/?next=https://i/?code=" + canary + "&y=2":                "https://h/?next=https://i/?code=<code>&y=2",
		"https://h/?next=https%253A%252F%252Fi%252F%253Fcode%253D" + canary: "https://h/?next=https%253A%252F%252Fi%252F%253Fcode%253D<code>",
		"https://h/go/https%3A%2F%2Fu%3A" + canary + "%40i%2F/on":           "https://h/go/https%3A%2F%2F<user>%40i%2F%2Fon",
		"https://h/?a=b=c=d=e=token=" + canary:                              "https://h/?a=b=c=d=<value>",

		// what can't be read can't be judged
		"https://h/?a=%zz" + canary:    "https://h/?a=<value>",
		"https://h/?%zz=" + canary:     "https://h/?%zz=<value>",
		"%":                            "%",
		"https://h/100%/x":             "https://h/100%/x",
		"https://h/%zztoken=" + canary: "https://h/%zztoken=<value>",

		"https://h/home#logsV2:log-events/x$3Ffilter$3D$2526token$253D" + canary: "https://h/home#logsV2:log-events/x$253Ffilter$253D$2526token$253Dredacted$253Atoken$253A414170573e",

		// segments of a path
		"https://h/token/" + canary + "/x?y=1":                "https://h/token/<token>/x?y=1",
		"/v1/reset-password/" + canary:                        "/v1/reset-password/<password>",
		"https://h/saml/assertion/" + canary + "%3D%3D":       "https://h/saml/assertion/<assertion>",
		"https://h/a#/saml/session/" + canary:                 "https://h/a#/saml/session/<session>",
		"https://h/a?x=1#/token/" + canary:                    "https://h/a?x=1#/token/<token>",
		"https://h/oauth2/token/introspect":                   "https://h/oauth2/token/introspect",
		"https://h/secret/arn%3Aaws%3Asecretsmanager%3Ax%3A1": "https://h/secret/arn%3Aaws%3Asecretsmanager%3Ax%3A1",
		"https://h/auth/app-4f1c9a07b2d1e8.js":                "https://h/auth/app-4f1c9a07b2d1e8.js",
		"https://h/restapis/a1b2c3d4e5/stages/token":          "https://h/restapis/a1b2c3d4e5/stages/token",
		// the access portal's paths
		"https://portal.sso.eu-west-1.amazonaws.com/session/canary-of-words/roles":                      "https://portal.sso.eu-west-1.amazonaws.com/session/<token>/roles",
		"https://portal.sso.eu-west-1.amazonaws.com/instance/appinstance/ins-0123456789abcdef/profiles": "https://portal.sso.eu-west-1.amazonaws.com/instance/appinstance/ins-0123456789abcdef/profiles",
		"https://portal.sso.eu-west-1.amazonaws.com/federation/credentials?role_name=a&account_id=1":    "https://portal.sso.eu-west-1.amazonaws.com/federation/credentials?role_name=a&account_id=1",
		"https://PORTAL.sso.us-gov-west-1.amazonaws.com:443/token/whoAmI/" + canary:                     "https://PORTAL.sso.us-gov-west-1.amazonaws.com:443/token/whoAmI/<token>",

		// credentials by their looks
		"https://h/k/AKIAABCDEFGHIJKLMNOP":      "https://h/k/AKIA…MNOP",
		"https://h/?x=%41KIAABCDEFGHIJKLMNOP":   "https://h/?x=AKIA%E2%80%A6MNOP",
		"https://h/?x=FwoGZXIvYXdz%2F" + canary: "https://h/?x=<token>",
	} {
		if got := short(the.URL(in)); got != want {
			t.Errorf("%s\n got %s\nwant %s", in, short(got), want)
		}
	}
}

func TestURL_whatWouldGrowLosesItsValue(t *testing.T) {
	// Escaping what was redacted inside escapes the slashes, too, and twice.
	in := "https://h/p?x=%2541KIAABCDEFGHIJKLMNOP" + strings.Repeat("/", 1000)
	if got, want := the.URL(in), "https://h/p?x=-"; got != want {
		t.Errorf("got %.60q… of %d bytes, want %q", got, len(got), want)
	}
}

func TestURL_staysReadableForParsers(t *testing.T) {
	u, err := url.Parse(the.URL("https://h/p?X-Amz-Credential=ASIAABCDEFGHIJKLMNOP/20261123/us-east-1/s3/aws4_request&code=x"))
	if err != nil || u.Host != "h" || !isPseudonym(u.Query().Get("code")) || !strings.HasPrefix(u.Query().Get("X-Amz-Credential"), "ASIA…") {
		t.Errorf("%v %v", u, err)
	}
}

func FuzzURL(f *testing.F) {
	f.Add("https://h/a?x=1&code=", "&y=2")
	f.Add("https://h/?next=https%3A%2F%2Fi%2F%3Ftoken%3D", "#frag")
	f.Add("%", "?")
	f.Add("https://123456789012.x/arn:aws:iam::123456789012:role/a?u=a%40b.cd", "&h=10.0.0.1")
	f.Add("https://a:b@h:x//", "=%3D%253D")
	f.Add("eyJaaaaa.b%", "AKIAABCDEFGHIJKLMNOP&a==&\"token\":")
	f.Add("https://portal.sso.x/token/a#/token/abcdefgh12345678", "/session/abcdefgh12345678")
	f.Add("//@:@", ";;%2526token%253D")
	f.Fuzz(func(t *testing.T, before, after string) {
		in := before + after
		for _, r := range []*Redactor{the, strict} {
			once := r.URL(in)
			if twice := r.URL(once); twice != once {
				t.Errorf("not idempotent: %q gives %q, then %q", in, once, twice)
			}
			if len(once) > 3*len(in)+100 {
				t.Errorf("%q grows to %d bytes", in, len(once))
			}
		}
		for _, in := range []string{
			"https://h/?" + before + "&X-Amz-Security-Token=" + canary + "&" + after,
			"https://h/?" + before + "#id_token=" + canary + "#" + after,
			"https://h/" + before + "/&password=" + canary,
			"https://h/?a=" + url.QueryEscape("https://i/?"+before+"&code="+canary+"&"+after),
			"https://user:" + canary + "@h/" + before,
		} {
			if got := the.URL(in); strings.Contains(got, canary) {
				t.Errorf("the secret of %q survives in %q", in, got)
			}
		}
	})
}
