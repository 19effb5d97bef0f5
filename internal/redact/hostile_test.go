package redact

import (
	"encoding/base64"
	"strings"
	"testing"
)

// hostile are bodies half as large as they are kept, each made to cost or to grow.
func hostile() map[string]string {
	fill := func(s string) string { return strings.Repeat(s, 32<<10/len(s)) }
	coded, escaped := `{"password":"x"}`, `{"password":"x"}`
	for len(coded) < 20<<10 {
		coded = base64.StdEncoding.EncodeToString([]byte(`{"a":"` + coded + `"}`))
	}
	for len(escaped) < 16<<10 {
		escaped = marshal(map[string]string{"a": escaped})
	}
	return map[string]string{
		"arrays": fill("["), "objects": fill(`{"a":`), "equals": fill("="), "pairs": fill("a=b&"), "tokens": fill("token=b&"),
		"angles": fill("<"), "elements": fill("<a>"), "attributes": "<a " + fill("b=c "), "ends": fill("<a>") + fill("</b>"),
		"percents": fill("%25"), "URLs": fill("a://b?c="), "URLs in URLs": "https://h/?" + fill("a=b%3Dc&"), "slashes": "x " + fill("://"),
		"users": fill("a:b@"), "base64": coded, "escapes": escaped, "quotes": fill(`"`), "backslashes": `"` + fill(`\`),
		"names behind values": strings.Repeat(`{"value":"x","a":`, 800) + "1" + strings.Repeat(`,"name":"password"}`, 800),
		"elements' names":     "<l>" + fill("<i><Value>x</Value><Name>password</Name></i>"), "scripts": fill("<script>A</script>"),
		"numbers": `{"token":[` + fill("1,") + "1]}", "short secrets": "{" + fill(`"sig":"a",`) + `"a":1}`, "GWT": "7|0|9999|" + fill("a|"),
		"parts": fill("--B\r\n\r\n"), "events": fill("data: {\n"), "cookies": "Cookie: " + fill("a;"), "e-mail": fill("a@b.co "),
		"bearers": fill("bearer a1a1a1a1 "), "keys": fill("-----BEGIN PRIVATE KEY"), "brackets": "x " + fill("token={"), "AWS": fill("aws "),
	}
}

func TestFlow_hostileBodiesStayBoundedAndSettle(t *testing.T) {
	for name, in := range hostile() {
		for _, media := range []string{"application/json", "text/xml", "text/plain", "multipart/form-data; boundary=B"} {
			once := redactBody(the, in, media, nil)
			if len(once) > 3*len(in)+100 {
				t.Errorf("%s, %s: grows from %d to %d bytes", name, media, len(in), len(once))
			}
			if redactBody(the, once, media, nil) != once {
				t.Errorf("%s, %s: not idempotent", name, media)
			}
		}
	}
}

func TestFlow_shortSecretsBecomeMarksWhereThereAreThousands(t *testing.T) {
	got := redactBody(the, hostile()["short secrets"], "application/json", nil)
	if !strings.HasPrefix(got, `{"sig":"-","sig":"-",`) || !strings.HasSuffix(got, `"a":1}`) {
		t.Errorf("got %.60s…%s", got, got[max(0, len(got)-20):])
	}
}

func BenchmarkBody(b *testing.B) {
	row := `{"MetricName":"CPUUtilization","Namespace":"AWS/EC2","Dimensions":[{"Name":"InstanceId","Value":"i-0123456789abcdef0"}],"Timestamp":1.7e9,"nextToken":"AQ0123456789/+=="},`
	answer := `{"Metrics":[` + strings.Repeat(row, 64<<10/len(row)) + `{}]}`
	row = "<item><instanceId>i-0123456789abcdef0</instanceId><imageId>ami-1</imageId><state code=\"16\">running</state><clientToken>a1b2c3d4</clientToken></item>\n"
	xml := "<R>" + strings.Repeat(row, 64<<10/len(row)) + "</R>"
	for name, body := range map[string]string{"JSON": answer, "XML": xml, "text": strings.Repeat("a line of a log, at 10:00 GET /x?y=1\n", 1700)} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				redactBody(the, body, "", nil)
			}
		})
	}
}
