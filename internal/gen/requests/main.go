// Command requests writes the requests that the serialisers of aws-sdk-go v1 make for
// every operation of every service, to test how detour classifies them. Nothing is sent.
//
//	go run ./requests > requests.tsv
package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/aws/credentials"
	"github.com/aws/aws-sdk-go/aws/request"
	"github.com/aws/aws-sdk-go/aws/session"
)

// maxBody bounds what is written of a body: enough for Action and Version.
const maxBody = 4096

func main() {
	out := bufio.NewWriter(os.Stdout)
	fmt.Fprintln(out, "service_id\toperation\tmethod\turl\theaders\tform")
	made, failed := 0, 0
	s := session.Must(session.NewSession(&aws.Config{
		Region: aws.String("us-east-1"), Credentials: credentials.NewStaticCredentials("AKIDEXAMPLE", "secret", ""),
		HTTPClient: &http.Client{Transport: &http.Transport{DialContext: nothing}}, // two services ask for their endpoint first
		Logger:     aws.LoggerFunc(func(...any) {}),                                // stdout is data alone
	}))
	for _, newClient := range services {
		client := reflect.ValueOf(newClient(s))
		for i := range client.NumMethod() {
			name := client.Type().Method(i).Name
			method := client.Method(i)
			operation, ok := strings.CutSuffix(name, "Request")
			if !ok || method.Type().NumIn() != 1 || method.Type().NumOut() != 2 ||
				method.Type().Out(0) != reflect.TypeFor[*request.Request]() { // an operation may be called …Request
				continue
			}
			last := ""
			for _, all := range []bool{false, true} {
				r, err := build(method, all)
				if err != nil {
					failed++
					fmt.Fprintf(os.Stderr, "%T %s: %v\n", client.Interface(), operation, err)
					continue
				}
				if line := line(r); line != last {
					made++
					fmt.Fprintln(out, line)
					last = line
				}
			}
		}
	}
	if err := out.Flush(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Fprintf(os.Stderr, "%d requests, %d that can't be built\n", made, failed)
}

// nothing sends nothing.
func nothing(context.Context, string, string) (net.Conn, error) {
	return nil, errors.New("nothing is sent")
}

// build has the SDK make a request, with what is required or with all that goes
// into path, query and headers.
func build(method reflect.Value, all bool) (*request.Request, error) {
	input := reflect.New(method.Type().In(0).Elem())
	fill(input.Elem(), all, 0)
	r, ok := method.Call([]reflect.Value{input})[0].Interface().(*request.Request)
	if !ok {
		return nil, errors.New("not a request")
	}
	return r, r.Build()
}

// dated is what CloudFront's models put behind the names of operations.
var dated = regexp.MustCompile(`20\d\d_\d\d_\d\d$`)

// token is what SDKs make up for members that make a call idempotent.
var token = regexp.MustCompile(`[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}`)

// signed is what the time is in, in a URL that is signed within a form.
var signed = regexp.MustCompile(`X-Amz-(Date|Credential|Signature)%3D.*?(%26|&|$)`)

// line is a request as a line of the table.
func line(r *request.Request) string {
	var headers []string
	for _, name := range []string{"X-Amz-Target", "X-Amz-Copy-Source"} {
		if v := r.HTTPRequest.Header.Get(name); v != "" {
			headers = append(headers, name+"="+v)
		}
	}
	form := ""
	if strings.HasPrefix(r.HTTPRequest.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		if b, err := io.ReadAll(io.LimitReader(r.GetBody(), maxBody)); err == nil {
			form = string(b)
		}
	}
	made := strings.Join([]string{
		r.ClientInfo.ServiceID, dated.ReplaceAllString(r.Operation.Name, ""), r.HTTPRequest.Method, r.HTTPRequest.URL.String(),
		strings.Join(headers, "|"), form,
	}, "\t")
	made = token.ReplaceAllString(made, "00000000-0000-0000-0000-000000000000")
	return signed.ReplaceAllString(made, "X-Amz-$1%3Dx$2")
}

// fill gives a structure's required members values, and if all is set those that
// go into the URL and the headers too.
func fill(v reflect.Value, all bool, depth int) {
	t := v.Type()
	for i := range t.NumField() {
		f, tag := v.Field(i), t.Field(i).Tag
		location := tag.Get("location")
		wanted := tag.Get("required") == "true" || location == "uri" || all && (location == "querystring" || location == "header")
		if wanted && f.CanSet() && depth < 8 {
			set(f, t.Field(i).Name, tag, all, depth)
		}
	}
}

func set(f reflect.Value, name string, tag reflect.StructTag, all bool, depth int) {
	switch f.Kind() {
	case reflect.Ptr:
		f.Set(reflect.New(f.Type().Elem()))
		if f.Type().Elem().Kind() == reflect.Struct {
			fill(f.Elem(), all, depth+1)
			return
		}
		set(f.Elem(), name, tag, all, depth)
	case reflect.String:
		value := text(name, tag.Get("enum"))
		f.SetString(value + strings.Repeat("x", max(0, least(tag)-len(value))))
	case reflect.Bool:
		f.SetBool(true)
	case reflect.Int64:
		f.SetInt(int64(max(1000, least(tag))))
	case reflect.Float64:
		f.SetFloat(1)
	case reflect.Slice:
		if f.Type().Elem().Kind() == reflect.Uint8 {
			f.SetBytes(bytes.Repeat([]byte("{}"), max(1, least(tag))))
			return
		}
		n := max(1, least(tag))
		f.Set(reflect.MakeSlice(f.Type(), n, n))
		for i := range n {
			set(f.Index(i), name, "", all, depth+1)
		}
	case reflect.Map:
		f.Set(reflect.MakeMap(f.Type()))
		value := reflect.New(f.Type().Elem()).Elem()
		set(value, name, "", all, depth+1)
		f.SetMapIndex(reflect.ValueOf(aws.String("key")).Elem().Convert(f.Type().Key()), value)
	case reflect.Interface:
		if f.Type() == reflect.TypeFor[io.ReadSeeker]() {
			f.Set(reflect.ValueOf(strings.NewReader("body")))
		}
	default:
	}
}

// least is the length that the SDK checks for; 0 if none.
func least(tag reflect.StructTag) int {
	n, err := strconv.Atoi(tag.Get("min"))
	if err != nil {
		return 0
	}
	return n
}

// text is a value that is long enough for what SDKs check, and of a form that
// such a member has.
func text(name, enum string) string {
	switch {
	case enum != "":
		return "ENUM"
	case strings.Contains(strings.ToLower(name), "arn"):
		return "arn:aws:service:us-east-1:123456789012:kind/some-name"
	case name == "AccountId", name == "AwsAccountId":
		return "123456789012"
	case name == "CopySource":
		return "bucket/some/key"
	case name == "Key":
		return "some/key of mine"
	}
	return "some-" + strings.ToLower(name) + "-0123456789abcdefghijklmnopqrstuvw"
}
