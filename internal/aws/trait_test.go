package aws

import (
	"slices"
	"testing"

	"detour/internal/flow"
)

func TestTag_traitsOfAResponse(t *testing.T) {
	tables := load(t)
	const api, page = "https://monitoring.ap-northeast-1.amazonaws.com/", "https://ap-northeast-1.console.aws.amazon.com/cloudwatch/home"
	fields := func(pairs ...string) (out []flow.Header) {
		for i := 0; i < len(pairs); i += 2 {
			out = append(out, flow.Header{Name: pairs[i], Value: pairs[i+1]})
		}
		return out
	}
	for name, tc := range map[string]struct {
		url    string
		origin string // of the request
		status int
		fields []flow.Header
		want   []flow.Trait
	}{
		"a portal":                      {page, "", 302, fields("Location", "http://login.hotel.example/", "Server", "nginx"), []flow.Trait{flow.TraitElsewhere, flow.TraitUnmarked}},
		"the console's own sign-in":     {page, "", 302, fields("Location", "https://us-east-1.signin.aws.amazon.com/oauth", "x-amz-rid", "R"), nil},
		"a path of the host itself":     {page, "", 302, fields("Location", "/cloudwatch/home?region=x", "x-amz-rid", "R"), nil},
		"a lookalike of AWS's domain":   {page, "", 302, fields("Location", "https://notaws.example/amazon.com", "Date", "x"), []flow.Trait{flow.TraitElsewhere, flow.TraitUnmarked}},
		"userinfo before a host":        {page, "", 302, fields("Location", "https://aws.amazon.com@evil.example/", "x-amz-rid", "R"), []flow.Trait{flow.TraitElsewhere}},
		"a gateway's page":              {api, "", 403, fields("content-type", "text/html", "server", "Gateway"), []flow.Trait{flow.TraitWebPage, flow.TraitUnmarked}},
		"AWS's own refusal":             {api, "", 403, fields("content-type", "application/json", "x-amzn-RequestId", "r"), nil},
		"a page where JSON belongs":     {api, "", 200, fields("content-type", "text/html; charset=utf-8"), []flow.Trait{flow.TraitWebPage}},
		"a page of the console":         {page, "", 200, fields("content-type", "text/html"), nil},
		"a page may read it":            {api, "https://ap-northeast-1.console.aws.amazon.com", 200, fields("access-control-allow-origin", "*"), nil},
		"a page may not read it":        {api, "https://ap-northeast-1.console.aws.amazon.com", 200, fields("date", "x"), []flow.Trait{flow.TraitNoCORS}},
		"CloudFront before a service":   {api, "", 403, fields("x-amz-cf-id", "c"), []flow.Trait{flow.TraitUnmarked}},
		"CloudFront before the console": {page, "", 403, fields("x-amz-cf-id", "c"), nil},
		"no fields are known":           {api, "", 403, nil, nil},
	} {
		f := &flow.Flow{Request: flow.Request{Method: "POST", URL: tc.url}, Response: &flow.Response{Status: tc.status, Headers: tc.fields}}
		if tc.origin != "" {
			f.Request.Headers = fields("Origin", tc.origin)
		}
		if tables.Tag(f); !slices.Equal(f.Response.Traits, tc.want) {
			t.Errorf("%s: %v, want %v", name, f.Response.Traits, tc.want)
		}
	}
}

func TestTag_keepsTraitsThatARecordHas(t *testing.T) {
	had := &flow.Response{Status: 302, Headers: []flow.Header{{Name: "Location", Value: "https://host-1.example/"}}, Traits: []flow.Trait{flow.TraitUnmarked}}
	f := &flow.Flow{Request: flow.Request{Method: "GET", URL: "https://ap-northeast-1.console.aws.amazon.com/"}, Response: had}
	if load(t).Tag(f); f.Response != had {
		t.Errorf("%v, want those of the record", f.Response.Traits)
	}
}
