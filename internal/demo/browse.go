package demo

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
	"time"
)

// A scripted request is one that the script of a page sends.
type scripted struct {
	service string // "" for the console itself
	target  string // X-Amz-Target, or the EC2 operation
	page    Page
}

// calls are the requests of the pages, as in web/console.js.
func calls() []scripted {
	p := Pages()
	const metrics, logs = "GraniteServiceVersion20100801.", "Logs_20140328."
	return []scripted{
		{page: p[0], target: "DescribeInstances"},
		{page: p[0], target: "DescribeNetworkInterfaces"},
		{page: p[0], service: "monitoring", target: metrics + "GetMetricData"},
		{page: p[1], service: "monitoring", target: metrics + "GetMetricData"},
		{page: p[1], service: "monitoring", target: metrics + "DescribeAlarms"},
		{page: p[2], service: "logs", target: logs + "DescribeLogGroups"},
		{page: p[2], service: "ec2", target: "AmazonEC2.DescribeRegions"},
	}
}

// Browse opens the three pages one after the other, pause apart, with a client that stands
// for a browser that was just started: no permission to call a service is cached, so it asks
// before each call that a page sends to a service (Fetch standard, "CORS-preflight fetch"). It
// returns when every call has ended.
func Browse(ctx context.Context, client *http.Client, pause time.Duration) {
	var pages sync.WaitGroup
	for _, p := range Pages() {
		pages.Go(func() { openPage(ctx, client, p) })
		if wait(ctx, pause) != nil {
			break
		}
	}
	pages.Wait()
}

// openPage loads a page and its script, and then sends all of its calls.
func openPage(ctx context.Context, client *http.Client, p Page) {
	fetch(ctx, client, "GET", p.URL(), "", map[string]string{
		"Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate", "Accept": "text/html,*/*;q=0.8",
	})
	fetch(ctx, client, "GET", "https://"+StaticHost+"/console.js", "", map[string]string{
		"Sec-Fetch-Dest": "script", "Referer": p.URL(),
	})
	var all sync.WaitGroup
	for _, c := range calls() {
		if c.page == p {
			all.Go(func() { c.send(ctx, client) })
		}
	}
	all.Wait()
}

// send sends one call. Of a call to CloudWatch, it reports the duration as a page of the
// console does.
func (c scripted) send(ctx context.Context, client *http.Client) {
	header := map[string]string{
		"Origin": "https://" + ConsoleHost, "Referer": c.page.URL(), "Sec-Fetch-Dest": "empty", "Sec-Fetch-Mode": "cors",
	}
	if c.service == "" {
		header["Content-Type"], header["X-Csrf-Token"] = "application/json", "made-up"
		fetch(ctx, client, "POST", "https://"+ConsoleHost+"/ec2/ecb/elastic/?call=com.amazonaws.ec2.AmazonEC2."+c.target, "{}", header)
		return
	}
	begin := time.Now()
	header["Referer"] = "https://" + ConsoleHost + "/" // other hosts are told the origin only (Referrer Policy, "default")
	c.sendDirect(ctx, client, header)
	if c.service == "monitoring" {
		name := c.target[strings.LastIndexByte(c.target, '.')+1:]
		url := fmt.Sprintf("https://%s/p/log/1/cloudwatch/1/OP/&k0=%s_Time&m0=%d&cb=%d",
			ConsoleHost, name, time.Since(begin).Milliseconds(), time.Now().UnixMilli())
		fetch(ctx, client, "GET", url, "", map[string]string{"Referer": c.page.URL(), "Sec-Fetch-Dest": "empty"})
	}
}

// sendDirect sends a call to a service: first its preflight, and then the call, if the
// service permits it.
func (c scripted) sendDirect(ctx context.Context, client *http.Client, header map[string]string) {
	url := "https://" + c.service + "." + Region + ".amazonaws.com/"
	preflight := maps.Clone(header)
	preflight["Access-Control-Request-Method"] = "POST"
	preflight["Access-Control-Request-Headers"] = "authorization,content-type,x-amz-date,x-amz-security-token,x-amz-target"
	if status := fetch(ctx, client, "OPTIONS", url, "", preflight); status < 200 || status > 299 {
		return
	}
	now := time.Now().UTC()
	header["Content-Type"] = "application/x-amz-json-1.1"
	header["X-Amz-Target"] = c.target
	header["X-Amz-Date"] = now.Format("20060102T150405Z")
	header["X-Amz-Security-Token"] = "IQoJb3JpZ2luMADEUPFORTHELAB"
	header["Authorization"] = fmt.Sprintf("AWS4-HMAC-SHA256 Credential=ASIAMADEUPFORLAB0001/%s/%s/%s/aws4_request, "+
		"SignedHeaders=host;x-amz-date;x-amz-security-token;x-amz-target, Signature=%s",
		now.Format("20060102"), Region, c.service, strings.Repeat("0", 64))
	fetch(ctx, client, "POST", url, "{}", header)
}

// fetch sends a request, discards the response, which the proxy records, and returns its
// status; 0 if there is none.
func fetch(ctx context.Context, client *http.Client, method, url, body string, header map[string]string) (status int) {
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader([]byte(body)))
	if err != nil {
		return 0
	}
	for name, v := range header {
		req.Header.Set(name, v)
	}
	req.Header.Set("User-Agent", "detour demo")
	resp, err := client.Do(req)
	if err != nil {
		return 0
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	return resp.StatusCode
}
