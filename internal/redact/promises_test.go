package redact

import (
	"encoding/json"
	"net/netip"
	"strings"
	"testing"

	"detour/internal/flow"
)

// These tests hold sentences of docs/privacy.md that no other test does.

func TestStrict_aStandInIsOfTheSameBlock(t *testing.T) {
	blocks := make([]netip.Prefix, 0, 5)
	for _, s := range []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fd00::/8"} {
		blocks = append(blocks, netip.MustParsePrefix(s))
	}
	for _, s := range []string{"10.0.0.0", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.255.1", "100.64.0.1", "100.127.255.254", "fd00::1", "fdff:ffff::1"} {
		a := netip.MustParseAddr(s)
		out := netip.MustParseAddr(standIns(s))
		for _, b := range blocks {
			if b.Contains(a) != b.Contains(out) || out == a {
				t.Errorf("%s becomes %s", a, out)
			}
		}
	}
}

func TestStrict_aPseudonymIsValidInAHostNameAndAnARN(t *testing.T) {
	got := strict.Text("123456789012.dkr.ecr.us-east-1.amazonaws.com")
	label, _, _ := strings.Cut(got, ".")
	if len(label) > 63 || strings.Trim(label, lower+number+"-") != "" {
		t.Errorf("no host name: %s", got)
	}
	if arn := strict.Text("arn:aws:iam::123456789012:role/Admin"); strings.Count(arn, ":") != 5 || strict.Text(arn) != arn {
		t.Errorf("no ARN: %s", arn)
	}
}

func TestFlow_aPresignedURLLosesSignatureAndTokenAnywhere(t *testing.T) {
	const url = "https://b.s3.amazonaws.com/k?X-Amz-Date=20261124T000000Z&X-Amz-Security-Token=" + canary + "&X-Amz-Signature=" + canary
	const want = "https://b.s3.amazonaws.com/k?X-Amz-Date=20261124T000000Z&X-Amz-Security-Token=<token>&X-Amz-Signature=<signature>"
	f := &flow.Flow{Request: flow.Request{URL: url, Body: []byte(object("location", url))}, Page: url, Note: "see " + url}
	the.Flow(f)
	var body map[string]string
	if err := json.Unmarshal(f.Request.Body, &body); err != nil {
		t.Fatal(err)
	}
	for place, got := range map[string]string{"URL": f.Request.URL, "page": f.Page, "note": strings.TrimPrefix(f.Note, "see "), "body": body["location"]} {
		if short(got) != want {
			t.Errorf("%s: %s", place, short(got))
		}
	}
}

func TestFlow_valuesInValuesAreReadToFiveLevels(t *testing.T) {
	inner := object("password", canary)
	for level := 1; level <= 9; level++ {
		f := &flow.Flow{}
		body(f, "application/json", inner)
		the.Flow(f)
		if got := string(f.Request.Body); strings.Contains(got, canary) || level <= 5 && !strings.Contains(got, "redacted:password:") {
			t.Errorf("at level %d: %s", level, got)
		}
		inner = object("a", inner)
	}
}

func TestFlow_aPasswordPolicyCanBeRead(t *testing.T) {
	const policy = `{"passwordPolicy":{"minimumPasswordLength":14,"requireSymbols":true},"passwordReuse":null,"tokens":999}`
	f := &flow.Flow{}
	body(f, "application/json", policy)
	if the.Flow(f); string(f.Request.Body) != policy {
		t.Errorf("%s", f.Request.Body)
	}
}
