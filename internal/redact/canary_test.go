package redact

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"detour/internal/flow"
)

// secretNames are names that have a secret for their value, from AWS's APIs, its
// sign-in and its console.
var secretNames = strings.Fields(`
	accessKeyId secretAccessKey sessionToken SecurityToken aws_secret_access_key aws_session_token
	accessToken refreshToken idToken access_token refresh_token id_token clientSecret client_secret
	deviceCode userCode device_code user_code authorizationToken authorizationData secretString SecretBinary
	plaintext CiphertextBlob privateKey KeyMaterial passwordData password MasterUserPassword newPassword
	tokenCode SAMLAssertion WebIdentityToken userData signedUrl preSignedUrl presignedUrl uploadUrl downloadUrl
	X-Amz-Security-Token x-amz-console-signature X-CSRF-Token x-awsbc-xsrf-token anti-csrftoken-a2z
	x-amz-sso_bearer_token x-amz-s3session-token x-api-key x-amz-access-token mfacode otp totp code_verifier
	code_challenge registrationCode RelayState login_hash SAMLResponse SAMLRequest SigninToken
	workflowStateHandle workflowResultHandle workflowID JSESSIONID sessionid passphrase EncodedMessage api_key
	jwt nonce sig db.password config[secret] preSharedKey`)

// placements put a secret called name somewhere into a flow.
var placements = map[string]func(f *flow.Flow, name, secret string){
	"a header": func(f *flow.Flow, name, s string) { header(f, header1(name), s) },
	"a response's": func(f *flow.Flow, name, s string) {
		f.Response.Headers = append(f.Response.Headers, flow.Header{Name: name, Value: s})
	},
	"Authorization": func(f *flow.Flow, _, s string) { header(f, "Authorization", "Bearer "+s) },
	"SigV4": func(f *flow.Flow, _, s string) {
		header(f, "authorization", "AWS4-HMAC-SHA256 Credential="+s+"/20261123/r/s/aws4_request, SignedHeaders=host, Signature="+s)
	},
	"a cookie": func(f *flow.Flow, name, s string) { header(f, "Cookie", "a=b; "+name+"="+s) },
	"a set cookie": func(f *flow.Flow, name, s string) {
		f.Response.Headers = append(f.Response.Headers, flow.Header{Name: "Set-Cookie", Value: name + "=" + s + "; Path=/"})
	},
	"Referer": func(f *flow.Flow, name, s string) { header(f, "Referer", "https://h/?"+query(name, s)) },
	"Location": func(f *flow.Flow, name, s string) {
		f.Response.Headers = append(f.Response.Headers, flow.Header{Name: "Location", Value: "/x#" + query(name, s)})
	},
	"a query":    func(f *flow.Flow, name, s string) { f.Request.URL += "?a=1&" + query(name, s) },
	"a fragment": func(f *flow.Flow, name, s string) { f.Request.URL += "#/p?" + query(name, s) },
	"a URL in a query": func(f *flow.Flow, name, s string) {
		f.Request.URL += "?next=" + url.QueryEscape("https://i/?"+query(name, s))
	},
	"user information": func(f *flow.Flow, _, s string) { f.Request.URL = "https://u:" + s + "@h/" },
	"the page":         func(f *flow.Flow, name, s string) { f.Page = "https://h/?" + query(name, s) },
	"a failure": func(f *flow.Flow, name, s string) {
		f.Failure = &flow.Failure{Message: `Get "https://h/?` + query(name, s) + `": refused`}
	},
	"a failure's words": func(f *flow.Flow, name, s string) { f.Failure = &flow.Failure{Message: name + "=" + s} },
	"an error":          func(f *flow.Flow, name, s string) { f.AWS = &flow.AWS{Error: &flow.AWSError{Message: name + ":" + s}} },
	"a note":            func(f *flow.Flow, name, s string) { f.Note = "it sends " + name + "=" + s },
	"a proxy's answer": func(f *flow.Flow, name, s string) {
		f.Conn = &flow.Conn{Via: &flow.Via{Err: "no", Body: name + ": '" + s + "'"}}
	},
	"JSON": func(f *flow.Flow, name, s string) { body(f, "application/json", object(name, s)) },
	"JSON, cut off": func(f *flow.Flow, name, s string) {
		body(f, "application/json", strings.TrimRight(object(name, s), `"}`))
	},
	"JSON, of no type": func(f *flow.Flow, name, s string) { body(f, "", " "+object(name, s)) },
	"JSON, as a form":  func(f *flow.Flow, name, s string) { body(f, "application/x-www-form-urlencoded", object(name, s)) },
	"JSON, below":      func(f *flow.Flow, name, s string) { body(f, "application/json", `{"a":[{"b":`+object(name, s)+`}]}`) },
	"JSON, an array": func(f *flow.Flow, name, s string) {
		body(f, "application/json", marshal(map[string]any{name: []any{map[string]string{"x": s}, s}}))
	},
	"JSON, named": func(f *flow.Flow, name, s string) {
		body(f, "application/json", marshal([]map[string]string{{"name": name, "value": s}}))
	},
	"JSON in JSON": func(f *flow.Flow, name, s string) {
		body(f, "application/json", marshal(map[string]string{"a": object(name, s)}))
	},
	"JSON in JSON twice": func(f *flow.Flow, name, s string) {
		body(f, "application/json", marshal(map[string]string{"a": marshal(map[string]string{"b": object(name, s)})}))
	},
	"a form in JSON": func(f *flow.Flow, name, s string) {
		body(f, "application/json", marshal(map[string]string{"a": "x=1&" + query(name, s)}))
	},
	"XML in JSON": func(f *flow.Flow, name, s string) {
		body(f, "application/json", marshal(map[string]string{"a": element1(name, s)}))
	},
	"base64 in JSON": func(f *flow.Flow, name, s string) {
		body(f, "application/json", marshal(map[string]string{"a": base64.URLEncoding.EncodeToString([]byte(object(name, s)))}))
	},
	"percents in JSON": func(f *flow.Flow, name, s string) {
		body(f, "application/json", marshal(map[string]string{"a": url.QueryEscape(object(name, s))}))
	},
	"a URL in JSON": func(f *flow.Flow, name, s string) {
		body(f, "application/json", marshal(map[string]string{"a": "see https://h/?" + query(name, s)}))
	},
	"an answer": func(f *flow.Flow, name, s string) { f.Response.Body = []byte(object(name, s)) },
	"a form": func(f *flow.Flow, name, s string) {
		body(f, "application/x-www-form-urlencoded", "a=b&"+query(name, s))
	},
	"JSON in a form": func(f *flow.Flow, name, s string) {
		body(f, "application/x-www-form-urlencoded", "a="+url.QueryEscape(object(name, s)))
	},
	"base64 in a form": func(f *flow.Flow, name, s string) {
		body(f, "application/x-www-form-urlencoded", "a="+url.QueryEscape(base64.StdEncoding.EncodeToString([]byte(object(name, s)))))
	},
	"XML":               func(f *flow.Flow, name, s string) { body(f, "text/xml", "<r>"+element1(name, s)+"</r>") },
	"XML, cut off":      func(f *flow.Flow, name, s string) { body(f, "text/xml", "<r><"+tagName(name)+">"+s) },
	"XML, an attribute": func(f *flow.Flow, name, s string) { body(f, "text/xml", "<r "+tagName(name)+"='"+s+"'/>") },
	"XML, CDATA":        func(f *flow.Flow, name, s string) { body(f, "text/xml", "<r><![CDATA["+object(name, s)+"]]></r>") },
	"HTML": func(f *flow.Flow, name, s string) {
		body(f, "text/html", `<input type=hidden name="`+name+`" value="`+s+`"><p>x`)
	},
	"a script": func(f *flow.Flow, name, s string) { body(f, "text/html", `<script>x = `+object(name, s)+`</script>`) },
	"GWT": func(f *flow.Flow, _, s string) {
		body(f, "text/x-gwt-rpc", "7|0|5|https://h/|A|com.amazonaws.S|m|"+s+"|1|2|3|4|0|")
	},
	"GWT's answer": func(f *flow.Flow, _, s string) { body(f, "text/plain", `//OK[1,["`+s+`"],0,7]`) },
	"multipart": func(f *flow.Flow, name, s string) {
		body(f, "multipart/form-data; boundary=B", "--B\r\nContent-Disposition: form-data; name=\""+name+"\"\r\n\r\n"+s+"\r\n--B--\r\n")
	},
	"JSON in multipart": func(f *flow.Flow, name, s string) {
		body(f, "multipart/form-data; boundary=B", "--B\r\nContent-Type: application/json\r\n\r\n"+object(name, s)+"\r\n--B--\r\n")
	},
	"events":         func(f *flow.Flow, name, s string) { body(f, "text/event-stream", "data: "+object(name, s)+"\n\n") },
	"text":           func(f *flow.Flow, name, s string) { body(f, "text/plain", "x\n"+name+"="+s+"\ny") },
	"text, a field":  func(f *flow.Flow, name, s string) { body(f, "text/plain", name+": "+s+"\r\n") },
	"text with JSON": func(f *flow.Flow, name, s string) { body(f, "text/plain", "INFO got "+object(name, s)) },
	"binary":         func(f *flow.Flow, name, s string) { body(f, "application/cbor", "\xa1"+name+"\x00"+s) },
	"a vend":         func(f *flow.Flow, _, s string) { f.CredentialVend = true; body(f, "text/plain", s) },
	"sign-in":        func(f *flow.Flow, _, s string) { f.Origin = flow.OriginSignIn; body(f, "text/plain", s) },
	"STS":            func(f *flow.Flow, _, s string) { f.AWS = &flow.AWS{Service: "sts"}; body(f, "text/xml", s) },
}

func header(f *flow.Flow, name, v string) {
	f.Request.Headers = append(f.Request.Headers, flow.Header{Name: name, Value: v})
}

func body(f *flow.Flow, media, b string) {
	header(f, "Content-Type", media)
	f.Request.Body = []byte(b)
}

// header1 is a name that a header may have.
func header1(name string) string {
	return strings.NewReplacer("[", "-", "]", "", ".", "-").Replace(name)
}

// tagName is a name that an element may have.
func tagName(name string) string { return header1(name) }

func element1(name, v string) string {
	return "<" + tagName(name) + ">" + v + "</" + tagName(name) + ">"
}

func query(name, v string) string { return name + "=" + url.QueryEscape(v) }

func object(name, v string) string { return marshal(map[string]string{name: v}) }

func marshal(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func TestFlow_noSecretSurvivesAnywhere(t *testing.T) {
	n := 0
	for place, put := range placements {
		for i, name := range secretNames {
			n++
			core := fmt.Sprintf("Canary%04dx%02d", n, i)
			secret := []string{core, core + "/+=", "k9" + core + "-._~"}[i%3]
			response := &flow.Response{Headers: []flow.Header{{Name: "Content-Type", Value: "application/json"}}}
			f := &flow.Flow{Request: flow.Request{URL: "https://h/p"}, Response: response}
			put(f, name, secret)
			had := len(f.Request.Body) > 0 && !strings.Contains("binary, a vend, sign-in, STS", place)
			the.Flow(f)
			if had && (f.Request.Body == nil || !strings.Contains(everything(f), "redacted")) {
				t.Errorf("%s called %s in %s: the body is lost", secret, name, place)
			}
			if got := everything(f); strings.Contains(got, core) || strings.Contains(got, base64.StdEncoding.EncodeToString([]byte(core))) {
				t.Errorf("%s called %s survives in %s: %s", secret, name, place, got)
			}
		}
	}
	if n < 1000 {
		t.Errorf("only %d secrets were tried", n)
	}
}

// everything is all of a flow as text; what is base64 in it is decoded beside.
func everything(f *flow.Flow) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %v %s %s %s\n", f.Request.URL, f.Request.Headers, f.Request.Body, f.Page, f.Note)
	if r := f.Response; r != nil {
		fmt.Fprintf(&b, "%v %s\n", r.Headers, r.Body)
	}
	if f.Failure != nil {
		fmt.Fprintf(&b, "%+v\n", *f.Failure)
	}
	if f.AWS != nil && f.AWS.Error != nil {
		fmt.Fprintf(&b, "%+v\n", *f.AWS.Error)
	}
	if f.Conn != nil && f.Conn.Via != nil {
		fmt.Fprintf(&b, "%+v\n", *f.Conn.Via)
	}
	var extra []string
	for word := range strings.FieldsFuncSeq(b.String(), func(c rune) bool {
		return !strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", c)
	}) {
		if dec, err := base64.RawURLEncoding.DecodeString(word); err == nil {
			extra = append(extra, string(dec))
		}
		if dec, err := base64.RawStdEncoding.DecodeString(word); err == nil {
			extra = append(extra, string(dec))
		}
	}
	return b.String() + strings.Join(extra, " ")
}
