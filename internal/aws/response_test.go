package aws

import (
	"encoding/binary"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"detour/internal/cputime"
	"detour/internal/flow"
)

// event is a message of an event stream, with checksums of zero.
func event(payload string, headers ...string) string {
	var h []byte
	for i := 0; i+1 < len(headers); i += 2 {
		h = append(h, byte(len(headers[i])))
		h = append(h, headers[i]...)
		h = append(h, eventString)
		h = binary.BigEndian.AppendUint16(h, uint16(len(headers[i+1])))
		h = append(h, headers[i+1]...)
	}
	var b []byte
	b = binary.BigEndian.AppendUint32(b, uint32(eventPrelude+len(h)+len(payload)+eventTrailer))
	b = binary.BigEndian.AppendUint32(b, uint32(len(h)))
	return string(b) + "\x00\x00\x00\x00" + string(h) + payload + "\x00\x00\x00\x00"
}

func TestTag_errorsOfEveryProtocol(t *testing.T) {
	tables := load(t)
	const denied = "User: arn:aws:iam::123456789012:user/u is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::b/k "
	for _, tc := range []struct {
		name    string
		url     string
		status  int
		headers string // name: value, one a line
		body    string
		id, ext string
		want    *flow.AWSError
	}{
		{
			name: "JSON 1.0 and 1.1", status: 400, headers: "x-amzn-RequestId: 1-2",
			body: `{"__type":"com.amazon.coral.validate#ValidationException","message":"1 error: \"x\""}`, id: "1-2",
			want: &flow.AWSError{Code: "ValidationException", Message: `1 error: "x"`},
		},
		{
			name: "JSON with a capital, cut off behind the message", status: 400, body: `{"Message":"m","__type":"A#B","more":{"a":[1,`,
			want: &flow.AWSError{Code: "B", Message: "m"},
		},
		{
			name: "REST and JSON: the header's code beats the body's", status: 404,
			headers: "x-amzn-errortype: ResourceNotFoundException:http://internal.amazon.com/coral/",
			body:    `{"Type":"User","Message":"Function not found","Code":"Other"}`,
			want:    &flow.AWSError{Code: "ResourceNotFoundException", Message: "Function not found", Type: "User"},
		},
		{
			name: "JSON that was query", status: 400, headers: "x-amzn-query-error: Throttling;Sender",
			body: `{"__type":"com.amazonaws.cloudwatch#ThrottlingException","message":"Rate exceeded"}`,
			want: &flow.AWSError{Code: "ThrottlingException", Message: "Rate exceeded", Type: "Sender"},
		},
		{
			name: "a relayed answer, wrapped", url: console + "/iamv2/api/iam", status: 200,
			body: `{"status":403,"headers":{},"body":{"Error":{"Code":"AccessDenied","Message":"m"}}}`,
			want: &flow.AWSError{Code: "AccessDenied", Message: "m"},
		},
		{
			name: "a relayed answer, wrapped as text", url: console + "/iamv2/api/iam", status: 200,
			body: `{"statusCode":"400","contentString":"{\"__type\":\"x#ThrottlingException\",\"message\":\"m\"}"}`,
			want: &flow.AWSError{Code: "ThrottlingException", Message: "m"},
		},
		{
			name: "a relayed answer, wrapped XML", url: console + "/s3/proxy", status: 200,
			body: `{"status":404,"body":"<Error><Code>NoSuchBucket</Code><Message>m</Message></Error>"}`,
			want: &flow.AWSError{Code: "NoSuchBucket", Message: "m"},
		},
		{
			name: "a relayed success whose data have codes", url: console + "/x/api/lambda", status: 200,
			body: `{"status":200,"body":{"code":"x","message":"m"}}`,
		},
		{
			name: "query", status: 403,
			body: `<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>a &amp; b</Message></Error><RequestId>r-1</RequestId></ErrorResponse>`,
			id:   "r-1", want: &flow.AWSError{Code: "AccessDenied", Message: "a & b", Type: "Sender"},
		},
		{
			name: "EC2, whose encoded message stays out", status: 403,
			body: `<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<Response><Errors><Error><Code>Client.UnauthorizedOperation</Code><Message>You are not authorized. Encoded authorization failure message: SECRET</Message></Error></Errors><RequestID>r-2</RequestID></Response>`,
			id:   "r-2", want: &flow.AWSError{Code: "Client.UnauthorizedOperation", Message: "You are not authorized."},
		},
		{
			name: "S3", status: 404, headers: "x-amz-request-id: R3\nx-amz-id-2: long/id=",
			body: `<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message><Key>k</Key><RequestId>R4</RequestId><HostId>other</HostId></Error>`,
			id:   "R3", ext: "long/id=", want: &flow.AWSError{Code: "NoSuchKey", Message: "The specified key does not exist."},
		},
		{
			name: "S3, 200 and an error", status: 200,
			body: "<?xml version=\"1.0\"?>\n<Error><Code>InternalError</Code><Message>m</Message><RequestId>R4</RequestId><HostId>H</HostId></Error>",
			id:   "R4", ext: "H", want: &flow.AWSError{Code: "InternalError", Message: "m"},
		},
		{
			name: "an object that looks like an error", status: 200, body: `{"__type":"a#BException","message":"m"}`,
		},
		{
			name: "CBOR", status: 400, headers: "content-type: application/cbor",
			body: "\xa3\x66__type\x78\x1bcom.amazonaws#NotFoundError\x62at\xc1\x1a\x65\x00\x00\x00\x67message\x65gone!",
			want: &flow.AWSError{Code: "NotFoundError", Message: "gone!"},
		},
		{
			name: "CBOR of no known length", status: 400, headers: "content-type: application/cbor",
			body: "\xbf\x61x\x9f\x01\x82\x02\x03\xff\x66__type\x63a#B\xff",
			want: &flow.AWSError{Code: "B"},
		},
		{
			name: "event stream, after events", status: 200, headers: "content-type: application/vnd.amazon.eventstream",
			body: event("{}", ":message-type", "event", ":event-type", "x") +
				event(`{"message":"m"}`, ":message-type", "exception", ":exception-type", "ThrottlingException"),
			want: &flow.AWSError{Code: "ThrottlingException", Message: "m"},
		},
		{
			name: "event stream, an error without a payload", status: 200, headers: "content-type: application/vnd.amazon.eventstream",
			body: event("", ":message-type", "error", ":error-code", "InternalError", ":error-message", "m"),
			want: &flow.AWSError{Code: "InternalError", Message: "m"},
		},
		{
			name: "API Gateway", status: 403, headers: "x-amzn-errortype: ForbiddenException\nx-amz-apigw-id: G=", body: `{"message":"Forbidden"}`,
			id: "G=", want: &flow.AWSError{Code: "ForbiddenException", Message: "Forbidden"},
		},
		{name: "a message alone", status: 403, body: `{"message":"Forbidden"}`, want: &flow.AWSError{Message: "Forbidden"}},
		{name: "no body", status: 403, headers: "x-amz-request-id: R5", id: "R5"},
		{name: "no error's body", status: 502, body: "<html><head><title>502</title></head><body>Bad gateway</body></html>"},
		{
			name: "the request that was signed stays out", status: 403,
			body: `{"__type":"InvalidSignatureException","message":"The request signature does not match.\n\nThe Canonical String was\nx-amz-security-token:SECRET"}`,
			want: &flow.AWSError{Code: "InvalidSignatureException", Message: "The request signature does not match."},
		},
		{
			name: "denied by an endpoint's policy, explicitly", status: 403,
			body: `<Error><Code>AccessDenied</Code><Message>` + denied + `with an explicit deny in a VPC endpoint policy: arn:aws:ec2:us-east-1:1:vpc-endpoint/vpce-1</Message></Error>`,
			want: &flow.AWSError{
				Code: "AccessDenied", Message: denied + "with an explicit deny in a VPC endpoint policy: arn:aws:ec2:us-east-1:1:vpc-endpoint/vpce-1",
				Deny: "VPC endpoint policy", Explicit: true, PolicyARN: "arn:aws:ec2:us-east-1:1:vpc-endpoint/vpce-1",
				Action: "s3:GetObject",
			},
		},
		{
			name: "not allowed by any of a kind", status: 403,
			body: `<Error><Code>AccessDenied</Code><Message>` + denied + `because no service control policy allows the s3:GetObject action</Message></Error>`,
			want: &flow.AWSError{
				Code: "AccessDenied", Message: denied + "because no service control policy allows the s3:GetObject action", Deny: "service control policy",
				Action: "s3:GetObject",
			},
		},
		{
			name: "denied by a kind that nobody knows", status: 403,
			body: `<Error><Code>AccessDenied</Code><Message>with an explicit deny in a lunar policy</Message></Error>`,
			want: &flow.AWSError{Code: "AccessDenied", Message: "with an explicit deny in a lunar policy"},
		},
		{
			name: "the console's server says that the call failed", url: console + "/singlesignon/api/organizations", status: 200,
			body: `{"statusCode":403,"__type":"AccessDeniedException","message":"m"}`, want: &flow.AWSError{Code: "AccessDeniedException", Message: "m"},
		},
		{
			name: "data that the console's server relays", url: console + "/singlesignon/api/organizations", status: 200,
			body: `{"code":"c","message":"m","status":"200"}`,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			url := tc.url
			if url == "" {
				url = "https://b.s3.us-east-1.amazonaws.com/k"
			}
			p := &flow.Response{Status: tc.status, Body: []byte(tc.body)}
			for line := range strings.Lines(tc.headers) {
				name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
				p.Headers = append(p.Headers, flow.Header{Name: name, Value: value})
			}
			f := &flow.Flow{Request: ask("POST", url), Response: p}
			if tables.Tag(f); f.AWS == nil {
				t.Fatal("no call")
			}
			if d := cmp.Diff(tc.want, f.AWS.Error); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if f.AWS.RequestID != tc.id || f.AWS.ExtendedRequestID != tc.ext {
				t.Errorf("request ids %q %q, want %q %q", f.AWS.RequestID, f.AWS.ExtendedRequestID, tc.id, tc.ext)
			}
		})
	}
}

func TestTag_clockSkewIsTheSignaturesTimeLessTheAnswers(t *testing.T) {
	tables := load(t)
	answered := &flow.Response{Status: 403, Headers: []flow.Header{{Name: "date", Value: "Mon, 23 Nov 2026 10:28:00 GMT"}}}
	const presigned = "https://b.s3.us-east-1.amazonaws.com/k?X-Amz-Signature=0&X-Amz-Date=20261123T102700Z"
	for _, tc := range []struct {
		request flow.Request
		want    time.Duration
	}{
		{ask("POST", "https://logs.us-east-1.amazonaws.com/", "x-amz-date", "20261123T104801Z"), 20*time.Minute + time.Second},
		{ask("GET", presigned), -time.Minute},
		{ask("POST", "https://logs.us-east-1.amazonaws.com/", "x-amz-date", "yesterday"), 0},
		{ask("POST", "https://logs.us-east-1.amazonaws.com/"), 0},
	} {
		f := &flow.Flow{Request: tc.request, Response: answered}
		if tables.Tag(f); f.AWS.ClockSkew != tc.want {
			t.Errorf("%s: %v, want %v", tc.request.URL, f.AWS.ClockSkew, tc.want)
		}
	}
}

func FuzzReport(f *testing.F) {
	f.Add([]byte(`{"__type":"a#B","error":{"code":"c"},"message":"\u00e4","n":[1,{"x":"}"}]`), "")
	f.Add([]byte(`<Error><Code>a</Code><Message>`), "text/xml")
	f.Add([]byte("\xbf\x66__type\x63a#B\xff"), "application/cbor")
	f.Add([]byte("\xc0\xc0\xc0\x9b\xff\xff\xff\xff\xff\xff\xff\xff"), "application/cbor")
	f.Add([]byte(event("{}", ":message-type", "exception")), "application/vnd.amazon.eventstream")
	f.Fuzz(func(t *testing.T, body []byte, contentType string) {
		r := readErrorBody(body, contentType)
		e := callError(&flow.Response{}, &r)
		if e != nil && (len(e.Message) > maxMessage || e.Code != "" && !isCode(e.Code)) {
			t.Errorf("%+v", e)
		}
		members(body, func(key string, value []byte) bool {
			if len(value) == 0 || len(key)+len(value) > len(body) {
				t.Errorf("%q: %q in %q", key, value, body)
			}
			return true
		})
	})
}

// What is repeated, deep, or never ends takes no more time than its length.
func TestReadReport_timeIsBounded(t *testing.T) {
	for name, body := range map[string]string{
		"deep JSON":    strings.Repeat(`{"error":`, 1<<20),
		"wide JSON":    "{" + strings.Repeat(`"error":{},`, 1<<20),
		"deep XML":     strings.Repeat("<a>", 1<<20),
		"deep arrays":  "{\"a\":" + strings.Repeat("[", 1<<20),
		"CBOR tags":    "\xbf" + strings.Repeat("\xc0", 1<<20),
		"deep CBOR":    "\xbf" + strings.Repeat("\x9f", 1<<20),
		"event stream": strings.Repeat(event("", "a", "b"), 1<<16),
	} {
		for _, contentType := range []string{"", "application/cbor", "application/vnd.amazon.eventstream"} {
			if took := cputime.Of(func() { readErrorBody([]byte(body), contentType) }); took > time.Second {
				t.Errorf("%s as %q takes %v", name, contentType, took)
			}
		}
	}
}

// TestTag_namesFromTheNetworkAreNames checks that what a server or a page may choose is
// neither too long nor of another alphabet.
func TestTag_namesFromTheNetworkAreNames(t *testing.T) {
	tables := load(t)
	long := strings.Repeat("x", 500)
	for _, odd := range []string{"a b", "a\x1b[31m", "<b>", long, "9a8b", "x" + strings.Repeat("12345678", 2), "a=b", "é"} {
		f := &flow.Flow{Request: ask("POST", "https://logs.us-east-1.amazonaws.com/", "Origin", console, "X-Amz-Target", "Logs_20140328."+odd,
			"X-Amz-Requested-Operation", odd)}
		f.Response = &flow.Response{Status: 400, Headers: []flow.Header{
			{Name: "x-amzn-errortype", Value: odd}, {Name: "x-amzn-query-error", Value: odd + ";" + odd},
		}, Body: []byte(`{"__type":` + strconv.Quote(odd) + `,"message":"no","type":` + strconv.Quote(odd) + `,"requestId":"a b"}`)}
		tables.Tag(f)
		if a := f.AWS; a.Operation != "" || a.Error == nil || a.Error.Code != "" || a.Error.Type != "" || a.RequestID != "" {
			t.Errorf("%q: operation %q, ID %q, error %+v", odd, a.Operation, a.RequestID, a.Error)
		}
	}
	for _, id := range []string{"a b", "\x1b[31m", long, "é"} {
		f := &flow.Flow{Request: ask("POST", "https://logs.us-east-1.amazonaws.com/", "Origin", console)}
		f.Response = &flow.Response{Status: 200, Headers: []flow.Header{
			{Name: "x-amzn-requestid", Value: id}, {Name: "x-amz-id-2", Value: id}, {Name: "x-amz-apigw-id", Value: "abc_-=="},
		}}
		tables.Tag(f)
		if f.AWS.RequestID != "abc_-==" || f.AWS.ExtendedRequestID != "" {
			t.Errorf("%q: IDs %q and %q", id, f.AWS.RequestID, f.AWS.ExtendedRequestID)
		}
	}
}
